# SPDX-License-Identifier: Apache-2.0
"""The budget of requests and a service that asks for patience: projects take turns, what is asked for is waited for, and
nothing of that is an error. Cycles of hours are in tests/replay/test_rotation.c."""
import contextlib
import json
import time

from harness import Place, check, check_equal, free_address, main, wait_until

PROJECTS = 20
BUDGET = 110  # some turns at once, and no room left for one more; a survey of all takes more
HEAD = """charter: 1
organization: https://dev.azure.com/contoso
defaults: { unlisted_grants: remove }
kits:
  data-science:
    member_of: []
    owns:
      areas: ["{team}"]
      repositories: ["{team:slug}"]
      pipeline_folders: ["{team}"]
    grants:
      - { at: project, allow: [View project-level information] }
      - { at: own, same_as: Contributors }
    confined: true
projects:
"""
TEAM = "    teams: { Team 0001: { kit: data-science } }\n"


def charter(n):
    return HEAD + "".join(f"  {project_name(number, n)}:\n{TEAM}" for number in range(1, n + 1))


def project_name(number, n):
    return f"Project {number}" if n > 1 else "Project"


@contextlib.contextmanager
def many_projects(n, **settings):
    generate = f"name=contoso,projects={n},teams=1,definitions=0"
    with Place(arguments=["--generate", generate], charter=charter(n), **settings) as place:
        yield place


def turns(place):
    """Projects of the passes, in order."""
    return [row.get("project") for row in place.ledger() if row["record"] == "pass"]


def organization(place):
    return place.status()["organizations"][0]


def wait_for_room(place):
    """The budget has no room for another turn."""
    def waiting():
        text = place.run("status", "-o", "json").stdout  # none: it has not begun to listen, after one that was killed
        row = json.loads(text)["organizations"][0] if text else None
        return row and not row["busy"] and row["budget"]["waiting_ms"] > 0 and row

    return wait_until(waiting, 60, "the daemon waits for the budget")


def check_quiet(place):
    """Nothing is an error."""
    loud = [line for line in place.log_lines() if line.get("level") in ("error", "warning")]
    check(not loud, f"errors and warnings: {loud}")


def check_waits(place, row):
    budget, states = row["budget"], [project["state"] for project in row["projects"]]
    seen = len(set(turns(place)))
    check(1 <= seen < PROJECTS, f"{seen} projects had their turn")
    check_equal(states.count("not_read"), PROJECTS - seen, "projects not read")
    check_equal(states.count("in_sync"), seen, "projects in sync")
    check_equal(row["state"], "starting", "state of the organisation")
    check_equal(row["findings"], [], "findings")
    check(budget["rotating"] and budget["survey_requests"] > BUDGET, f"why they take turns: {budget}")
    check_equal(budget["projects_due"], PROJECTS - seen, "turns that are left")
    check(budget["next_project"] not in turns(place), f"next again: {budget}")
    check(0 < budget["used"] <= BUDGET, f"used: {budget}")
    check(row["next_pass"], "no time of the next turn")
    surveyed = [request for request in place.requests() if request["kind"] == "read"]
    check(len(surveyed) <= BUDGET, f"{len(surveyed)} requests of surveys")


def check_shown(place, row):
    """The same in text and metrics."""
    budget = row["budget"]
    done = place.run("status")
    check_equal(done.returncode, 1, f"exit of status before every project was read: {done.stdout}")
    for words in (f"of {BUDGET} survey requests in 5 minutes", "projects take turns",
                  f"next {budget['next_project']};", "for room", f"project {budget['next_project']}: not read"):
        check(words in done.stdout, f"`{words}` is not in {done.stdout}")
    check_equal(place.metric("charterd_survey_requests_limit"), BUDGET, "limit")
    check_equal(place.metric("charterd_projects_due"), budget["projects_due"], "projects due")
    check_equal(place.metric("charterd_survey_requests_needed"), budget["survey_requests"], "requests needed")
    check(place.metric("charterd_survey_requests_wait_seconds") > 0, "no wait in the metrics")
    check_equal(place.metric("charterd_next_project_info", project=budget["next_project"]), 1, "next project")
    check(not place.is_ready(), "ready, though some projects were never read")


def test_turns():
    """A turn at a time until the budget is used; then it waits, asks nothing, and says so. An ended daemon's order of
    turns is gone on with."""
    with many_projects(PROJECTS, limits={"requests_per_5_minutes": BUDGET}, listen=free_address()) as place:
        place.start_daemon()
        row = wait_for_room(place)
        check_waits(place, row)
        check_shown(place, row)
        n = len(place.requests())
        place.reconcile()
        wait_until(lambda: organization(place)["budget"]["projects_due"] == PROJECTS - len(set(turns(place))), 10,
                   "it still waits")
        check_equal(len(place.requests()), n, "requests while there is no room")
        due = organization(place)["budget"]["next_project"]
        before = turns(place)
        place.kill_daemon()
        place.start_daemon()
        wait_until(lambda: len(turns(place)) > len(before), 30, "a turn after the restart")
        check_equal(turns(place)[len(before)], due, "the first turn after the restart")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        check_quiet(place)


def grant(place, project):
    """Somebody lets a person read a team's repository."""
    place.hand({"op": "grant", "principal": "user00001@contoso.com", "project": project, "kind": "repository",
                "name": "team-0001", "allow": ["Read"]})


def check_held(place, row, wanted):
    states = {project["name"]: project["state"] for project in row["projects"]}
    check_equal({name for name in states if states[name] == "held"}, wanted & set(turns(place)), "projects with held steps")
    check("pending" not in states.values(), f"steps that nobody let go are not held: {states}")
    check_equal(place.requests(kind="write"), [], "writes of a first pass")
    check(not any(row["applied"] for row in place.ledger() if row["record"] == "pass"), "the first pass is over")


def test_first_pass_is_held():
    """That projects before it are in order lets no step of the first pass go; nor does a release of what was seen until
    then, though the ledger has it."""
    drifted = {f"Project {number}" for number in range(2, PROJECTS + 1)}
    with many_projects(PROJECTS, limits={"requests_per_5_minutes": BUDGET}, first_pass="hold") as place:
        for project in drifted:
            grant(place, project)
        place.start_daemon()
        row = wait_for_room(place)
        check_held(place, row, drifted)
        before = set(turns(place))
        place.expect(0, "release", row["plan_id"], "--reason", "looked at")
        check_equal(organization(place)["budget"]["next_project"] in before & drifted, True, "whose step was let go is next")
        place.kill_daemon()
        place.start_daemon()
        row = wait_for_room(place)
        check(set(turns(place)) > before, "no turn of another project after the restart")
        states = {project["name"]: project["state"] for project in row["projects"] if project["state"] != "not_read"}
        check(states and not before & set(states), f"turns after the restart: {states}")
        check_equal(set(states.values()), {"held"}, "states of projects of which nothing was let go")
        check_equal(place.requests(kind="write"), [], "writes of a first pass after a partial release")


def test_one_of_many():
    """A command for one project takes no turns."""
    with many_projects(PROJECTS, limits={"requests_per_5_minutes": BUDGET}) as place:
        done = place.expect(0, "plan", "--project", "Project 7", "-o", "json")
        check_equal([row["name"] for row in json.loads(done.stdout)["projects"]], ["Project 7"], "projects of the plan")
        check(len(place.requests()) < BUDGET, "more than one project was read")


def test_asked_to_wait():
    """Retry-After on answers that are fine is obeyed by every request of the organisation, writes too."""
    with many_projects(2) as place:
        place.expect(0, "apply")
        grant(place, "Project 1")
        place.clear_log()
        place.fault("throttled", every=15, retry_after=1)
        began = time.monotonic()
        place.expect(0, "apply")
        took = time.monotonic() - began
        told = [request for request in place.requests() if request.get("retry_after")]
        check(len(told) >= 3, f"asked to wait {len(told)} times")
        check(took >= len(told) - 1, f"{took:.1f} s for {len(told)} times a second")
        # What came before charterd had read the answer, on a busy machine.
        early = place.simulator.control("GET", "log/violations?grace_ms=800")
        check_equal(early, [], "requests before a Retry-After ran out")
        check(any(request["kind"] == "write" for request in place.requests()), "nothing was repaired")
        place.clear_faults()
        place.expect(0, "plan")
        check_quiet(place)


def test_little_is_left():
    """What the service has left is made to last: requests leave one by one."""
    gap = 3 / 30  # seconds of the window, units left
    with many_projects(1) as place:
        place.expect(0, "apply")
        place.clear_log()
        place.fault("throttled", retry_after=0, remaining=30, reset=4)
        place.expect(0, "plan")
        arrived = sorted(request["arrived"] for request in place.requests())
        check(len(arrived) > 12, f"{len(arrived)} requests")
        took = (arrived[-1] - arrived[4]) / 1000  # the first four leave before any answer
        check(took >= gap * (len(arrived) - 6), f"{len(arrived)} requests in {took:.1f} s")
        check_quiet(place)


if __name__ == "__main__":
    main()
