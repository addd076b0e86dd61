# SPDX-License-Identifier: Apache-2.0
"""What the daemon serves to machines: /metrics, /healthz, /readyz, and what it refuses."""
import socket
import time

from harness import Place, check, check_equal, free_address, main, samples, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, hand, in_order

CONNECTION_SECONDS = 10
CONNECTIONS_MAX = 32
PEOPLE = ("omar", "zoe", "ana", "admin@")


def raw(address, text, seconds=5):
    """What comes back for these bytes; None when nothing came."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(text.encode())
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except TimeoutError:
            return None
        return found.decode()


def test_metrics_of_an_organisation_in_order():
    with in_order({"listen": free_address()}) as place:
        place.clear_log()
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready after the first pass")
        wait_until(lambda: place.metric("charterd_passes_total") == 1, 20, "the first pass has ended")
        status, headers, text = place.served("/metrics")
        check_equal(status, 200, "status of /metrics")
        check_equal(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8", "media type")
        check("Access-Control-Allow-Origin" not in headers, "CORS")
        found = samples(text)
        check(all(name.startswith("charterd_") for name, _, _ in found), "a metric of another name")
        check(not any(person in text.lower() for person in PEOPLE), f"a person's name: {text}")
        own = {"organization": place.url}
        for name, wanted in (("charterd_charter_valid", 1), ("charterd_ready", 1),
                             ("charterd_pass_failures_total", 0), ("charterd_credential_failures_total", 0),
                             ("charterd_drift_repaired_total", 0), ("charterd_throttled_answers_total", 0)):
            check_equal(place.metric(name, **own), wanted, name)
        check(abs(place.metric("charterd_last_complete_survey_timestamp_seconds", **own) - time.time()) < 60,
              "the time of the last complete survey")
        check(place.metric("charterd_last_pass_seconds", **own) > 0, "the last pass took no time")
        check(place.metric("charterd_received_bytes_total", **own) > 1000, "no bytes received")
        check(10_000 < place.metric("charterd_memory_bytes") < 10_000_000, "the memory of the daemon")


def test_drift_is_counted():
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready after the first pass")
        head = [labels["head"] for name, labels, _ in samples(place.served("/metrics")[2])
                if name == "charterd_ledger_info"]
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.metric("charterd_drift_repaired_total") == 1, 20, "one drift repaired")
        check_equal(place.metric("charterd_step_outcomes_total", outcome="done"), 1, "steps done")
        wait_until(lambda: place.metric("charterd_ledger_lines") == len(place.ledger()), 5, "lines of the ledger")
        verified = place.expect(0, "history", "--verify", "--head", head[0])
        check(verified.stdout, "history --verify says nothing")


def test_held_steps_and_findings():
    with Place(seed=SEED, charter=CHARTER, first_pass="hold", listen=free_address()) as place:
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready: held steps are for people, not for machines")
        plan = place.status()["organizations"][0]
        check_equal(place.metric("charterd_steps", state="held"), len(plan["held"]), "held steps")
        check(plan["findings"], "an untidy organisation without findings")
        for kind in {finding["kind"] for finding in plan["findings"]}:
            check_equal(place.metric("charterd_findings", kind=kind),
                        sum(finding["kind"] == kind for finding in plan["findings"]), f"findings of {kind}")


def test_what_is_said_is_said_once():
    with Place(seed=SEED, charter=CHARTER, first_pass="hold", listen=free_address()) as place:
        place.start_daemon()
        wait_until(place.is_ready, 30, "the first pass")
        for n in range(2, 4):
            place.reconcile()
            wait_until(lambda: place.metric("charterd_passes_total") >= n, 20, f"pass {n}")
        lines = place.log_lines()
        said = [line["detail"] for line in lines if line.get("message") == "finding"]
        check(said, "no finding in the log")
        check_equal(len(said), len(set(said)), "findings said, and different ones")
        held = [line for line in lines if line.get("message") == "steps are held"]
        check(held, "no held step in the log")
        check_equal(len(held), len({line["brake"] for line in held}), "lines of held steps, and brakes")
        plan = place.status()["organizations"][0]
        check_equal(sum(line["held"] for line in held), len(plan["held"]), "held steps in the log")
        check(all(plan["plan_id"] in line["release"] for line in held), f"no command that releases them: {held}")


def test_refused():
    listen = free_address()
    with Place(seed=SEED, charter=CHARTER, listen=listen) as place:
        place.start_daemon()
        check_equal(place.served("/healthz")[0::2], (200, "ok\n"), "/healthz")
        status, headers, text = place.served("/healthz", "HEAD")
        check_equal((status, text, headers["Content-Length"]), (200, "", "3"), "HEAD /healthz")
        check_equal(place.served("/status")[0], 404, "a path that is not served")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            status, headers, _ = place.served("/metrics", method)
            check_equal((status, headers.get("Allow")), (405, "GET, HEAD"), method)
        for host, wanted in ((listen, 200), ("localhost", 200), ("localhost:1", 200), ("[::1]:9469", 200),
                             ("evil.example", 421), ("localhost.evil.example:9469", 421), ("", 421), ("[::1", 421),
                             ("charterd", 421)):
            check_equal(place.served("/metrics", headers={"Host": host})[0], wanted, f"Host: {host}")
        check("421" in raw(listen, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"), "two Hosts")
        check("421" in raw(listen, "GET /healthz HTTP/1.0\r\n\r\n"), "no Host")
        check("200" not in raw(listen, "GET /" + "x" * 100000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), "a long line")
        check(place.daemon.poll() is None, "the daemon ended")


def test_slow_and_many_connections():
    """Who sends nothing, or a byte now and then, is cut off after 10 s; as many as may come leave the rest waiting, and
    the organisation is kept meanwhile."""
    listen = free_address()
    with Place(seed=SEED, charter=CHARTER, listen=listen) as place:
        place.start_daemon()
        host, _, port = listen.rpartition(":")
        began = time.monotonic()
        held = [socket.create_connection((host, int(port)), timeout=30) for _ in range(CONNECTIONS_MAX)]
        try:
            wait_until(lambda: any(row["record"] == "pass" for row in place.ledger()), 9, "a pass meanwhile")
            while time.monotonic() - began < CONNECTION_SECONDS - 2:
                try:
                    held[0].send(b"G")
                except OSError as error:
                    raise AssertionError("cut off too early") from error
                time.sleep(0.5)
            check_equal(held[1].recv(1), b"", "a silent connection ends")
            took = time.monotonic() - began
            check(CONNECTION_SECONDS - 1 < took < CONNECTION_SECONDS + 5, f"a connection lived {took:.1f} s")
            held[0].settimeout(5)
            try:
                while held[0].recv(4096):
                    pass
            except ConnectionResetError:
                pass
        finally:
            for connection in held:
                connection.close()
        check_equal(place.served("/healthz")[0], 200, "served again")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_address_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with Place(seed=SEED, charter=CHARTER, listen=f"127.0.0.1:{taken.getsockname()[1]}") as place:
            check_equal(place.start_daemon(wait=False).wait(timeout=30), 1, "exit code")
            line = next(line for line in place.log_lines() if line["message"] == "charterd cannot start")
            check(place.settings["listen"] in line["error"] and "in use; `listen` of the settings" in line["error"], f"{line}")
            check_equal(place.requests(), [], "requests")


def test_stops_with_connections_open():
    listen = free_address()
    with Place(seed=SEED, charter=CHARTER, listen=listen) as place:
        place.start_daemon()
        host, _, port = listen.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as idle:
            idle.sendall(b"GET /metrics HTTP/1.1\r\n")
            check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


if __name__ == "__main__":
    main()
