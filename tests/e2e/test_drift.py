# SPDX-License-Identifier: Apache-2.0
"""Five kinds of drift, each repaired at once on SIGUSR1, and within an interval without it."""
import time

from harness import FIXTURES, ROOT, Failure, Place, check, check_equal, main, patience, wait_until
from test_apply import CHARTER, SEED, apply_all

SECONDS_AFTER_SIGNAL = 2
# The demo's additions: unlisted members are removed, and one repository says that it inherits.
WATCHED_CHARTER = CHARTER.replace(
    "  unlisted_grants: remove            # hand-made grants on what teams own are taken away",
    "  unlisted_grants: remove\n  unlisted_members: remove").replace(
    "          repositories: [operations]", "          repositories: [{ name: operations, inherit: true }]")

DRIFTS = {
    "a grant given by hand on what a team owns": {
        "op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a",
        "allow": ["Read", "Contribute"]},
    "a permission taken from a team": {
        "op": "revoke", "principal": "[MLOps]\\Data Science A", "kind": "repository", "name": "data-science-a",
        "permissions": ["Contribute"]},
    "the team put into Contributors": {
        "op": "add_member", "member": "[MLOps]\\Data Science A", "group": "[MLOps]\\Contributors"},
    "a member added": {
        "op": "add_member", "member": "zoe@contoso.com", "group": "[MLOps]\\Data Science A"},
    "inheritance switched off": {
        "op": "set_inherit", "kind": "repository", "name": "operations", "inherit": False},
}


def hand(place, change):
    place.simulator.control("POST", "hand", {"organization": "contoso", "as": "admin@contoso.com",
                                             "changes": [{"project": "MLOps", **change}]})


def in_order(place):
    """The organisation as the charter wants it."""
    place = Place(seed=SEED, charter=WATCHED_CHARTER, limits={"requests_per_5_minutes": "none"}, **place)
    apply_all(place)
    return place


def changes(place):
    """Change ids of the ledger with intent and outcome."""
    rows = place.ledger()
    outcomes = {row["change_id"]: row["result"] for row in rows if row["record"] == "outcome"}
    return {row["change_id"]: outcomes.get(row["change_id"]) for row in rows if row["record"] == "intent"}


def repair(place, name, reconcile, seconds):
    before_drift = place.snapshot()
    known = changes(place)
    hand(place, DRIFTS[name])
    began = time.monotonic()
    if reconcile:
        place.reconcile()
    wait_until(lambda: place.snapshot() == before_drift, seconds, f"{name}: repaired")
    took = time.monotonic() - began
    # That something was changed by hand shows here: the pass that looked back at the last repair may have seen it first.
    wait_until(lambda: any(id not in known and result == "done" for id, result in changes(place).items()),
               seconds, f"{name}: intent and outcome in the ledger")
    if reconcile and took > SECONDS_AFTER_SIGNAL * patience():
        raise Failure(f"{name}: repaired after {took:.1f} s")
    return took


def test_signal():
    with in_order({}) as place:
        place.start_daemon()
        for name in DRIFTS:
            took = repair(place, name, reconcile=True, seconds=SECONDS_AFTER_SIGNAL)
            print(f"     {name}: {took:.2f} s")
        changed = [line for line in place.log_lines() if line.get("message") == "changed"]
        check(len(changed) >= len(DRIFTS), f"log lines of changes: {len(changed)}")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_interval():
    """The shortest interval is half a minute: all five at once, repaired by the pass that comes by itself."""
    with in_order({"interval": "30s"}) as place:
        place.start_daemon()
        wait_until(lambda: any(row["record"] == "pass" and row.get("reason") == "interval" for row in place.ledger()),
                   20, "the first pass")
        clean = place.snapshot()
        for change in DRIFTS.values():
            hand(place, change)
        check(place.snapshot() != clean, "the changes by hand changed nothing")
        wait_until(lambda: place.snapshot() == clean, 40, "repaired within an interval")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_signal_while_a_pass_runs():
    """One more pass follows: nothing that happened after the running pass had read is left for an interval."""
    with in_order({}) as place:
        place.start_daemon()
        wait_until(lambda: any(row["record"] == "pass" and row.get("reason") == "interval" for row in place.ledger()),
                   20, "the first pass")
        clean = place.snapshot()
        place.simulator.control("PUT", "options", {"latency_ms": 200})
        place.reconcile()
        wait_until(lambda: len(place.requests(kind="read")) > 0, 10, "the pass has begun")
        time.sleep(1.2)
        hand(place, DRIFTS["a grant given by hand on what a team owns"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 30, "repaired by the pass that follows")


if __name__ == "__main__":
    main()
