# SPDX-License-Identifier: Apache-2.0
"""Who broke it: drifts are matched with the audit log, which may be late, closed, empty, broken."""
import os
import time

from harness import Place, check, check_equal, main, wait_until
from test_apply import SEED, apply_all
from test_drift import WATCHED_CHARTER
from test_server import server_place

SECONDS_LATE = float(os.environ.get("TEST_SECONDS_LATE", "4"))  # 20 shows the same in half a minute
TEAM, CONTRIBUTORS = "[MLOps]\\Data Science A", "[MLOps]\\Contributors"
JOINED = {"op": "add_member", "project": "MLOps", "member": TEAM, "group": CONTRIBUTORS}
WHENCE = {"address": "198.51.100.23", "client": "curl/8.0 (by hand)"}


def place_in_order(delay_ms=0, arguments=(), **settings):
    """The organisation as the charter wants it; the audit log shows what is done so much later."""
    place = Place(seed=SEED, charter=WATCHED_CHARTER, arguments=["--option", f"audit_delay_ms={delay_ms}", *arguments], **settings)
    apply_all(place)
    return place


def queries(place):
    return place.requests(route="audit/auditlog")


def leaks(plan):
    return [finding for finding in plan["findings"] if finding["kind"] == "leak"]


def attributions(place):
    return [row for row in place.ledger() if row["record"] == "attribution"]


def check_author(author, what, actor="Omar Ops", account="omar@contoso.com", action="Group.UpdateGroupMembership.Add"):
    check(author, f"{what}: nothing is told of who did it")
    check_equal((author["state"], author.get("actor"), author.get("account"), author.get("address"), author.get("client"), author.get("action")),
                ("known", actor, account, WHENCE["address"], WHENCE["client"], action), what)


def start_and_settle(place):
    """A daemon that has seen the organisation in order."""
    place.start_daemon()
    wait_until(lambda: any(row["record"] == "pass" and row.get("reason") == "interval" for row in place.ledger()), 30,
               "the first pass")


def test_what_did_not_drift_is_not_asked_for():
    with place_in_order() as place:
        place.expect(0, "plan")
        place.expect(0, "apply")
        check_equal(queries(place), [], "questions to the audit log without a drift")


def test_leak():
    """Data Science A is put into Contributors by hand: the plan names the leak, its path and who did it; the repair is
    joined with him in the history; then all is closed."""
    with place_in_order() as place:
        place.hand(JOINED, **{"as": "omar@contoso.com", "force": True, **WHENCE})
        began = time.time()
        plan = place.plan()
        step = next(step for step in plan["steps"] if step["verb"] == "remove_member")
        check_author(step.get("attribution"), "the step that takes it back")
        found = leaks(plan)
        check(found and all(TEAM in leak["path"] and CONTRIBUTORS in leak["path"] for leak in found), f"leaks: {found}")
        for leak in found:
            check_author(leak.get("attribution"), "the leak")
        said = time.strptime(step["attribution"]["time"][:19], "%Y-%m-%dT%H:%M:%S")
        check(abs(time.mktime(said) - time.mktime(time.gmtime(began))) < 60, f"when: {step['attribution']['time']}")
        text = place.run("plan").stdout
        check("by Omar Ops (omar@contoso.com) at " in text and ", from 198.51.100.23, with curl/8.0 (by hand)" in text, text)
        place.expect(0, "apply")
        check_equal(leaks(place.plan()), [], "leaks after the repair")
        rows = [row for row in attributions(place) if row["change_id"]]
        check_equal(len(rows), 1, "attribution records")
        check_author(rows[0]["attribution"], "the record")
        check("by Omar Ops (omar@contoso.com) at " in place.run("history").stdout, "history")
        without = place.run("history", "--no-persons").stdout
        check("Omar" not in without and "omar@" not in without and WHENCE["address"] not in without, without)


def test_late_entry():
    """The entry shows so much later: repairs do not wait for it, and the answer comes by itself, without another pass."""
    with place_in_order(delay_ms=int(SECONDS_LATE * 1000), interval="1h") as place:
        start_and_settle(place)
        before = place.snapshot()
        place.hand(JOINED, **{"as": "omar@contoso.com", "force": True, **WHENCE})
        place.reconcile()
        wait_until(lambda: place.snapshot() == before, 30, "repaired")
        n_passes = sum(row["record"] == "pass" for row in place.ledger())
        wait_until(lambda: attributions(place), 3 * SECONDS_LATE + 30, "the attribution")
        check_author(attributions(place)[0]["attribution"], "the record")
        log = [line for line in place.log_lines() if line["message"] == "who changed it"]
        check(any("by Omar" in line["author"] for line in log), f"log: {log}")
        check(sum(row["record"] == "pass" for row in place.ledger()) <= n_passes + 2,
              "a pass that nothing but the answer can have begun")


def test_another_process_finds_it():
    """What a command did not find, for the entry did not show yet, the next one asks for again, drift or not."""
    with place_in_order(delay_ms=2000) as place:
        place.hand(JOINED, **{"as": "omar@contoso.com", "force": True, **WHENCE})
        place.expect(0, "apply")
        check_equal(attributions(place), [], "attributions before the entry shows")
        check("by whom is not known yet: " in place.run("history").stdout, "history before the entry shows")
        place.simulator.control("POST", "clock", {"on_ms": 5000})
        place.expect(0, "apply")
        rows = attributions(place)
        check_equal(len(rows), 1, "attribution records")
        check_author(rows[0]["attribution"], "the record")
        place.clear_log()
        place.expect(0, "apply")
        check_equal(queries(place), [], "questions once it is answered")


def unknown(place):
    """Why it is not known who put the team into Contributors, as the plan says; the repair is done all the same."""
    place.hand(JOINED, **{"as": "omar@contoso.com", "force": True})
    plan = place.plan()
    step = next(step for step in plan["steps"] if step["verb"] == "remove_member")
    told = {str(row.get("attribution")) for row in [step, *leaks(plan)]}
    check_equal(len(told), 1, f"what is told: {told}")
    place.expect(0, "apply")
    check_equal(leaks(place.plan()), [], "leaks after the repair")
    return step["attribution"]


def test_auditing_is_switched_off():
    with place_in_order(arguments=["--option", "auditing=no"]) as place:
        author = unknown(place)
        check_equal(author["state"], "asked", "state")
        check("auditing may be switched off" in author["reason"], author)


def test_no_right_to_read_it():
    """Said once, with the right that is missing, in one place; nothing else is found because of it."""
    with place_in_order(log_level="info") as place:
        place.fault("403", route="audit/auditlog")
        author = unknown(place)
        check_equal(author["state"], "unknown", "state")
        check("View audit log" in author["reason"], author)
        n = sum(line["message"] == "the audit log cannot be read; repairs go on" for line in place.log_lines())
        check_equal(n, 2, "warnings, one a command")
        rows = attributions(place)
        check_equal([row["attribution"]["state"] for row in rows], ["unknown"], "records")
        check("by whom is not known: charterd may not read the audit log" in place.run("history").stdout, "history")


def test_log_is_out_of_order():
    """Whatever its service does, a pass does what it has to; a daemon's waits only for what that asks it to wait,
    a second each of the eight times that one question is put."""
    for kind, rule in (("500", {}), ("stall", {}), ("429", {"retry_after": 1})):
        with place_in_order() as place:
            start_and_settle(place)
            before = place.snapshot()
            place.fault(kind, route="audit/auditlog", **rule)
            place.hand(JOINED, **{"as": "omar@contoso.com", "force": True})
            place.reconcile()
            wait_until(lambda place=place, before=before: place.snapshot() == before, 15, f"{kind}: repaired")
            wait_until(lambda place=place: any(row["record"] == "pass" and row["reason"] == "signal" and row["done"] == 1
                                               for row in place.ledger()), 15, f"{kind}: the pass has ended")
            place.clear_faults()
            check_equal(place.stop_daemon(), 0, f"{kind}: exit code")


def test_log_that_asks_to_wait():
    """Rates are counted by identity (facts §7.1): what the audit log asks to wait, the whole organisation waits. With one
    request at a time nothing is under way that could not know of it."""
    with place_in_order(limits={"requests_per_5_minutes": "none", "requests_in_flight": 1}) as place:
        place.fault("429", route="audit/auditlog", count=1, retry_after=2)
        place.hand(JOINED, **{"as": "omar@contoso.com", "force": True})
        place.run("apply")
        check(len(queries(place)) >= 1, "the audit log was asked")
        check_equal(place.simulator.control("GET", "log/violations?grace_ms=0"), [], "requests before its Retry-After had run out")


SECOND = """charter: 1
organization: https://dev.azure.com/contoso
projects:
  Shop:
    teams:
      Red: { owns: { repositories: [red] }, grants: [{ at: own, same_as: Contributors }] }
      Blue: { confined: true, unlisted_members: report, unlisted_memberships: report, grants: [{ at: project, allow: [View project-level information] }] }
"""
SECOND_SEED = {"organization": "contoso",
               "people": [{"user": "admin@contoso.com", "name": "Admin", "pat": "admin", "administrator": True},
                          {"user": "ana@contoso.com", "name": "Ana"}],
               "projects": [{"name": "Shop", "teams": [{"name": "Red"}, {"name": "Blue", "members": ["ana@contoso.com"]}],
                             "repositories": ["red"]}]}
ESCAPE = "\x1b[2Jgone\u202e"


def test_second_membership():
    """A member of a confined team gets to another's things by another way: told with the path and who did it, not taken
    back. What the log says of him is text, whatever stands in it."""
    with Place(seed=SECOND_SEED, charter=SECOND, arguments=["--option", "audit_delay_ms=0"]) as place:
        place.converge()
        start_and_settle(place)
        place.hand({"op": "add_member", "project": "Shop", "member": "ana@contoso.com", "group": "[Shop]\\Red"},
                   **{"as": "admin@contoso.com", "force": True, "address": "198.51.100.9", "client": ESCAPE})
        before = place.snapshot()
        place.reconcile()

        def found():
            findings = place.status()["organizations"][0]["findings"]
            return [row for row in findings if row["kind"] == "member" and row.get("attribution", {}).get("state") == "known"]

        row = wait_until(found, 20, "the finding with who did it")[0]
        check("ana@contoso.com" in row["path"] and "[Shop]\\Red" in row["path"], row)
        check_equal((row["attribution"]["account"], row["attribution"]["client"]), ("admin@contoso.com", ESCAPE), "who")
        check_equal(place.snapshot(), before, "what is only reported")
        check_equal(place.stop_daemon(), 0, "exit code")
        log = [line for line in place.log_lines() if line["message"] == "who changed it"]
        check(log, "the log tells nothing")
        raw = (place.folder / "charterd.log").read_text()
        check("\x1b" not in raw, "the log has what moves a terminal")


def test_server():
    """An Azure DevOps Server has none, and none is asked."""
    with server_place() as place:
        apply_all(place)
        place.clear_log()
        author = unknown(place)
        check_equal((author["state"], author["reason"]), ("unknown", "Azure DevOps Server has no audit log"), "why")
        check_equal([row for row in place.requests() if "/_apis/audit" in row["url"]], [], "requests")


if __name__ == "__main__":
    main()
