# SPDX-License-Identifier: Apache-2.0
"""The brakes: what looks like a mistake is held, shown wherever a person looks, and goes only when somebody lets it go."""
import json
import re

from harness import Place, check, check_equal, free_address, in_parallel, main, wait_until
from test_outage import faketime, is_sanitized

WORKERS = 4
SPEED = 200           # so many of charterd's seconds are one, where hours pass
PAUSE_SECONDS = 600   # that the service asks for; longer ones are taken for an outage
OLDEST_SECONDS = 600  # nothing is written from what was read longer ago
HEAD = "charter: 1\norganization: https://dev.azure.com/contoso\n"
AUDITED = ["ana@contoso.com", "ben@contoso.com", "cleo@contoso.com", "dan@contoso.com", "eva@contoso.com"]
AT_RED = {"project": "Shop", "kind": "repository", "name": "red"}


def seed(groups=(), permissions=()):
    """An organisation with two projects. The keeper may read it, and administers what its groups let it."""
    people = [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
              {"user": "keeper@contoso.com", "pat": "keeper"}] + [{"user": user} for user in AUDITED]
    return {"organization": "contoso", "people": people, "projects": [
        {"name": "Shop", "creator": "admin@contoso.com", "repositories": ["red", "blue"], "groups": list(groups),
         "teams": [{"name": "Red"}, {"name": "Blue"}, {"name": "Green"}], "permissions": list(permissions)},
        {"name": "Lab", "creator": "admin@contoso.com", "teams": [{"name": "Night"}]},
    ], "permissions": [
        {"principal": "keeper@contoso.com", "kind": "projects", "allow": ["GENERIC_READ"]},
        {"principal": "keeper@contoso.com", "kind": "all repositories", "allow": ["GenericRead"]},
    ]}


def grant(user):
    return {"principal": user, "kind": "repository", "name": "red", "allow": ["Read", "Contribute"]}


class Case:
    """A charter of which steps are held. With `before`, that charter was in force first, then `hand` came."""

    def __init__(self, brake, charter, *, n_held, reason=None, before=None, hand=(), seed=seed(), settings=None,
                 exit_released=0, n_done=None, command=True):
        self.brake = brake
        self.charter = HEAD + charter
        self.n_held = n_held
        self.reason = reason        # as the log and the last line of a plan have it
        self.before = before and HEAD + before
        self.hand = hand
        self.seed = seed
        self.settings = settings or {}
        self.exit_released = exit_released
        self.n_done = n_held if n_done is None else n_done
        self.command = command      # `plan` and `apply` hold it too

    def place(self):
        settings = {**self.settings, "listen": free_address()}
        settings["limits"] = {"requests_per_5_minutes": "none", "settle": "1s", **settings.get("limits", {})}
        place = Place(seed=self.seed, charter=self.before or self.charter, quiet=True, **settings)
        if self.before:
            place.expect(0, "apply")
            if self.hand:
                place.hand(*({"project": "Shop", **change} for change in self.hand))
            place.write_charter(self.charter)
            wait_until(lambda: place.run("plan").returncode == 3, 20, "held")
        place.clear_log()
        return place


RED_OWNS = "projects:\n  Shop:\n    repositories: { red: { unlisted_grants: remove } }\n"
RED_HAS = "projects: {{ Shop: {{ teams: {{ Red: {{ owns: {{ {} }} }} }} }} }}"
TWO_PROJECTS = """
projects:
  Shop: { teams: { Red: {}, Blue: {}, Green: {} } }
  Lab: { teams: { Night: {} } }
"""
MORE_MEMBERS = "{ members: [" + ", ".join(AUDITED[:3]) + "] }"

CASES = {
    "changes": Case(
        "changes", f"projects: {{ Shop: {{ teams: {{ Red: {MORE_MEMBERS} }} }} }}", n_held=3,
        reason="more changes than", settings={"limits": {"changes": 2}}),
    "removals above the floor": Case(
        "removals", RED_OWNS, n_held=4, reason="a larger share is removed", seed=seed(permissions=map(grant, AUDITED[:4]))),
    "many people who lose all access": Case(
        "people_losing", RED_OWNS, n_held=3, reason="3 known people lose all access to something in Shop",
        seed=seed(permissions=map(grant, AUDITED[:3])), settings={"limits": {"people_losing": 2, "removals": "none"}}),
    "a built-in group emptied at a root": Case(
        "builtin_emptied",
        "projects: { Shop: { groups: { Readers: { grants_policy: exact, grants: [] } } } }", n_held=7,
        reason="left without any permission", settings={"limits": {"removals": "none"}}),
    "the last administrator": Case(
        "last_administrator", "projects: { Shop: { teams: { Red: { member_of: [] } } } }", n_held=1,
        reason="the last member", seed=seed(groups=[{"name": "Build Administrators", "members": ["Red"]}])),
    "own rights": Case(
        "own_rights", "projects: { Shop: { groups: { Keepers: { member_of: [] } } } }", n_held=1,
        reason="charterd's own rights", settings={"pat": "keeper"}, exit_released=1,
        seed=seed(groups=[{"name": "Keepers", "members": ["keeper@contoso.com"]},
                          {"name": "Project Administrators", "members": ["Keepers", "admin@contoso.com"]}])),
    "an assertion that the charter breaks itself": Case(
        "own_assertion", """
projects:
  Shop:
    teams:
      Blue: { members: [ana@contoso.com], grants: [{ at: { repositories: [red] }, allow: [Read] }] }
      Red: { owns: { repositories: [red] } }
    asserts: [{ team: Blue, cannot: Read, at: { repositories: { owned_by: Red } } }]
""", n_held=2, reason="breaks its own assertion"),
    "a charter that became empty": Case(
        "charter_shrank", "projects: {}", n_held=0, reason="the charter became empty", before=TWO_PROJECTS),
    "a charter that lost a project": Case(
        "charter_shrank", "projects: { Shop: { teams: { Red: { members: [ana@contoso.com] }, Blue: {}, Green: {} } } }",
        n_held=1, reason="the charter lost project Lab", before=TWO_PROJECTS),
    "a charter that lost more than half its teams": Case(
        "charter_shrank", "projects: { Shop: { teams: { Red: { members: [ana@contoso.com] } } }, Lab: {} }", n_held=1,
        reason="the charter lost more than half its teams: 4 -> 1", before=TWO_PROJECTS),
    "a known folder that vanished": Case(
        "vanished", RED_HAS.format("pipeline_folders: [Red]"), n_held=1, reason="it was there and is gone",
        before=RED_HAS.format("pipeline_folders: [Red]"), hand=[{"op": "delete_folder", "name": "Red"}]),
    # One that lies in the recycle bin is not made beside it: what to do is told.
    "a known repository that vanished": Case(
        "vanished", RED_HAS.format("repositories: [red, blue]"), n_held=1, reason="it was there and is gone",
        before=RED_HAS.format("repositories: [red, blue]"), hand=[{"op": "delete_repository", "name": "red"}],
        exit_released=1, n_done=0),
    "the first pass": Case(
        "first_pass", f"projects: {{ Shop: {{ teams: {{ Red: {MORE_MEMBERS} }} }} }}", n_held=3,
        reason="it is the first pass", settings={"first_pass": "hold"}, command=False),
}


def writes(place):
    return place.requests(kind="write")


def steps_of(case):
    return f"{case.n_held} step{'' if case.n_held == 1 else 's'}"


def check_held_steps(case, steps, plan_id):
    check_equal([step["brake"] for step in steps], [case.brake] * case.n_held, "brakes of the held steps")
    for step in steps:
        check_equal(step["release"], f'charterd release {plan_id} --reason "..."', "the command of a held step")


def check_plan_tells(case, place):
    done = place.expect(3, "plan")
    plan = place.plan()
    check_held_steps(case, plan["held"], plan["plan_id"])
    last = done.stdout.rstrip().splitlines()[-1]
    check(re.fullmatch(rf'held: {plan["plan_id"]}: {steps_of(case)}: .*{re.escape(case.reason)}.*; '
                       rf'charterd release {plan["plan_id"]} --reason "\.\.\."', last), f"the last line: {last}")
    check_equal(plan["steps"], [], "steps beside those that are held")
    return plan["plan_id"]


def check_daemon_tells(case, place):
    """Status, metrics and log, after a pass of the daemon's own."""
    status = wait_until(lambda: next((row for row in place.status()["organizations"] if row["last_pass"]), None), 30,
                        "the first pass")
    check_equal(status["state"], "held", f"state: {status}")
    check_held_steps(case, status["held"], status["plan_id"])
    text = place.run("status").stdout
    check(re.search(rf'held: {status["plan_id"]}: {steps_of(case)}: .*{re.escape(case.reason)}.*; charterd release '
                    rf'{status["plan_id"]} --reason', text), f"status for people: {text}")
    check(any(case.reason in reason for reason in status["reasons"]), f"reasons: {status['reasons']}")
    check_equal(place.metric("charterd_steps", state="held"), case.n_held, "charterd_steps")
    check_equal(place.metric("charterd_charter_shrank"), case.brake == "charter_shrank", "charterd_charter_shrank")
    wait_until(lambda: any(line["message"] == "steps are held" and case.reason in line["brake"] and
                           status["plan_id"] in line["release"] for line in place.log_lines()), 10,
               "the log says what is held")
    return status["plan_id"]


def check_nothing_written(place, before, when):
    check_equal(writes(place), [], f"writes {when}")
    check(place.snapshot() == before, f"the organisation changed {when}")


def check_released(case, place, plan_id):
    """Exactly what was held was let go, once, and recorded."""
    (release,) = [row for row in place.ledger() if row["record"] == "release"]
    check_equal((release["plan_id"], release["reason"]), (plan_id, "looked at"), "the release in the ledger")
    check_equal(len(release["steps"]), case.n_held + (case.brake == "charter_shrank"), "steps in the release")
    after = [row for row in place.ledger() if row["seq"] > release["seq"]]
    ids = [row["step"]["id"] for row in after if row["record"] == "intent"]
    check_equal(len(set(ids)), case.n_held, "steps begun")
    check(set(ids) <= set(release["steps"]), f"steps begun beside those let go: {ids}")
    results = [row["result"] for row in after if row["record"] == "outcome"]
    check_equal((results.count("done"), results.count("done") + results.count("not done")),
                (case.n_done, len(results)), f"steps done, and what came of all: {results}")


def release_by_command(case):
    """Without a daemon."""
    with case.place() as place:
        before = place.snapshot()
        if case.command:
            plan_id = check_plan_tells(case, place)
            place.expect(3, "apply")
        else:
            place.start_daemon()
            plan_id = check_daemon_tells(case, place)
            check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        check_nothing_written(place, before, "while it is held")
        if case.command:
            place.expect(1, "release", "0123456789ab", "--reason", "a mistyped id")
            done = place.expect(0, "release", plan_id, "--reason", "looked at")
            check(plan_id in done.stdout, done.stdout)
            check_nothing_written(place, before, "by the release itself")
        place.expect(case.exit_released, "apply")
        if case.command:
            check_released(case, place, plan_id)


def release_by_daemon(case):
    """Through the daemon's socket; a pass follows at once."""
    with case.place() as place:
        before = place.snapshot()
        place.start_daemon()
        plan_id = check_daemon_tells(case, place)
        place.expect(3, "apply")
        check_nothing_written(place, before, "while it is held")
        place.expect(1, "release", "0123456789ab", "--reason", "a mistyped id")
        place.expect(0, "release", plan_id, "--reason", "looked at")
        wait_until(lambda: place.status()["organizations"][0]["state"] != "held", 30, "let go")
        if case.n_done:
            wait_until(lambda: place.snapshot() != before, 30, "done")
        wait_until(lambda: not place.status()["organizations"][0]["busy"], 30, "the pass has ended")
        check_released(case, place, plan_id)
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def in_both_ways(names):
    def run(one):
        name, way = one
        way(CASES[name])

    in_parallel(run, [(name, way) for name in names for way in (release_by_command, release_by_daemon)], WORKERS,
                name_of=lambda one: f"{one[0]}, {one[1].__name__}")


def test_each_brake():
    in_both_ways(CASES)


# --- how far a release goes -------------------------------------------------------------------------------------------

def granted(place):
    """Who holds something at the repository by a hand-made grant."""
    return sorted(row["principal"] for row in place.snapshot(project="Shop")["permissions"]
                  if row["at"] == "repository red" and row.get("principal") in AUDITED)


def grant_more(place, user):
    place.hand({"op": "grant", **AT_RED, "principal": user, "allow": ["Read"]})


def held_ids(place):
    return {step["id"] for step in place.plan()["held"]}


def test_the_floor_of_removals():
    """So few never trip, whatever their share; one more does."""
    with Place(seed=seed(permissions=map(grant, AUDITED[:3])), charter=HEAD + RED_OWNS) as place:
        place.expect(2, "plan")
        place.expect(0, "apply")
        check_equal(granted(place), [], "grants left")


def test_a_plan_that_changed_needs_a_new_release():
    with CASES["removals above the floor"].place() as place:
        old = place.plan()["plan_id"]
        grant_more(place, AUDITED[4])
        done = place.expect(1, "release", old, "--reason", "of what was seen")
        new = place.plan()["plan_id"]
        check(new != old and new in done.stderr, f"the plan held now is not named: {done.stderr}")
        place.expect(3, "apply")
        place.start_daemon()
        check_equal(check_new_pass(place)["plan_id"], new, "what the daemon holds")
        place.expect(1, "release", old, "--reason", "of what was seen")
        check_equal(writes(place), [], "writes")
        place.expect(0, "release", new, "--reason", "looked at")
        wait_until(lambda: granted(place) == [], 20, "done")


def check_new_pass(place):
    """The state after a pass that begins now."""
    before = place.metric("charterd_passes_total") or 0
    place.reconcile()
    wait_until(lambda: (place.metric("charterd_passes_total") or 0) > before, 20, "a pass")
    return place.status()["organizations"][0]


def test_what_comes_after_a_release_is_held():
    """Through the socket: what was granted after the daemon's last look is none of the steps that were let go."""
    with CASES["removals above the floor"].place() as place:
        place.start_daemon()
        plan_id = check_daemon_tells(CASES["removals above the floor"], place)
        grant_more(place, AUDITED[4])
        place.expect(0, "release", plan_id, "--reason", "looked at")
        wait_until(lambda: granted(place) == [AUDITED[4]], 20, "the four are done")
        check_equal(check_new_pass(place)["state"], "held", "the state after that")
        check_equal(granted(place), [AUDITED[4]], "grants left")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        # The same over a restart, without the daemon.
        done = place.expect(3, "apply")
        check("1 step held" in done.stdout, done.stdout)
        check_equal(granted(place), [AUDITED[4]], "grants left")


def test_what_is_left_of_a_release_stays_released():
    """A step that the service refused is tried again without being asked for again."""
    with CASES["removals above the floor"].place() as place:
        ids = held_ids(place)
        place.fault("403", on="write", count=1)
        place.expect(0, "release", place.plan()["plan_id"], "--reason", "looked at")
        place.expect(1, "apply")
        left = granted(place)
        check(left, "the service refused nothing")
        place.clear_faults()
        place.expect(0, "apply")
        check_equal(granted(place), [], "grants left")
        check_equal({row["step"]["id"] for row in place.ledger() if row["record"] == "intent"}, ids, "steps done")


def test_a_release_is_good_for_a_day():
    """Without any other reason to be held again."""
    if is_sanitized():
        print("     not in a sanitized build: its clock cannot be set")
        return
    with CASES["removals above the floor"].place() as place:
        place.expect(0, "release", place.plan()["plan_id"], "--reason", "looked at")
        for hours, code in ((23, 2), (25, 3)):
            place.write_settings(environment={"LD_PRELOAD": faketime(), "FAKETIME": f"+{hours}h"})
            place.expect(code, "plan")
        place.expect(3, "apply")
        check_equal(len(granted(place)), 4, "grants left after a day")
        place.write_settings(environment={})
        place.expect(0, "apply")
        check_equal(granted(place), [], "grants left within the day")


# --- what is no brake, and is not applied either ----------------------------------------------------------------------

def test_another_organisation_in_the_charter():
    """Of a running daemon: the charter that names another organisation is not taken, and no request follows."""
    with Place(seed=seed(), charter=HEAD + TWO_PROJECTS, listen=free_address()) as place:
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        before = place.snapshot()
        place.charter_path.write_text(HEAD.replace("contoso", "fabrikam") + CASES["changes"].charter.removeprefix(HEAD))
        wait_until(lambda: not place.is_ready(), 20, "not ready")
        status = check_new_pass(place)
        check("the settings are for" in status["charter_error"], f"{status['charter_error']}")
        check_equal(place.metric("charterd_charter_valid"), 0, "charterd_charter_valid")
        check_nothing_written(place, before, "by the charter of another organisation")
        check(not [row for row in place.requests() if "fabrikam" in row["url"]], "requests for the other organisation")


def test_a_team_that_was_renamed():
    """It is governed on by its id, reported, and not made a second time."""
    charter = HEAD + "projects: { Shop: { teams: { Red: { members: [ana@contoso.com] } } } }"
    with Place(seed=seed(), charter=charter, limits={"requests_per_5_minutes": "none", "settle": "1s"},
               listen=free_address()) as place:
        place.expect(0, "apply")
        place.hand({"project": "Shop", "op": "rename_team", "name": "Red", "to": "Crimson"})
        place.clear_log()
        before = place.snapshot()
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        (finding,) = check_new_pass(place)["findings"]
        check_equal(finding["kind"], "renamed", "the finding")
        check("Red" in finding["message"] and "Crimson" in finding["message"], finding["message"])
        check_equal(place.metric("charterd_findings", kind="renamed"), 1, "charterd_findings")
        check_nothing_written(place, before, "after the rename")
        place.hand({"project": "Shop", "op": "remove_member", "member": "ana@contoso.com", "group": "[Shop]\\Crimson"})
        place.reconcile()
        wait_until(lambda: place.snapshot() == before, 20, "governed on under its new name")


def test_a_group_of_same_as_that_was_emptied():
    """What resolves to nothing takes nothing away: the grant waits, the live entry stays, a finding says so."""
    charter = HEAD + """
projects:
  Shop:
    teams: { Red: { owns: { repositories: [red] }, grants: [{ at: own, same_as: Reviewers }] } }
"""
    reads = {"principal": "Reviewers", "kind": "repositories", "allow": ["Read", "Contribute"]}
    with Place(seed=seed(groups=[{"name": "Reviewers"}], permissions=[reads]), charter=charter,
               listen=free_address()) as place:
        place.expect(0, "apply")
        entry = [row for row in place.snapshot()["permissions"] if row.get("principal") == "[Shop]\\Red"]
        check(entry, "nothing was given")
        place.hand({"op": "revoke", "project": "Shop", "principal": "Reviewers", "kind": "repositories"})
        place.clear_log()
        before = place.snapshot()
        done = place.expect(1, "apply")
        check("Reviewers" in done.stdout, done.stdout)
        place.start_daemon()
        status = wait_until(lambda: next((row for row in place.status()["organizations"] if row["last_pass"]), None), 20,
                            "a pass")
        check_equal(status["projects"][0]["state"], "waiting", "the project's state")
        check("Reviewers" in json.dumps(status["findings"]), f"findings: {status['findings']}")
        check_equal(place.metric("charterd_steps", state="waiting"), 1, "charterd_steps")
        check_nothing_written(place, before, "though the group has nothing any more")


def test_a_survey_of_twenty_minutes():
    """The service asks to wait ten minutes, twice: what was read before is read again, and nothing is written from it."""
    if is_sanitized():
        print("     not in a sanitized build: its clock cannot be set")
        return
    limits = {"requests_per_5_minutes": "none", "request_timeout": "10m", "request_total": "24h"}
    with Place(seed=seed(permissions=map(grant, AUDITED[:3])), charter=HEAD + RED_OWNS, limits=limits) as place:
        place.write_settings(environment={"LD_PRELOAD": faketime(), "FAKETIME": f"+0 x{SPEED}"})
        for route in ("projects", "accesscontrollists"):
            place.fault("throttled", route=route, count=1, retry_after=PAUSE_SECONDS)
        done = place.run("apply")
        rows = place.requests()
        began = [row["arrived"] for row in rows if "/_apis/connectionData" in row["url"]]
        took = (began[1] - began[0]) * SPEED / 1000
        check(took > 2 * PAUSE_SECONDS - 1, f"the first survey took {took:.0f} s")
        for write in writes(place):
            age = write["arrived"] - max(moment for moment in began if moment < write["arrived"])
            check(age * SPEED / 1000 < OLDEST_SECONDS, f"a write from what was read {age * SPEED / 1000:.0f} s before")
        # A machine that is too busy for this clock never comes to write, and says so.
        is_done = bool(writes(place))
        check_equal(done.returncode, 0 if is_done else 1, f"exit code: {done.stdout}")
        check_equal(granted(place), [] if is_done else AUDITED[:3], "grants left")


if __name__ == "__main__":
    main()
