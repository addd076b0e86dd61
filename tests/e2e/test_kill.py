# SPDX-License-Identifier: Apache-2.0
"""Killed at every write: what was begun is found again, nothing is made twice, the ledger says what was open.

An undisturbed application is run first; it makes N writes. Then, for each of them, charterd is killed before the write
reaches the service, while its answer is awaited, and once it is answered. TEST_SHARE=M takes each Mth write only.
"""
import collections
import functools
import json
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
        n_passes = len([line for line in place.ledger() if line["record"] == "pass"])
        place.start_daemon()
        wait_until(lambda: len([line for line in place.ledger() if line["record"] == "pass"]) > n_passes,
                   STALL_SECONDS, "a pass of the new daemon")
        place.converge()
        counts = check_settled(place, intents, truth, where)
        check_equal(place.stop_daemon(), 0, "exit of the daemon")
        check_end(place, wanted)
        return counts


def undisturbed():
    """The snapshot after an application nothing disturbed, and how many writes it makes until a brake holds, and in all."""
    with new_place() as place:
        check_equal(place.run("apply").returncode, 3, "exit of a first apply (a brake is to hold)")
        n_before_brake = len(place.requests(kind="write"))
        place.converge()
        n_writes = len(place.requests(kind="write"))
        check(n_writes > n_before_brake, "nothing was written once the brake was released")
        wanted = place.snapshot()
        check_end(place, wanted)
        return wanted, n_before_brake, n_writes


def name_of(where_and_k):
    return "{} write {}".format(*where_and_k)


def test_killed_at_each_write():
    wanted, _, n_writes = undisturbed()
    cases = [(where, k) for k in range(1, n_writes + 1, share()) for where in PLACES]
    print(f"  an application makes N = {n_writes} writes; killed before, during and after "
          f"{'each' if share() == 1 else f'one in {share()}'} of them: {len(cases)} runs", flush=True)
    totals = sum(in_parallel(functools.partial(case, wanted), cases, AT_ONCE, name_of=name_of), collections.Counter())
    print(f"  {len(cases)} kills; open intents ended: {dict(totals)}", flush=True)


def test_killed_daemon():
    wanted, n_before_brake, _ = undisturbed()
    cases = [(where, k) for k in range(1, n_before_brake + 1, 5 * share()) for where in PLACES]
    print(f"  the daemon: {len(cases)} runs", flush=True)
    totals = sum(in_parallel(functools.partial(daemon_case, wanted), cases, AT_ONCE, name_of=name_of), collections.Counter())
    print(f"  {len(cases)} kills; open intents ended: {dict(totals)}", flush=True)


if __name__ == "__main__":
    main()
