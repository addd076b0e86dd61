# SPDX-License-Identifier: Apache-2.0
"""Projects that the charter makes: whatever happens to the operation, one is made, once, and then filled."""
import time

from harness import Place, check, check_equal, main, patience, wait_until
from test_language import HEAD, findings, writes

SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
               {"user": "ana@contoso.com", "pat": "ana"}, {"user": "keeper@contoso.com", "pat": "keeper"}],
    "projects": [{"name": "Shop"}],
}
SETTLE_SECONDS = int(2 * patience())
# A short time for what is written to show: what is awaited is not what is tested.
POLLS = 200  # of an operation that nobody waits for to its end
LIMITS = {"requests_per_5_minutes": "none", "removals": "none", "settle": f"{SETTLE_SECONDS}s"}


def charter(creation="{ process: Scrum, visibility: private }"):
    return (f"{HEAD}projects:\n  Shop: {{}}\n  New:\n    create_project: {creation}\n    teams:\n"
            "      Red: { members: [ana@contoso.com], owns: { repositories: [red], areas: [Red] }, "
            "grants: [{ at: own, same_as: Contributors }] }\n")


def creations(place):
    return [row for row in place.requests(kind="write") if row["route"] == "projects" and row["method"] == "POST"]


def check_made(place, n_creations=1):
    check_equal(len(creations(place)), n_creations, "projects asked for")
    snapshot = place.snapshot()
    check({"project": "New", "repository": "red"} in snapshot["things"], "the new project was not filled")
    check({"group": "[New]\\Red", "member": "ana@contoso.com"} in snapshot["memberships"], "its team has no members")
    place.expect(0, "plan")
    check_equal(place.plan()["steps"], [], "steps once it is made")


def test_process_and_visibility():
    with Place(seed=SEED, charter=charter("{ process: basic, visibility: public }"), limits=LIMITS) as place:
        place.converge()
        check_made(place)
        body = creations(place)[0]["body"]
        check("b8a3a935-7e91-48b8-a94c-606d37c3e9f2" in str(body) and "public" in str(body), f"asked for: {body}")


def test_no_such_process():
    with Place(seed=SEED, charter=charter("{ process: Our Scrum }"), limits=LIMITS) as place:
        done = place.expect(1, "apply")
        check("no process `Our Scrum`" in done.stderr and "Agile" in done.stderr, f"what is told: {done.stderr[-2000:]}")
        check_equal(creations(place), [], "projects asked for")


def test_operation_fails():
    with Place(seed=SEED, charter=charter(), limits=LIMITS, arguments=["--option", "operations_fail=yes"]) as place:
        done = place.expect(1, "apply")
        check("operation failed" in done.stderr, f"what is told: {done.stderr[-2000:]}")
        check_equal(len(creations(place)), 1, "projects asked for")
        outcomes = [row["result"] for row in place.ledger() if row["record"] == "outcome"]
        check_equal(outcomes, ["failed"], "what the ledger says")
        place.simulator.control("PUT", "options", {"operations_fail": False})
        place.converge()
        check_made(place, n_creations=2)


def test_well_formed_late():
    """The operation has succeeded, but the project is not there yet: awaited, and never made twice."""
    with Place(seed=SEED, charter=charter(), limits={**LIMITS, "settle": "30s"},
               arguments=["--option", "operation_polls=4", "--option", "late_projects_ms=1500"]) as place:
        place.converge()
        check_made(place)


def test_later_than_awaited():
    with Place(seed=SEED, charter=charter(), limits=LIMITS, arguments=["--option", "late_projects_ms=3600000"]) as place:
        place.expect(1, "apply")
        check_equal([row["result"] for row in place.ledger() if row["record"] == "outcome"], ["unconfirmed"], "the ledger")
        done = place.run("apply")
        check_equal(done.returncode, 1, "while it is being made")
        check(len([row for row in creations(place) if row["status"] < 300]) == 1, "it was made twice")
        place.simulator.control("POST", "clock", {"on_ms": 3600000})
        place.converge()
        check_equal(len([row for row in creations(place) if row["status"] < 300]), 1, "projects made")
        check({"project": "New", "repository": "red"} in place.snapshot()["things"], "the new project was not filled")


def test_hidden():
    """It is there, and charterd may not see it: read again, said so, nothing made."""
    with Place(seed=SEED, charter=charter(), limits=LIMITS) as place:
        place.hand({"op": "create_project", "name": "New"})
        before = place.snapshot()
        place.fault("stale", route="projects", on="read", ms=600000)
        done = place.run("apply")
        check_equal(done.returncode, 1, f"exit code: {done.stdout}")
        check("already exists, yet charterd does not see it" in done.stderr, f"what is told: {done.stderr[-3000:]}")
        check_equal(place.snapshot(), before, "the organisation")
        check(all(row["status"] >= 400 for row in creations(place)), "a second one was made")
        place.clear_faults()
        place.converge()
        check({"project": "New", "repository": "red"} in place.snapshot()["things"], "the project that was there was not filled")


def test_deleted_by_hand():
    """A project known before is not made again by itself."""
    with Place(seed=SEED, charter=charter(), limits=LIMITS) as place:
        place.converge()
        place.hand({"op": "delete_project", "name": "New"})
        place.clear_log()
        place.run("apply")
        check_equal(creations(place), [], "made again at once")
        time.sleep(SETTLE_SECONDS + 0.5)  # longer than what is written may take to show
        done = place.expect(3, "apply")
        check("was there and is gone" in done.stdout, f"what is told: {done.stdout}")
        check_equal(writes(place), [], "writes for a project that vanished")
        check_equal(len(findings(place, "vanished")), 1, "findings")
        place.expect(0, "release", place.plan()["plan_id"], "--reason", "wanted again")
        place.converge()
        check_made(place)


def test_killed_between():
    """Killed while the operation runs: the next start reads what became of it."""
    with Place(seed=SEED, charter=charter(), limits=LIMITS, arguments=["--option", f"operation_polls={POLLS}"]) as place:
        process = place.start("apply")
        wait_until(lambda: [row for row in place.requests() if "operations" in row["route"]], 20, "the operation is polled")
        process.kill()
        process.wait()
        check_equal([row for row in place.ledger() if row["record"] == "outcome"], [], "outcomes of who was killed")
        place.expect(1, "apply")  # it is still being made
        operation = next(row["url"] for row in place.requests() if "operations" in row["route"])
        for _ in range(POLLS):
            place.ask(operation.split("/contoso/", 1)[1])
        place.converge()
        check_equal(len([row for row in creations(place) if row["status"] < 300]), 1, "projects made")
        check({"project": "New", "repository": "red"} in place.snapshot()["things"], "the new project was not filled")
        place.expect(0, "history", "--verify")


if __name__ == "__main__":
    main()
