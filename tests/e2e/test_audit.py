# SPDX-License-Identifier: Apache-2.0
"""Who broke it: drifts are matched with the audit log, which may be late, closed, empty, broken."""
import os
import time

from harness import Place, check, check_equal, main, wait_until
from test_apply import SEED, apply_all
from test_drift import WATCHED_CHARTER

SECONDS_LATE = float(os.environ.get("TEST_SECONDS_LATE", "4"))  # 20 shows the same in half a minute
TEAM, CONTRIBUTORS = "[MLOps]\\Data Science A", "[MLOps]\\Contributors"
JOINED = {"op": "add_member", "project": "MLOps", "member": TEAM, "group": CONTRIBUTORS}
WHENCE = {"address": "198.51.100.23", "client": "curl/8.0 (by hand)"}


def place_in_order(delay_ms=0, charter=WATCHED_CHARTER, **settings):
    """The organisation as the charter wants it; the audit log shows what is done so much later."""
    place = Place(seed=SEED, charter=charter, arguments=["--option", f"audit_delay_ms={delay_ms}"], **settings)
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


if __name__ == "__main__":
    main()
