# SPDX-License-Identifier: Apache-2.0
"""What the daemon serves to people: / and /status, over its socket and, with `page: true`, on loopback."""
import base64
import collections
import concurrent.futures
import contextlib
import hashlib
import html.parser
import json
import os
import re
import subprocess
import time

from harness import Place, check, check_equal, free_address, main, patience, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, hand, in_order

CONNECTION_SECONDS = 10
CONNECTIONS_MAX = 32
NOBODY = 65534
EVIL = "Evil <img src=x onerror=alert(1)>\"'&amp;</td></table><b>\x1b[2J\u202e"
SHOWN = "Evil <img src=x onerror=alert(1)>\"'&amp;</td></table><b>\\x1b[2J\\u202e"
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")


def held(**settings):
    return Place(seed=SEED, charter=CHARTER, first_pass="hold", listen=free_address(), **settings)


def idle(place):
    """The first pass has ended, and the next one is due in an hour."""
    row = place.status()["organizations"][0]
    return row["last_pass"] and row["next_pass"] and not row["busy"]


def is_in_sync(place):
    return idle(place) and place.status()["organizations"][0]["state"] == "in_sync"


def whole(connection):
    """All that comes until the other side ends."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            found += piece
    return found


def test_status_over_the_socket():
    with held() as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        status, headers, text = place.served("/status", over="socket")
        check_equal((status, headers["Content-Type"]), (200, "application/json"), "GET /status")
        told, command = json.loads(text), place.status()
        check(told["organizations"][0]["held"], f"nothing is held: {text}")
        for one in (told, command):
            del one["time"], one["organizations"][0]["budget"]
        check(told == command, "/status is not what `status -o json` tells")
        status, headers, nothing = place.served("/status", "HEAD", over="socket")
        check_equal((status, nothing), (200, ""), "HEAD /status")
        for name, wanted in (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                             ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
                             ("Connection", "close")):
            check_equal(headers.get(name), wanted, name)
        for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
            check(part in headers["Content-Security-Policy"].split("; "), f"{part}: {headers}")
        check("Access-Control-Allow-Origin" not in headers, "CORS")


def test_what_the_socket_refuses():
    with held() as place:
        place.start_daemon()
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            status, headers, _ = place.served("/status", method, over="socket")
            check_equal((status, headers.get("Allow")), (405, "GET, HEAD"), method)
        for host, wanted in (("localhost", 200), ("localhost:8080", 200), ("127.0.0.1:1", 200), ("[::1]", 200),
                             ("evil.example", 421), ("192.0.2.1", 421), ("[2001:db8::1]", 421), ("charterd", 421),
                             ("", 421)):
            check_equal(place.served("/status", headers={"Host": host}, over="socket")[0], wanted, f"Host: {host}")
        check_equal(place.served("/etc/passwd", over="socket")[0], 404, "a path that is not served")
        for nonsense in (b"GET\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20000 + b"\r\n"):
            with place.connect() as connection:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.sendall(nonsense)
                check(b" 200 " not in whole(connection), f"an answer to {nonsense[:20]}")
        with place.connect() as connection:
            connection.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\n")  # and nothing more
            check(place.status()["organizations"], "asked meanwhile")
        check(place.daemon.poll() is None, "the daemon ended")


def test_slow_and_many_over_the_socket():
    """Who sends nothing more is cut off; as many as may come leave no room for one more, nor for a command alone."""
    with held() as place:
        place.start_daemon()
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            many = [stack.enter_context(place.connect(30 * patience())) for _ in range(CONNECTIONS_MAX)]
            for one in many:
                one.sendall(b"GET /status HTTP/1.1\r\n")
            check(place.status()["organizations"], "a command is answered: it is not one of them")
            more = stack.enter_context(place.connect(30 * patience()))
            more.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            check_equal(whole(more), b"", "one more than may come")
            for one in many:
                check(b" 200 " not in whole(one), "half a request was answered")
        check(time.monotonic() - began > CONNECTION_SECONDS - 1, "cut off too early")
        check_equal(place.served("/status", over="socket")[0], 200, "served again")


def test_who_may_ask_over_the_socket():
    if os.geteuid() != 0:
        return
    with held() as place:
        place.start_daemon()
        place.folder.chmod(0o755)
        (place.folder / "charterd.sock").chmod(0o666)
        done = subprocess.run(["curl", "-sS", "-i", "--unix-socket", str(place.folder / "charterd.sock"),
                               "http://localhost/status"], capture_output=True, text=True, timeout=60, user=NOBODY)
        check(done.stdout.startswith("HTTP/1.1 403 "), f"another user: {done}")
        check("only root" in done.stdout and "organizations" not in done.stdout, f"another user: {done}")


def text_of(page):
    """The page as a reader sees it: what is no text is gone."""
    class Reader(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.pieces, self.elements, self.attributes = [], collections.Counter(), set()

        def handle_starttag(self, tag, attributes):
            self.elements[tag] += 1
            self.attributes.update(name for name, _ in attributes)

        def handle_data(self, data):
            if self.get_starttag_text() != "<style>":
                self.pieces.append(data)

    reader = Reader()
    reader.feed(page)
    return " ".join(" ".join(reader.pieces).split()), reader


def test_page_of_held_steps():
    with held() as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        status, headers, page = place.served("/", over="socket")
        check_equal((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"), "GET /")
        told = place.status()["organizations"][0]
        text, reader = text_of(page)
        check(f'charterd release {told["plan_id"]} --reason "..."' in text, f"the command that releases: {text}")
        for reason in (f'{len(told["held"])} steps are held', *told["reasons"]):
            check(reason in text, f"{reason}: {text}")
        for finding in told["findings"]:
            check(" ".join(finding["message"].split()) in text, f"{finding}: {text}")
        check("MLOps" in text and "enforce" in text, text)
        check(not {"script", "img", "link", "iframe", "form", "object"} & set(reader.elements), f"{reader.elements}")
        check(not {"src", "style", "onload", "onclick"} & reader.attributes, f"{reader.attributes}")
        digest = base64.b64encode(hashlib.sha256(re.search("<style>(.*)</style>", page, re.S)[1].encode()).digest()).decode()
        check(f"style-src 'sha256-{digest}'" in headers["Content-Security-Policy"].split("; "), f"{headers}")
        check_equal(place.served("/", "HEAD", over="socket")[2], "", "HEAD /")


def test_page_of_changes():
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        wait_until(lambda: is_in_sync(place), 30, "in sync")
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.metric("charterd_drift_repaired_total") == 1, 30, "the drift is repaired")
        wait_until(lambda: is_in_sync(place), 30, "in sync again")
        latest = place.status()["changes"][0]
        intent = [row for row in place.ledger() if row["record"] == "intent"][-1]
        check_equal((latest["change_id"], latest["time"]), (intent["change_id"], intent["time"]), "the last change")
        text, _ = text_of(place.served("/", over="socket")[2])
        causes = [row["cause"] for row in place.status()["changes"][:2]]
        check(causes[0].startswith("by ") and causes[1] == "the charter", f"causes: {causes}")
        for piece in ("In sync", latest["what"], "Done", "by ", "the charter"):
            check(" ".join(piece.split()) in text, f"{piece}: {text}")
        told = place.expect(0, "status").stdout
        check(f'{latest["time"]}  {latest["what"]}: done' in told, f"the status: {told}")


def test_page_of_access_and_figures():
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        wait_until(lambda: is_in_sync(place), 30, "in sync")
        page = place.served("/", over="socket")[2]
        text, reader = text_of(page)
        check("Who can reach what" in text and reader.elements["svg"] > 0, f"the picture: {text}")
        for name in ("Data Science A", "Data Science B", "operations"):
            check(name in text, f"{name}: {text}")
        check("class=\"figures\"" in page, f"no figures: {text}")
        digest = base64.b64encode(hashlib.sha256(re.search("<style>(.*?)</style>", page, re.S)[1].encode()).digest()).decode()
        check(f"sha256-{digest}" in place.served("/", over="socket")[1]["Content-Security-Policy"], "the style's hash")


def test_page_for_many_at_once():
    with held() as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            pages = list(pool.map(lambda _: place.served("/", over="socket"), range(20)))
        check_equal([status for status, _, _ in pages], [200] * 20, "each is answered")
        check(all(page.endswith("</html>\n") for _, _, page in pages), "a page that is cut")
        with place.connect() as gone:  # who does not wait is not missed
            gone.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        check_equal(place.served("/", over="socket")[0], 200, "served again")


def test_stops_while_pages_are_made():
    with held() as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                connection = stack.enter_context(place.connect())
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_page_during_a_pass():
    """What a pass is about to replace is not looked at."""
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        wait_until(lambda: is_in_sync(place), 30, "in sync")
        for n in range(10):
            place.reconcile()
            for _ in range(3):
                status, _, page = place.served("/", over="socket")
                check(status == 200 and page.endswith("</html>\n"), f"pass {n}: {status}")
        check(place.daemon.poll() is None, "the daemon ended")


def test_names_stay_text():
    """A group whose name has HTML, quotes, control characters and a mark of direction has a grant that nobody declared."""
    seed = json.loads(SEED.read_text())
    project = seed["projects"][0]
    project["groups"] = [{"name": EVIL, "members": []}]
    project["permissions"].append({"principal": EVIL, "kind": "repository", "name": "operations", "allow": ["Read"]})
    with Place(seed=seed, charter=CHARTER, first_pass="hold") as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        text, reader = text_of(place.served("/", over="socket")[2])
        check(SHOWN in text, f"the name: {text}")
        check(not {"b", "img", "script"} & set(reader.elements), f"{reader.elements}")
        check(not HIDDEN.search(text), f"what cannot be seen: {ascii(text)}")


def test_page_on_loopback():
    with held() as place:
        place.start_daemon()
        status, _, text = place.served("/status")
        check_equal(status, 404, "without `page: true`")
        check("page: true" in text, f"what to do is not said: {text}")
        place.write_settings(page=True)
        place.daemon.send_signal(1)
        wait_until(lambda: place.served("/status")[0] == 200, 30, "served after SIGHUP")
        check_equal(place.served("/status", headers={"Host": "evil.example"})[0], 421, "Host of another")
        check_equal(place.served("/status", headers={"Host": "192.0.2.1"})[0], 421, "Host of another address")
        check("organizations" in json.loads(place.served("/status")[2]), "what is served")


def test_page_never_leaves_the_machine():
    with held(page=True, mode="observe") as place:
        place.settings["listen"] = "0.0.0.0:" + place.settings["listen"].rpartition(":")[2]
        place.write_settings()
        done = place.run("check", "--settings")
        check(done.returncode == 1 and "loopback" in done.stderr, f"page on all addresses: {done}")
        place.write_settings(page=False)
        place.start_daemon()
        # Settings that would be fine at the next start: what listens now is another address.
        place.write_settings(page=True, listen="127.0.0.1:" + place.settings["listen"].rpartition(":")[2])
        place.clear_log()
        place.daemon.send_signal(1)
        wait_until(lambda: any("listen" in line["message"] for line in place.log_lines()), 30, "the warning")
        check_equal(place.served("/status")[0], 404, "on all addresses")


if __name__ == "__main__":
    main()
