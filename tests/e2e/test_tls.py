# SPDX-License-Identifier: Apache-2.0
"""TLS: the service is believed by its certificate, and in no other case does it get a request."""
import json

from front import HTTP2, Front, find_nginx
from harness import FIXTURES, ROOT, Place, check, check_equal, free_address, main, wait_until

SEED = FIXTURES / "mlops.json"
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
LONG_AGO = ("20200101000000Z", "20200201000000Z")
# What other programs take for leave not to look.
SWITCHES_OF_OTHERS = {"CURL_INSECURE": "1", "SSL_VERIFY": "0", "SSL_NO_VERIFY": "1", "GIT_SSL_NO_VERIFY": "true",
                      "NODE_TLS_REJECT_UNAUTHORIZED": "0", "PYTHONHTTPSVERIFY": "0", "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION": "1",
                      "TLS_VERIFY": "false", "INSECURE": "1", "VSTS_ARG_SKIPCERTVALIDATION": "1"}
SWITCHES = ["insecure", "verify", "tls", "tls_verify", "ssl_verify", "verify_tls", "skip_verify", "skip_tls_verify",
            "verify_peer", "verify_host", "accept_invalid_certificates"]


def arrived(place):
    """Requests the simulator ever saw of charterd."""
    return place.simulator.control("GET", "log/counts")["requests"]


def passes_ended(place):
    return sum(line.get("record") == "pass" for line in place.ledger())


def check_refused(place, *words):
    """No command gets anywhere, each says why, and what to do; nothing was asked, so nothing was told."""
    for command in ("plan", "apply"):
        done = place.expect(1, command)
        said = done.stderr + done.stdout
        for word in words:
            check(word in said, f"{command} does not say {word!r}: {said[-3000:]}")
    check_equal(arrived(place), 0, "requests that arrived")


def test_a_certificate_in_ca_file_is_believed():
    with Place(seed=SEED, charter=CHARTER, tls={}) as place:
        check(place.url.startswith("https://"), place.url)
        place.converge()
        place.expect(0, "plan")
        services = {row["service"] for row in place.requests()}
        check_equal(services, {"core", "graph"}, "services asked by HTTPS")


def test_the_daemon_is_ready_only_with_it():
    with Place(seed=SEED, charter=CHARTER, tls={}, mode="observe", listen=free_address()) as place:
        certificate = place.settings["ca_file"]
        place.write_settings(ca_file=None)
        place.start_daemon()
        wait_until(lambda: "is not believed" in json.dumps(place.log_lines()), 60, "the daemon's word on the certificate")
        check(not place.is_ready(), "ready without a service it believes")
        check_equal(arrived(place), 0, "requests that arrived")
        check_equal(place.stop_daemon(), 0, "exit of the daemon")
        place.write_settings(ca_file=certificate)
        place.start_daemon()
        wait_until(place.is_ready, 60, "the daemon to be ready")
        check_equal(place.stop_daemon(), 0, "exit of the daemon")


def test_http2_needs_one_connection_a_host():
    if not find_nginx():
        print("     without nginx there is no HTTP/2")
        return
    front = Front(HTTP2)
    with Place(seed=SEED, charter=CHARTER, front=front, listen=free_address()) as place:
        place.converge()
        front.clear()
        place.start_daemon()
        for n in range(4):
            ended = passes_ended(place)
            if n > 0:
                place.reconcile()
            wait_until(lambda: passes_ended(place) > ended, 60, f"the daemon's pass {n + 1}")
        connections, protocols = front.connections()
        check_equal(protocols, {"HTTP/2.0"}, "protocols")
        check_equal(connections, [1, 1], "connections to the core service and to Graph")


def test_refused_without_ca_file():
    with Place(seed=SEED, charter=CHARTER, tls={}, ca_file=None) as place:
        check_refused(place, place.simulator.host, "self-signed certificate", "ca_file")


def test_refused_under_a_wrong_name():
    with Place(seed=SEED, charter=CHARTER, tls={"goes_by": "DNS:dev.azure.com"}) as place:
        check_refused(place, place.simulator.host, "127.0.0.1", "name")


def test_refused_when_it_has_ended():
    with Place(seed=SEED, charter=CHARTER, tls={"life": LONG_AGO}) as place:
        check_refused(place, place.simulator.host, "expired")


def test_refused_with_another_ca():
    with Place(seed=SEED, charter=CHARTER, tls={}) as place, Place(tls={}) as other:
        place.write_settings(ca_file=other.settings["ca_file"])
        check_refused(place, "certificate", "ca_file")


def test_a_ca_file_that_is_none():
    with Place(seed=SEED, charter=CHARTER, tls={}) as place:
        place.write_settings(ca_file=place.folder / "nothing.pem")
        check_refused(place, "nothing.pem")
        place.write_settings(ca_file=place.charter_path)
        check_refused(place, "charter.yaml")


def test_nothing_switches_it_off():
    with Place(seed=SEED, charter=CHARTER, tls={}, ca_file=None, environment=SWITCHES_OF_OTHERS) as place:
        check_refused(place, "self-signed certificate")
        settings = (place.folder / "charterd.yaml").read_text()
        for switch in SWITCHES:
            for text in (f"{settings}{switch}: false\n", settings.replace("    mode:", f"    {switch}: false\n    mode:")):
                (place.folder / "charterd.yaml").write_text(text)
                done = place.expect(1, "check", "--settings")
                check(switch in done.stderr, f"`{switch}` is taken: {done.stderr}")
    schema = json.dumps(json.loads((ROOT / "config" / "settings.schema.json").read_text()))
    check(not any(f'"{switch}"' in schema for switch in SWITCHES), "the schema knows a switch")


if __name__ == "__main__":
    main()
