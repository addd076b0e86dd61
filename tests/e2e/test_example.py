# SPDX-License-Identifier: Apache-2.0
"""The article's example from the first plan to the end of the daemon, each command once; tests/analyze runs it too, with
charterd under valgrind and with both sides under ThreadSanitizer."""
import signal

from harness import FIXTURES, ROOT, Place, check, check_equal, free_address, main, wait_until

CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
LIMIT_SECONDS = 60
DRIFT = {"op": "grant", "project": "MLOps", "principal": "zoe@contoso.com", "kind": "repository", "name": "operations",
         "allow": ["Read"]}
TELL = """#!/bin/sh
cat > /dev/null
"""


def passes(place):
    return place.metric("charterd_passes_total") or 0


def run_commands(place):
    """What a person does first."""
    place.expect(0, "check")
    check_equal(place.run("plan").returncode, 3, "exit code of plan: a brake holds the removals")
    held = place.run("apply")
    check_equal(held.returncode, 3, f"exit code of apply: {held.stderr[-2000:]}")
    place.expect(0, "release", place.plan()["plan_id"], "--reason", "the example is untidy on purpose")
    place.expect(0, "apply")
    place.expect(0, "plan", "-o", "json")
    place.expect(0, "access")
    place.expect(0, "access", "-o", "json", "--team", "Data Science A")
    place.expect(0, "history")
    place.expect(0, "history", "--verify")


def run_daemon(place):
    """Drift, USR1, a reload, reopened files, status, TERM."""
    place.start_daemon()
    wait_until(lambda: passes(place) > 0, LIMIT_SECONDS, "the first pass")
    for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR1):
        n = passes(place)
        place.hand(DRIFT)
        place.daemon.send_signal(number)
        wait_until(lambda n=n: passes(place) > n, LIMIT_SECONDS, f"a pass after {number.name}")
    place.daemon.send_signal(signal.SIGUSR2)
    place.expect(0, "apply")
    check_equal(place.run("status").returncode, 0, "exit code of status")
    for path in ("/healthz", "/readyz", "/metrics", "/nothing"):
        place.served(path)
    check_equal(place.stop_daemon(), 0, "exit code of the daemon")


def test_example():
    with Place(FIXTURES / "mlops.json", charter=CHARTER, listen=free_address()) as place:
        tell = place.folder / "tell"
        tell.write_text(TELL)
        tell.chmod(0o755)
        place.write_settings(notify=tell)
        run_commands(place)
        run_daemon(place)
        taken = [row for row in place.ledger() if row["record"] == "intent" and row.get("principal") == "zoe@contoso.com"]
        check(taken, "the drift was not repaired")
        place.expect(0, "plan")


if __name__ == "__main__":
    main()
