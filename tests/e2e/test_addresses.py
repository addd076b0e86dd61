# SPDX-License-Identifier: Apache-2.0
"""Addresses: requests go to the one of the settings, and to Graph where a table says it is; a lie gets no request.

The service stands behind a liar, which passes requests on and changes answers. What it names instead are traps:
addresses at which somebody listens and must hear nothing.
"""
import contextlib
import http.client
import http.server
import json
import re
import socket
import subprocess
import threading

from harness import Place, check, check_equal, free_address, main, run_inside, wait_until
from test_apply import CHARTER, SEED, apply_all

ELSEWHERE = "192.0.2.7"  # reserved for documentation; inside it is this machine's, and no loopback
GRAPH_AREAS = ("bb1e7ec9-e901-4b68-999a-de7012b920f8", "8a3d49b8-91f0-46ef-b33d-dda338c25db3")
SKIPPED = {"connection", "transfer-encoding", "content-length", "host"}
REDIRECTS = (301, 302, 303, 307, 308)
ABSOLUTE = re.compile(rb'https?:[\\/]+[^"\\\s,}]+')


class Trap:
    """A listener that notes who connects, and what is said."""

    def __init__(self, host):
        self.heard = []
        self.listener = socket.create_server((host, 0))
        self.address = f"{host}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            self.heard.append("a connection")
            threading.Thread(target=self.hear, args=(connection,), daemon=True).start()

    def hear(self, connection):
        with connection:
            connection.settimeout(10)
            try:
                said = connection.recv(4096)
                self.heard += [said] if said else []
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                pass

    def check_silent(self, what):
        check_equal(self.heard, [], f"{what}: what {self.address} heard")
        host, port = self.address.split(":")
        socket.create_connection((host, int(port))).close()
        wait_until(lambda: self.heard, 5, f"{self.address} hears")
        self.heard.clear()


class Liar:
    """Stands before a server at a port of its own. `redirect(method, path)` tells where to, instead of asking it;
    `change(path, status, headers, body)` gives what becomes of its answer."""

    def __init__(self, target):
        liar = self
        self.target = target
        self.redirect = lambda method, path: None
        self.change = lambda path, status, headers, body: (status, headers, body)
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def pass_on(self):
                liar.pass_on(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.seen.append((handler.command, handler.path))
        redirect = self.redirect(handler.command, handler.path)
        if redirect:
            self.answer(handler, redirect[0], [("Location", redirect[1])], b"")
        else:
            self.answer(handler, *self.change(handler.path, *self.ask(handler, body)))

    def ask(self, handler, body):
        connection = http.client.HTTPConnection(self.target, timeout=60)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in SKIPPED}
        connection.request(handler.command, handler.path, body or None, {**headers, "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in SKIPPED], text

    def answer(self, handler, status, headers, body):
        handler.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class LyingPlace(Place):
    """charterd knows the liar alone: its settings and its charter name it."""

    def __init__(self, *arguments, **keywords):
        self.liars = []
        super().__init__(*arguments, **keywords)
        self.core = self.new_liar(self.simulator.host)
        self.graph = self.new_liar(self.simulator.graph_host)
        self.named = f"http://{self.graph.host}/{self.organization}/"  # where Graph is said to be
        self.core.change = self.honest
        self.url = f"http://{self.core.host}/{self.organization}"
        self.write_settings()
        self.write_charter(CHARTER)

    def new_liar(self, target):
        self.liars.append(Liar(target))
        return self.liars[-1]

    def honest(self, path, status, headers, body):
        """Graph is where the other liar is, or is said to be."""
        if "/_apis/resourceAreas" not in path:
            return status, headers, body
        areas = json.loads(body)
        for area in areas["value"]:
            if area["id"] in GRAPH_AREAS:
                area["locationUrl"] = self.named
        return status, headers, json.dumps(areas).encode()

    def close(self):
        for liar in self.liars:
            liar.close()
        self.liars = []
        super().close()

    def writes(self):
        return self.requests(kind="write")


# --- the address in the settings --------------------------------------------------------------------------------------

def inside_settings():
    """What is neither https nor this machine is refused before any request; so is what hides another host."""
    subprocess.run(["ip", "address", "add", ELSEWHERE + "/32", "dev", "lo"], check=True)
    subprocess.run(["ip", "address", "add", "169.254.1.1/32", "dev", "lo"], check=True)
    far, near = Trap(ELSEWHERE), Trap("169.254.1.1")
    with Place(seed=SEED, charter=CHARTER) as place:
        for url in (f"http://{far.address}/contoso", f"http://{near.address}/contoso", "http://dev.azure.com/contoso",
                    f"http://127.0.0.1@{far.address}/contoso", f"http://127.0.0.1:80@{far.address}/contoso",
                    f"http://{far.address}#@127.0.0.1/contoso", f"http://{far.address}\\@127.0.0.1/contoso",
                    f"ftp://{far.address}/contoso", f"//{far.address}/contoso"):
            place.url = url
            place.write_settings()
            place.charter_path.write_text(CHARTER.replace("https://dev.azure.com/contoso", url))
            for command in ("plan", "apply", "check"):
                done = place.expect(1, command)
                check("charterd.yaml" in done.stderr, f"{command} with {url}: {done.stderr}")
        check_equal(place.requests(), [], "requests to the simulator")
    far.check_silent("settings")
    near.check_silent("settings")


def test_the_address_of_the_settings():
    run_inside("inside_settings")


# --- resourceAreas ----------------------------------------------------------------------------------------------------

def lies(address):
    """Ways to say that Graph is elsewhere; the organisation is on this machine."""
    port = address.rsplit(":", 1)[1]
    return [f"http://{address}/contoso", f"https://{address}/contoso", f"http://127.0.0.1@{address}/contoso",
            f"http://127.0.0.1:80@{address}/contoso", f"http://127.0.0.1\\@{address}/contoso",
            f"http://{address}\\@127.0.0.1/contoso", f"http://{address}#@127.0.0.1/contoso",
            f"http://{address}?@127.0.0.1/contoso", f"http://3221225991:{port}/contoso",
            f"http://0xc0000207:{port}/contoso", f"http://0300.0.02.07:{port}/contoso", f"http://192.0.519:{port}/contoso",
            f"http://[::ffff:c000:207]:{port}/contoso", f"http://localhost.{address}/contoso", f"//{address}/contoso",
            f"HTTP://{address}/contoso", f" http://{address}/contoso", f"http://{address}\t/contoso",
            "https://vssps.dev.azure.com/contoso", "file:///etc/passwd", f"ftp://{address}/", "http://", "", "127.0.0.1"]


def inside_areas():
    """Each lie fails the organisation with its own words, and nobody is asked there. At the second pass a daemon has
    believed the truth before, and does not go on with it."""
    subprocess.run(["ip", "address", "add", ELSEWHERE + "/32", "dev", "lo"], check=True)
    trap = Trap(ELSEWHERE)
    with LyingPlace(seed=SEED) as place:
        truth = place.named
        check_equal(place.run("plan").returncode, 3, "exit with the truth")
        n_graph = len(place.graph.seen)
        check(n_graph > 0, "Graph was not asked through the liar")
        for lie in lies(trap.address):
            place.named = lie
            done = place.expect(1, "apply")
            said = re.split(r"[\\\t]", lie.strip())[0].rstrip("/")  # what is not visible is shown in another way
            check(said in done.stdout and ("Graph" in done.stdout or "locationUrl" in done.stdout),
                  f"{lie!r}: {done.stdout}")
        check_equal(len(place.graph.seen), n_graph, "requests to the true Graph after a lie")
        check_equal(place.writes(), [], "writes")
        trap.check_silent("lies in resourceAreas")
        place.named = truth
        place.settings["listen"] = free_address()
        place.write_settings()
        place.start_daemon()
        wait_until(lambda: place.is_ready() and not place.status()["organizations"][0]["busy"], 30, "a first pass")
        n_graph, n_passes = len(place.graph.seen), place.metric("charterd_passes_total")
        place.named = f"http://{trap.address}/contoso"
        place.reconcile()
        wait_until(lambda: place.metric("charterd_passes_total") > n_passes, 20, "a pass")
        check(place.named in place.status()["organizations"][0]["error"], f"{place.status()['organizations'][0]}")
        check_equal(len(place.graph.seen), n_graph, "requests to the true Graph after a lie")
    trap.check_silent("lies in resourceAreas of a running daemon")


def test_resource_areas():
    run_inside("inside_areas")


# --- an organisation elsewhere ----------------------------------------------------------------------------------------

class Tunnels:
    """A proxy that notes which hosts it is asked to connect with; it knows some."""

    def __init__(self, known):
        self.known, self.asked = known, set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            threading.Thread(target=self.connect, args=(self.listener.accept()[0],), daemon=True).start()

    def connect(self, client):
        head = b""
        while b"\r\n\r\n" not in head and (piece := client.recv(4096)):
            head += piece
        method, host = head.split(b" ")[:2]
        self.asked.add((method.decode(), host.decode()))
        if method != b"CONNECT" or host.decode() not in self.known:
            client.close()
            return
        near, port = self.known[host.decode()].split(":")
        server = socket.create_connection((near, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
        self.copy(client, server)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


CORE, GRAPH = "dev.azure.com:443", "vssps.dev.azure.com:443"


class PlaceElsewhere(Place):
    """The simulator as https://dev.azure.com, behind a proxy; its Graph is where it says."""

    def __init__(self, graph):
        names = {"goes_by": "DNS:dev.azure.com,DNS:vssps.dev.azure.com"}
        super().__init__(seed=SEED, tls=names, arguments=["--address", "https://dev.azure.com", "--graph-address", graph])
        self.tunnels = Tunnels({CORE: self.simulator.host, GRAPH: self.simulator.graph_host})
        self.url = "https://dev.azure.com/contoso"
        self.write_settings(environment={"https_proxy": self.tunnels.url, "http_proxy": self.tunnels.url, "no_proxy": ""})
        self.write_charter(CHARTER)


def test_an_organisation_elsewhere():
    """Graph is where the table says; this machine, another host, another port, no TLS: no request, and it is named."""
    with PlaceElsewhere("https://vssps.dev.azure.com") as place:
        place.expect(3, "plan")
        check_equal(place.tunnels.asked, {("CONNECT", CORE), ("CONNECT", GRAPH)}, "whom the proxy was asked for")
    trap = Trap("127.0.0.1")
    for graph in (f"http://{trap.address}", f"https://{trap.address}", "http://vssps.dev.azure.com",
                  "https://vssps.dev.azure.com:8443", "https://vssps.dev.azure.com.evil.example",
                  "https://evil.example", "https://vssps.dev.azure.com@evil.example", "https://dev.azure.com"):
        with PlaceElsewhere(graph) as place:
            done = place.expect(1, "apply")
            check(f"{graph}/contoso" in done.stdout and "the credential is not sent there" in done.stdout,
                  f"{graph}: {done.stdout}")
            check_equal(place.tunnels.asked, {("CONNECT", CORE)}, f"whom the proxy was asked for with {graph}")
            check_equal([row for row in place.requests() if row["kind"] == "write"], [], f"writes with {graph}")
    trap.check_silent("an organisation elsewhere")


# --- redirects --------------------------------------------------------------------------------------------------------

def is_write(method, path):
    return method != "GET" and not path.split("?")[0].endswith("batch")


def redirect(place, status, to, fits):
    def where(method, path):
        return (status, to) if fits(method, path) else None

    place.core.redirect = place.graph.redirect = where


def redirect_no_more(place):
    place.core.redirect = place.graph.redirect = lambda method, path: None


# What of the survey is redirected: the first request, a list of the organisation, a list of Graph, the entries.
REDIRECTED = ("/_apis/connectionData", "/_apis/projects?", "/_apis/graph/groups", "/_apis/accesscontrollists")


def test_redirected_readings():
    """To another port, to another path of the same, with a scheme and without: none is followed."""
    trap = Trap("127.0.0.1")
    with LyingPlace(seed=SEED) as place:
        for number, part in enumerate(REDIRECTED * 2):
            status = REDIRECTS[number % len(REDIRECTS)]
            to = f"http://{trap.address}/contoso/elsewhere" if number < len(REDIRECTED) else f"//{trap.address}/elsewhere"
            redirect(place, status, to, lambda method, path: part in path)
            done = place.expect(1, "apply")
            check("redirects are not followed" in done.stdout, f"{status} of {part}: {done.stdout}")
            check_equal(place.writes(), [], f"writes after {status} of {part}")
        redirect(place, 302, f"{place.url}/elsewhere", lambda method, path: "/_apis/projects?" in path)
        place.expect(1, "apply")
        check(not [path for _, path in place.core.seen if "elsewhere" in path], "a redirect to the same host was followed")
    trap.check_silent("redirected readings")


def test_redirected_writes():
    """What is written is not written elsewhere; when the redirects end, it is done."""
    trap = Trap("127.0.0.1")
    with LyingPlace(seed=SEED) as place:
        for status in REDIRECTS:
            redirect(place, status, f"http://{trap.address}/contoso/elsewhere", is_write)
            done = place.expect(1, "apply")
            check("redirects are not followed" in done.stderr, f"{status}: {done.stderr[-2000:]}")
            check_equal(place.writes(), [], f"writes that {status} led to the service")
        results = {row["result"] for row in place.ledger() if row["record"] == "outcome"}
        check_equal(results, {"failed"}, "what came of the writes")
        redirect_no_more(place)
        apply_all(place)
        place.expect(0, "plan")
    trap.check_silent("redirected writes")


# --- addresses inside answers -----------------------------------------------------------------------------------------

def test_addresses_inside_answers():
    """Everything in an answer that looks like an address is the trap's: `url`, `_links`, `nextLink`, `operation`,
    Location. The charter is applied whole all the same."""
    trap = Trap("127.0.0.1")
    charter = CHARTER.replace("  MLOps:\n", "  New Unit:\n    create_project: { process: Agile }\n")
    options = [word for key, value in (("page_size_projects", 1), ("page_size_teams", 1), ("page_size_graph", 3),
                                       ("page_size_definitions", 1), ("operation_polls", 3))
               for word in ("--option", f"{key}={value}")]
    with LyingPlace(seed=SEED, arguments=options) as place:
        n_changed = 0

        def change(path, status, headers, body):
            nonlocal n_changed
            if "/_apis/resourceAreas" in path:
                return place.honest(path, status, headers, body)
            trapped, n = ABSOLUTE.subn(f"http://{trap.address}/contoso/trap".encode(), body)
            n_changed += n
            if trapped.startswith(b"{"):
                whole = json.loads(trapped)
                for key in ("nextLink", "@odata.nextLink", "url", "continuationUrl"):
                    whole[key] = f"http://{trap.address}/contoso/{key}"
                whole["_links"] = {"self": {"href": f"http://{trap.address}/links"},
                                   "next": {"href": f"http://{trap.address}/next"}}
                trapped = json.dumps(whole).encode()
            headers = [(name, value) for name, value in headers if name.lower() != "location"]
            links = f'<http://{trap.address}/contoso/next>; rel="next"'
            return status, [*headers, ("Location", f"http://{trap.address}/location"), ("Link", links),
                            ("Content-Location", f"http://{trap.address}/content"),
                            ("Refresh", f"0; url=http://{trap.address}/refresh")], trapped

        place.core.change = place.graph.change = change
        place.write_charter(charter)
        apply_all(place)
        place.expect(0, "plan")
        check(n_changed > 20, f"only {n_changed} addresses in the answers")
        check(any("/_apis/operations/" in path for _, path in place.core.seen), "no operation was asked for")
        things = [row for row in place.snapshot()["things"] if row.get("project") == "New Unit"]
        check(things, "the project was not made")
    trap.check_silent("addresses inside answers")


if __name__ == "__main__":
    main()
