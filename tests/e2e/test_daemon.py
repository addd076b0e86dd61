# SPDX-License-Identifier: Apache-2.0
"""The daemon under what is done to it: reloads, stops, requests over its socket at awkward moments."""
import json
import signal
import socket

from harness import check, check_equal, main, wait_until
from test_drift import DRIFTS, hand, in_order

LATENCY_MS = 200


def passes(place):
    return [row for row in place.ledger() if row["record"] == "pass"]


def wait_for_pass(place, n_before, what, seconds=20):
    wait_until(lambda: len(passes(place)) > n_before, seconds, what)


def start(place):
    n = len(passes(place))
    place.start_daemon()
    wait_for_pass(place, n, "the first pass")


def hang_up(place, **changes):
    """SIGHUP with other settings than before; the pass that follows is waited for."""
    n = len(passes(place))
    place.write_settings(**changes)
    place.daemon.send_signal(signal.SIGHUP)
    wait_for_pass(place, n, "a pass after SIGHUP")


def test_reloads():
    """Settings that come anew take nothing away from the place: its ledger is read, known.json stays where it is."""
    with in_order({"first_pass": "hold"}) as place:
        start(place)
        for hours in range(2, 6):
            hang_up(place, interval=f"{hours}h")
        rows = [row for row in place.log_lines() if row["message"] == "the settings are in force"]
        check_equal([(row["organization"], row["mode"]) for row in rows], [(place.url, "enforce")] * 5, "settings in force")
        check(all(row["applied"] for row in passes(place)[-2:]), "the ledger was not read after a reload")
        place.clear_log()
        told = len(passes(place))
        for _ in range(3):
            n = len(passes(place))
            place.reconcile()
            wait_for_pass(place, n, "a pass after SIGUSR1")
        # Of each pass, not of all since the start; one may have begun before the log was cleared.
        n_told, n_made = sum(row["requests"] for row in passes(place)[told:]), len(place.requests())
        check(0 < n_told < 2 * n_made, f"{n_told} requests of three passes told, {n_made} made")
        clean = place.snapshot()
        hand(place, DRIFTS["a permission taken from a team"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 20, "repaired after reloads")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        place.expect(0, "plan")


def other_organization(place, credential="{ pat: { file: pat } }"):
    """Lines of the settings for a second organisation, which the simulator does not have."""
    return [f"  - url: {place.simulator.url}/fabrikam", f"    charter: {place.folder}/fabrikam.yaml",
            "    mode: enforce", f"    credential: {credential}"]


def organizations(place):
    return json.loads(place.run("status", "-o", "json").stdout)["organizations"]


def begin_slow_pass(place):
    """A pass that takes a while runs."""
    place.simulator.control("PUT", "options", {"latency_ms": LATENCY_MS})
    place.clear_log()
    place.reconcile()
    wait_until(lambda: place.requests(kind="read"), 10, "the pass has begun")


def test_mistyped_project():
    with in_order({}) as place:
        place.start_daemon()
        done = place.expect(64, "apply", "--project", "MLOp")
        check("did you mean `MLOps`?" in done.stderr, f"no nearest project in: {done.stderr}")
        place.expect(0, "apply", "--project", "mlops")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_organisation_that_cannot_be_kept():
    """Told wherever one asks, and tried again on SIGHUP; the other one is kept."""
    with in_order({}) as place:
        place.write_settings(organizations=other_organization(place, "{ workload_identity: {} }"))
        start(place)
        row = next(row for row in organizations(place) if row["url"].endswith("/fabrikam"))
        check_equal(row["state"], "failed", "state of an organisation that cannot be kept")
        check("workload_identity" in row["error"], f"its error: {row['error']}")
        place.expect(1, "status")
        place.expect(1, "status", "--health")
        done = place.expect(1, "apply")
        check("fabrikam: " in done.stderr, f"apply does not name it: {done.stderr}")
        hang_up(place, organizations=[])
        check_equal(len(organizations(place)), 1, "organisations once it is out of the settings")
        place.expect(0, "apply")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_organisation_removed_while_a_pass_runs():
    with in_order({}) as place:
        place.write_settings(organizations=other_organization(place))
        start(place)
        begin_slow_pass(place)
        place.write_settings(organizations=[])
        place.daemon.send_signal(signal.SIGHUP)
        place.write_settings(interval="2h")
        place.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: len(organizations(place)) == 1, 30, "one organisation is left")
        place.simulator.control("PUT", "options", {"latency_ms": 0})
        place.expect(0, "apply")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def ask(place, **request):
    """A request over the socket, by hand; answers() reads what comes. The daemon has it when this returns."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(place.folder / "charterd.sock"))
    line.sendall(json.dumps(request).encode() + b"\n")
    organizations(place)  # asked later, answered later
    return line


def answers(line):
    with line, line.makefile() as file:
        rows = [json.loads(row) for row in file]
    return [row for row in rows if "alive" not in row]


def test_stop_answers_who_waits():
    """What waits behind a running pass when the daemon ends is told so."""
    with in_order({}) as place:
        start(place)
        begin_slow_pass(place)
        lines = [ask(place, command="apply"), ask(place, command="release", plan_id="0123456789ab", reason="none")]
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        for line in lines:
            rows = answers(line)
            check_equal(rows[-1], {"exit": 1}, f"the last line of {rows}")
            check(any("the daemon was stopped before it was done" in row.get("error", "") for row in rows),
                  f"nothing of the stop in {rows}")


def test_who_asked_is_gone():
    """What was asked for is done all the same, and nothing is written to nobody."""
    with in_order({}) as place:
        start(place)
        begin_slow_pass(place)
        n = len([row for row in passes(place) if row["reason"] == "command"])
        for _ in range(3):
            ask(place, command="apply").close()
        place.simulator.control("PUT", "options", {"latency_ms": 0})
        wait_until(lambda: len([row for row in passes(place) if row["reason"] == "command"]) >= n + 3, 20,
                   "three passes that nobody waits for")
        place.expect(0, "apply")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


if __name__ == "__main__":
    main()
