# SPDX-License-Identifier: Apache-2.0
"""Killed at every write: what was begun is found again, nothing is made twice, the ledger says what was open.

An undisturbed application is run first; it makes N writes. Then, for each of them, charterd is killed before the write
reaches the service, while its answer is awaited, and once it is answered. TEST_SHARE=M takes each Mth write only.
Then it is killed at moments drawn at random while it changes things, again and again; `tests/soak --kills N` does more.
"""
import collections
import functools
import json
import random
import time
import urllib.parse

from harness import (COMMANDS_MAX, FIXTURES, ROOT, Failure, Place, check, check_equal, in_parallel, main, next_command,
                     share, wait_until)

SEED = FIXTURES / "mlops.json"
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
SETTLE_SECONDS = 1
# A brake holds the removals, so that what is released is killed too.
LIMITS = {"requests_per_5_minutes": "none", "removals": "1%", "removals_floor": 0, "settle": f"{SETTLE_SECONDS}s"}
AT_ONCE = 4
STALL_SECONDS = 20
ANSWER_SECONDS = 0.05  # so long an answer that was sent takes to be read
PAUSE_SECONDS = SETTLE_SECONDS + 0.1  # what is not seen after it is not there
CLOSED = {"done", "not done", "unknown"}
RANDOM_KILLS = 40
RANDOM_SEED = 1
SHARE_OF_DAEMON = 0.25
SHARE_OF_SECOND_KILL = 0.4
SECOND_KILL_REQUESTS_MAX = 60  # of the next process, from its first reading to its writes
LATE_MS = 40
MOMENT_SECONDS = 0.03  # a write, a line of the ledger and the next write take less

# Where it is killed: the fault that holds it there.
PLACES = {
    "before": lambda k: {"kind": "stall", "on": "write", "skip": k - 1, "count": 1},
    "during": lambda k: {"kind": "held", "on": "write", "skip": k - 1, "count": 1},
    "after": lambda k: {"kind": "stall", "after_writes": k},
}


def new_place():
    return Place(SEED, charter=CHARTER, limits=LIMITS)


# --- what is run ------------------------------------------------------------------------------------------------------

def is_stalled(place):
    return place.simulator.control("GET", "faults")[0]["applied"] > 0


def run_until_stalled(place):
    """Commands as in converge(), until the fault shows. The process that hangs; None when there was none."""
    done = None
    for _ in range(COMMANDS_MAX):
        command = next_command(done)
        if command is None:
            return None
        process = place.start(*command)
        wait_until(lambda: is_stalled(place) or process.poll() is not None, STALL_SECONDS, "a stalled request")
        if is_stalled(place):
            return process
        done = place.finish(process)
    raise Failure("neither stalled nor done")


def kill(place, process):
    time.sleep(ANSWER_SECONDS)
    process.kill()
    place.finish(process)
    place.simulator.control("DELETE", "faults")


# --- what is checked --------------------------------------------------------------------------------------------------

def open_intents(place):
    """By change id, from the ledger's own lines."""
    intents = {}
    for line in place.ledger():
        if line["record"] == "intent":
            intents[line["change_id"]] = line
        elif line["record"] == "outcome":
            intents.pop(line["change_id"], None)
    return intents


def outcomes(place):
    return {line["change_id"]: line["result"] for line in place.ledger() if line["record"] == "outcome"}


def history(place):
    return json.loads(place.expect(0, "history", "-o", "json").stdout)


def check_history(place, intents):
    """Before the next start: exactly the open ones are shown without a result."""
    shown = {change["change_id"] for change in history(place) if change["result"] is None}
    check_equal(shown, set(intents), "changes without a result")


# Where the snapshot names what the steps of a kind make, and how.
THINGS = {
    "repositories": ("things", "repository", "{name}"),
    "pipeline_folders": ("things", "pipeline folder", "\\{name}"),
    "areas": ("things", "area", "{project}\\{name}"),
    "teams": ("people", "team", "[{project}]\\{name}"),
}


def is_made(place, intent, snapshot):
    section, key, form = THINGS[intent["step"]["kind"]]
    name = form.format(**intent["step"])
    return any(row.get(key) == name for row in snapshot[section])


def is_member(place, intent, snapshot):
    row = {"group": intent["container"], "member": intent["principal"]}
    return (row in snapshot["memberships"]) == (intent["step"]["after"] == "member")


def has_entry(place, intent, snapshot):
    """The entry of the token as the service keeps it."""
    identity = place.ask(f"_apis/identities?identityIds={intent['storage_key']}")["value"][0]
    token = urllib.parse.quote(intent["token"], safe="")
    lists = place.ask(f"_apis/accesscontrollists/{intent['namespace']}?token={token}")["value"]
    entries = lists[0]["acesDictionary"] if lists else {}
    entry = entries.get(identity["descriptor"], {"allow": 0, "deny": 0})
    return {"allow": entry["allow"], "deny": entry["deny"]} == intent["masks_after"]


def has_areas(place, intent, snapshot):
    """Each of these teams has one area, of its own name."""
    step = intent["step"]
    return any(row["team"] == intent["principal"] and row.get("area") == f"{step['project']}\\{step['name']}"
               for row in snapshot["teams"])


IS_DONE = {"create": is_made, "add_member": is_member, "remove_member": is_member, "set_entry": has_entry,
           "remove_entry": has_entry, "set_admin": has_entry, "remove_admin": has_entry, "set_areas": has_areas}


def truths(place, intents):
    """Of each open intent whether it is done, by what the service has; asked before the next start."""
    snapshot = place.snapshot()
    return {change_id: IS_DONE[intent["step"]["verb"]](place, intent, snapshot)
            for change_id, intent in intents.items()}


def check_settled(place, intents, truth, where):
    """After the next start: each open one has an outcome, and it is true. Lists of areas may stay unknown, and what
    was written so lately that it may not show yet."""
    found = outcomes(place)
    for change_id, intent in intents.items():
        step, result = intent["step"], found.get(change_id)
        what = f"{step['verb']} {step['kind']} {step['name']} {step['principal'] or ''}"
        check(result in CLOSED, f"{what}: outcome {result}")
        check(result != "unknown" or where != "before" or step["verb"] == "set_areas", f"{what}: unknown after a pause")
        check(result != ("not done" if truth[change_id] else "done"), f"{what}: said to be {result}, which is not so")
    return collections.Counter(found[change_id] for change_id in intents)


def check_end(place, wanted):
    place.check_made_once()
    check_equal(open_intents(place), {}, "open intents at the end")
    place.expect(0, "history", "--verify")
    place.clear_log()
    place.expect(0, "plan")
    check_equal(place.requests(kind="write"), [], "writes of a plan")
    place.check_snapshot(wanted)


# --- what was done to each thing, and how often -----------------------------------------------------------------------

def ledger_effects(place):
    """What was, or may have been, made of each thing a step is about."""
    results, effects = outcomes(place), {}
    for line in place.ledger():
        if line["record"] != "intent" or results[line["change_id"]] == "not done":
            continue
        step = line["step"]
        key = (step["kind"], step["name"], step["principal"], line.get("container"), step["verb"] == "set_areas")
        masks = line.get("masks_after")
        effects.setdefault(key, set()).add((masks["allow"], masks["deny"]) if masks else step["after"])
    return effects


def entry_effects(request):
    """Keys and effects of a write to entries: each entry is a thing of its own."""
    url = urllib.parse.urlsplit(request["url"])
    query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
    if request["method"] == "DELETE":
        return [((url.path, query["token"], descriptor), "gone") for descriptor in query["descriptors"].split(",")]
    body = json.loads(request["body"])
    return [((url.path, body["token"], entry["descriptor"]), (body["merge"], entry.get("allow", 0), entry.get("deny", 0)))
            for entry in body["accessControlEntries"]]


def service_effects(place):
    """The same by what the service carried out; creations are looked at by check_made_once()."""
    effects = {}
    for request in place.requests(kind="write"):
        if request["status"] != 200 and "/memberships/" not in request["url"] or request["status"] >= 300:
            continue
        if "/accesscontrolentries/" in request["url"]:
            found = entry_effects(request)
        else:
            path = urllib.parse.urlsplit(request["url"]).path
            found = [(path, (request["method"], request.get("body")))]
        for key, effect in found:
            effects.setdefault(key, set()).add(effect)
    return effects


def check_effects(place, wanted):
    """Nothing got lost of what an undisturbed run writes down; nothing was done again with another effect."""
    found = ledger_effects(place)
    check_equal(found, wanted, "what the ledger says was made of each thing")
    twice = {key: effects for key, effects in service_effects(place).items() if len(effects) > 1}
    check(not twice, f"done again with another effect: {twice}")


# --- cases ------------------------------------------------------------------------------------------------------------

def case(wanted, where_and_k):
    """One kill. How the open intents ended."""
    where, k = where_and_k
    with new_place() as place:
        place.simulator.control("POST", "faults", PLACES[where](k))
        process = run_until_stalled(place)
        if process is None:
            check_equal(where, "after", "no request stalled")
            check_end(place, wanted)
            return collections.Counter({"ended by itself": 1})
        kill(place, process)
        intents = open_intents(place)
        check(intents or where == "after", "a write was under way without an open intent")
        check_history(place, intents)
        truth = truths(place, intents)
        if where == "before":
            time.sleep(PAUSE_SECONDS)
        place.converge()
        counts = check_settled(place, intents, truth, where)
        check_end(place, wanted)
        return counts


def start_again(place):
    """A daemon after one that was killed, whose socket is still there: it works once it has done a pass."""
    n_passes = len([line for line in place.ledger() if line["record"] == "pass"])
    place.start_daemon()
    wait_until(lambda: len([line for line in place.ledger() if line["record"] == "pass"]) > n_passes,
               STALL_SECONDS, "a pass of the new daemon")


def daemon_case(wanted, where_and_k):
    """The same with the daemon, before and after; what is held is released in between by a command to it."""
    where, k = where_and_k
    with new_place() as place:
        place.simulator.control("POST", "faults", PLACES[where](k))
        place.start_daemon(wait=False)
        wait_until(lambda: is_stalled(place), STALL_SECONDS, "a stalled request")
        time.sleep(ANSWER_SECONDS)
        place.kill_daemon()
        place.simulator.control("DELETE", "faults")
        intents = open_intents(place)
        check(intents or where == "after", "a write was under way without an open intent")
        check_history(place, intents)
        truth = truths(place, intents)
        if where == "before":
            time.sleep(PAUSE_SECONDS)
        start_again(place)
        place.converge()
        counts = check_settled(place, intents, truth, where)
        check_equal(place.stop_daemon(), 0, "exit of the daemon")
        check_end(place, wanted)
        return counts


def n_requests(place, **filters):
    return place.simulator.control("GET", "log/counts?" + urllib.parse.urlencode(filters))["requests"]


def wait_for_quiet(place):
    """What was on its way to the service when its sender died is done, or will never be."""
    before = None
    while before != (before := n_requests(place)):
        time.sleep(2 * LATE_MS / 1000)


class Moments:
    """Kills of one place at moments that a seed chooses, and what they left."""

    def __init__(self, place, seed, n_writes, n_before_brake):
        self.place = place
        self.draw = random.Random(seed)
        self.is_daemon = self.draw.random() < SHARE_OF_DAEMON
        self.n_writes = self.draw.randrange(1, n_before_brake if self.is_daemon else n_writes)
        self.counts = collections.Counter()
        self.intents, self.truth = {}, {}
        for kind in ("delay", "late"):  # else hardly any would be under way
            place.fault(kind, on="write", ms=LATE_MS, share=0.3, seed=seed)

    def start(self, command):
        return self.place.start_daemon(wait=False) if self.is_daemon else self.place.start(*command)

    def reach(self, process, is_there):
        """True: the moment has come and the process is dead; False: it ended by itself before."""
        wait_until(lambda: process.poll() is not None or is_there(), STALL_SECONDS, "the moment of a kill")
        time.sleep(self.draw.uniform(0, MOMENT_SECONDS))
        if process.poll() is not None:
            return False
        process.kill()
        process.wait()
        return True

    def note(self):
        """What the kill left, before anything else runs."""
        wait_for_quiet(self.place)
        self.place.expect(0, "history", "--verify")
        open_now = open_intents(self.place)
        check_history(self.place, open_now)
        self.intents.update(open_now)
        self.truth.update(truths(self.place, open_now))
        self.counts["kills of the daemon" if self.is_daemon else "kills of a command"] += 1
        self.counts["kills with open intents"] += bool(open_now)

    def first(self):
        """Commands as in converge(), until so many writes were seen."""
        done = None
        while command := next_command(done):
            process = self.start(command)
            if self.reach(process, lambda: n_requests(self.place, kind="write") >= self.n_writes):
                self.note()
                return True
            done = self.place.finish(process)
        return False

    def second(self):
        """The process that comes after, at any of its requests."""
        n = n_requests(self.place) + self.draw.randrange(SECOND_KILL_REQUESTS_MAX)
        process = self.start(["apply"])
        if self.is_daemon:
            time.sleep(self.draw.uniform(0, 10 * MOMENT_SECONDS))
            n = 0
        if self.reach(process, lambda: n_requests(self.place) >= n):
            self.note()


def random_case(wanted, effects, n_before_brake, n_writes, seed):
    with new_place() as place:
        moments = Moments(place, seed, n_writes, n_before_brake)
        if not moments.first():
            return collections.Counter({"ended by itself": 1})
        if moments.draw.random() < SHARE_OF_SECOND_KILL:
            moments.second()
        place.clear_faults()
        if moments.draw.random() < 0.5:
            time.sleep(PAUSE_SECONDS)
        if moments.is_daemon:
            start_again(place)
        place.converge()
        settled = check_settled(place, moments.intents, moments.truth, "at any moment")
        if moments.is_daemon:
            check_equal(place.stop_daemon(), 0, "exit of the daemon")
        check_effects(place, effects)
        check_end(place, wanted)
        return moments.counts + collections.Counter({f"ended {result}": n for result, n in settled.items()})


def kill_at_random(n_kills, seed):
    """Cases until so many kills were made; prints what they found."""
    wanted, n_before_brake, n_writes, effects = undisturbed()
    totals, next_seed = collections.Counter(), seed * 1_000_000
    while (n_left := n_kills - sum(n for what, n in totals.items() if what.startswith("kills of"))) > 0:
        seeds = range(next_seed, next_seed + n_left)
        next_seed += n_left
        totals += sum(in_parallel(functools.partial(random_case, wanted, effects, n_before_brake, n_writes), seeds,
                                  AT_ONCE, name_of=lambda case: f"seed {case}"), collections.Counter())
    print(f"  seed {seed}: {dict(totals)}", flush=True)


def undisturbed():
    """The snapshot after an application nothing disturbed, and how many writes it makes until a brake holds, and in all."""
    with new_place() as place:
        check_equal(place.run("apply").returncode, 3, "exit of a first apply (a brake is to hold)")
        n_before_brake = len(place.requests(kind="write"))
        place.converge()
        n_writes = len(place.requests(kind="write"))
        check(n_writes > n_before_brake, "nothing was written once the brake was released")
        wanted = place.snapshot()
        effects = ledger_effects(place)
        check_effects(place, effects)
        check_end(place, wanted)
        return wanted, n_before_brake, n_writes, effects


def name_of(where_and_k):
    return "{} write {}".format(*where_and_k)


def test_killed_at_each_write():
    wanted, _, n_writes, _ = undisturbed()
    cases = [(where, k) for k in range(1, n_writes + 1, share()) for where in PLACES]
    print(f"  an application makes N = {n_writes} writes; killed before, during and after "
          f"{'each' if share() == 1 else f'one in {share()}'} of them: {len(cases)} runs", flush=True)
    totals = sum(in_parallel(functools.partial(case, wanted), cases, AT_ONCE, name_of=name_of), collections.Counter())
    print(f"  {len(cases)} kills; open intents ended: {dict(totals)}", flush=True)


def test_killed_daemon():
    wanted, n_before_brake, _, _ = undisturbed()
    cases = [(where, k) for k in range(1, n_before_brake + 1, 5 * share()) for where in PLACES]
    print(f"  the daemon: {len(cases)} runs", flush=True)
    totals = sum(in_parallel(functools.partial(daemon_case, wanted), cases, AT_ONCE, name_of=name_of), collections.Counter())
    print(f"  {len(cases)} kills; open intents ended: {dict(totals)}", flush=True)


def test_killed_at_random_moments():
    kill_at_random(RANDOM_KILLS // share(), RANDOM_SEED)


if __name__ == "__main__":
    main()
