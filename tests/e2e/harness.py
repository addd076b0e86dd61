# SPDX-License-Identifier: Apache-2.0
"""Harness: the real charterd beside the real simulator, in a folder of its own.

A test file is a script of functions named test_*; main() runs those named on the command line, or all, and prints a
line each. The binaries come from the environment: CHARTERD, CHARTERD_SIMULATOR.
"""
import base64
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from certificate import Certificate

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "e2e"
START_SECONDS = 60
COMMAND_SECONDS = 300
LISTEN_PORTS = 10000, 32000  # below those the kernel chooses from
ports_given = set()
COMMANDS_MAX = 8  # until there is nothing left to do
INSIDE = "CHARTERD_TEST_INSIDE"  # what to run in namespaces of its own
NOT_DONE = ("silent", "200_html", "203_html")  # faults whose answers look like success


class Failure(AssertionError):
    """What was expected and what came instead."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def check_equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: expected {wanted!r}, got {got!r}")


def binary(name):
    path = os.environ.get(name)
    if not path:
        sys.exit(f"{name} is not set: run this through meson test")
    return path


def build_release(folder, *more):
    """Unless the environment has the binaries: those of a release build in this folder, made when it is missing; and more
    of its targets."""
    if "CHARTERD" in os.environ:
        return
    folder = pathlib.Path(folder)
    commands = [] if (folder / "build.ninja").exists() else [["meson", "setup", "-Dbuildtype=release", folder, ROOT]]
    for command in [*commands, ["ninja", "-C", folder, "daemon/charterd", "tests/simulator/charterd-simulator", *more]]:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}{folder} does not build")
    os.environ["CHARTERD"] = str(folder / "daemon" / "charterd")
    os.environ["CHARTERD_SIMULATOR"] = str(folder / "tests" / "simulator" / "charterd-simulator")


def patience():
    """Seconds are counted so often: sanitized builds are slow."""
    return float(os.environ.get("TEST_PATIENCE", "1"))


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds * patience()
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Failure(f"not within {seconds} s: {what}")


def left_over(rows, others):
    """Those of the rows that the others have not, or less often."""
    others = list(others)
    return [row for row in rows if row not in others or others.remove(row)]


def held_by(done):
    """The PLAN-ID of what an application says is held; None without."""
    held = re.search(r"^held: ([0-9a-f]{12}):", done.stdout, re.MULTILINE) if done else None
    return held and held.group(1)


def next_command(done, before=None):
    """What a person would type after this answer and the one before it; None when all is done. What waits for held
    steps alone (exit 1) is the same once more."""
    if done is None:
        return ["apply"]
    held = held_by(done)
    check(held or done.returncode != 3, f"exit 3, but no held line:\n{done.stdout}")
    if done.returncode == 3 or held and held == held_by(before):
        return ["apply", "--release", held, "--reason", "looked at"]
    return ["apply"] if done.returncode else None


class Simulator:
    """A simulator process with its control interface."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        ready = self.folder / "simulator.ready"
        ready.unlink(missing_ok=True)
        self.log_file = open(self.folder / "simulator.log", "ab")
        self.process = subprocess.Popen(
            [binary("CHARTERD_SIMULATOR"), "--quiet", "--ready-file", str(ready), *map(str, arguments)],
            stdout=subprocess.DEVNULL, stderr=self.log_file)
        deadline = time.monotonic() + START_SECONDS * patience()
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure("the simulator did not start: " + (self.folder / "simulator.log").read_text())
            time.sleep(0.01)
        words = ready.read_text().split()
        self.url = words[1]
        self.scheme, self.host = urllib.parse.urlsplit(self.url)[:2]  # a server's has a virtual directory below
        self.graph_host = urllib.parse.urlsplit(words[3]).netloc

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        self.log_file.close()

    def request(self, method, path, body=None, headers=None, host=None):
        """Status, headers and the decoded body of one request."""
        if self.scheme == "https":
            # Tests are told what is so whatever its certificate says.
            connection = http.client.HTTPSConnection(host or self.host, timeout=120,
                                                     context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection(host or self.host, timeout=120)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8-sig")
            try:
                value = json.loads(text) if text else None
            except ValueError:
                value = text
            return answer.status, dict(answer.getheaders()), value
        finally:
            connection.close()

    def control(self, method, what, body=None):
        status, _, value = self.request(method, "/_simulator/" + what, body)
        check(status < 300, f"control: {method} {what} answers {status}: {value}")
        return value


class Place:
    """A folder with a simulator, settings and a charter. With tls, the simulator speaks HTTPS by a certificate made
    with these keywords, and charterd is told of it by ca_file unless the settings say otherwise; with front, a
    Front stands before the simulator."""

    def __init__(self, seed=None, arguments=(), charter=None, organization="contoso", quiet=False, tls=None, front=None,
                 **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="charterd-e2e-"))
        self.organization = organization
        self.quiet = quiet  # of many side by side none prints its logs
        self.daemon = None
        self.simulator = None
        self.front = front
        try:
            arguments = list(arguments)
            if isinstance(seed, dict):
                path = self.folder / "seed.json"
                path.write_text(json.dumps(seed))
                seed = path
            if seed:
                arguments += ["--seed", str(seed)]
            if tls is not None:
                certificate = Certificate(self.folder, "service", **tls)
                arguments += ["--tls", certificate.certificate, certificate.key]
                settings.setdefault("ca_file", certificate.certificate)
            if front:
                arguments += front.arguments()
                settings.setdefault("ca_file", front.certificate.certificate)
            self.simulator = Simulator(self.folder, *arguments)
            if front:
                front.start(self.simulator)
            self.url = f"{(front or self.simulator).url}/{organization}"
            self.charter_path = self.folder / "charter.yaml"
            self.settings = {"mode": "enforce", "first_pass": "apply", "interval": "1h", "may": {},
                             "limits": {"requests_per_5_minutes": "none"}, "pat": "admin",
                             "credential": {"pat": {"file": "pat"}}, "environment": {}, **settings}
            self.write_pat(self.settings["pat"])
            self.write_settings()
            if charter is not None:
                self.write_charter(charter)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.end()
        try:
            if kind is None:
                self.check_sanitizers()
        except Failure:
            kind = Failure
            raise
        finally:
            if kind is not None and not self.quiet:
                print(self.evidence(), file=sys.stderr)
            self.close()

    def check_sanitizers(self):
        """What sanitizers say does not always show in exit codes: a test that tries again would hide it."""
        for name in ("charterd.log", "simulator.log"):
            path = self.folder / name
            text = path.read_text(errors="replace") if path.exists() else ""
            found = re.search(r"^.*(Sanitizer: |runtime error: ).*$", text, re.MULTILINE)
            check(not found, f"{name}: {found and found.group(0)}")

    def evidence(self):
        """What helps to understand a failure."""
        parts = []
        for name in ("charterd.log", "simulator.log"):
            path = self.folder / name
            if path.exists():
                lines = path.read_text(errors="replace").splitlines()
                parts += [f"--- {name}", *lines[-40:]]
        return "\n".join(parts)

    def end(self):
        """Nothing runs any more; what it wrote is still there."""
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        if self.simulator:
            self.simulator.stop()
        if self.front:
            self.front.stop()

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_pat(self, text):
        path = self.folder / "pat"
        path.write_text(text + "\n")
        path.chmod(0o600)

    def write_charter(self, text):
        """The organisation's address is this simulator's."""
        self.charter_path.write_text(text.replace("https://dev.azure.com/contoso", self.url))

    def write_settings(self, **changes):
        self.settings.update(changes)
        s = self.settings
        lines = ["organizations:", f"  - url: {self.url}", f"    charter: {self.charter_path}",
                 f"    mode: {s['mode']}", f"    first_pass: {s['first_pass']}"]
        if s["credential"]:
            lines.append("    credential: " + json.dumps(s["credential"]))
        if s["may"]:
            lines.append("    may: " + json.dumps(s["may"]))
        lines += s.get("organizations", [])
        lines += [f"interval: {s['interval']}", f"listen: {s.get('listen', 'none')}", f"state_directory: {self.folder}/state",
                  f"socket: {self.folder}/charterd.sock",
                  f"log: {{ format: {s.get('log_format', 'json')}, level: {s.get('log_level', 'debug')} }}"]
        lines.append("limits: " + json.dumps(s["limits"]))
        if "page" in s:
            lines.append(f"page: {str(s['page']).lower()}")
        if "ledger_keep" in s:
            lines.append(f"ledger_keep: {s['ledger_keep']}")
        if s.get("ca_file"):
            lines.append(f"ca_file: {s['ca_file']}")
        if "notify" in s:
            lines.append("notify: " + json.dumps({"command": str(s["notify"])}))
        (self.folder / "charterd.yaml").write_text("\n".join(lines) + "\n")

    # --- charterd -------------------------------------------------------------------------------------------------

    def run(self, *arguments, timeout=COMMAND_SECONDS):
        """Runs a command to its end; stderr goes to charterd.log too."""
        done = subprocess.run([binary("CHARTERD"), *map(str, arguments), "-c", str(self.folder / "charterd.yaml")],
                              capture_output=True, text=True, timeout=timeout, env=self.environment())
        with open(self.folder / "charterd.log", "a") as log:
            log.write(done.stderr)
        return done

    def start(self, *arguments):
        """Starts a command; finish() waits for it."""
        with open(self.folder / "stdout", "wb") as out, open(self.folder / "stderr", "wb") as err:
            return subprocess.Popen([binary("CHARTERD"), *map(str, arguments), "-c", str(self.folder / "charterd.yaml")],
                                    stdout=out, stderr=err, env=self.environment())

    def finish(self, process, timeout=COMMAND_SECONDS):
        """What start() began, ended: as run() gives it."""
        code = process.wait(timeout=timeout)
        done = subprocess.CompletedProcess(process.args, code, (self.folder / "stdout").read_text(),
                                           (self.folder / "stderr").read_text())
        with open(self.folder / "charterd.log", "a") as log:
            log.write(done.stderr)
        return done

    def environment(self):
        """Of charterd; credentials of whoever runs the tests are none of its own."""
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(("AZURE_", "IDENTITY_", "MSI_", "IMDS_"))}
        return {**inherited, "NO_COLOR": "1", **self.settings["environment"]}

    def expect(self, exit_code, *arguments, **kwargs):
        done = self.run(*arguments, **kwargs)
        if done.returncode != exit_code:
            raise Failure(f"charterd {' '.join(map(str, arguments))}: expected exit {exit_code}, got "
                          f"{done.returncode}\n{done.stdout}\n{done.stderr[-6000:]}")
        return done

    def converge(self, pause_seconds=0):
        """Runs commands until one exits 0; how many it took."""
        done, before, n = None, None, 0
        while (command := next_command(done, before)) and n < COMMANDS_MAX:
            time.sleep(pause_seconds if n else 0)
            done, before = self.run(*command), done
            n += 1
        check_equal(done.returncode, 0, f"exit of command {n}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return n

    def plan(self):
        """The plan as JSON, whatever its exit code."""
        done = self.run("plan", "-o", "json")
        check(done.stdout.strip(), f"plan printed nothing: {done.stderr[-3000:]}")
        return json.loads(done.stdout)

    def start_daemon(self, wait=True):
        log = open(self.folder / "charterd.log", "ab")
        self.daemon = subprocess.Popen([binary("CHARTERD"), "run", "-c", str(self.folder / "charterd.yaml")],
                                       stdout=log, stderr=log, env=self.environment())
        log.close()
        if wait:
            wait_until(lambda: self.is_open() or self.daemon.poll() is not None, 30, "the daemon's socket")
            check(self.daemon.poll() is None, "the daemon ended: " + self.evidence())
        return self.daemon

    def is_open(self):
        """The daemon's socket is there, and it listens where it is told to."""
        if not (self.folder / "charterd.sock").exists():
            return False
        address = self.settings.get("listen", "none")
        if address == "none":
            return True
        host, _, port = address.rpartition(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def stop_daemon(self):
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(timeout=30 * patience())
        self.daemon = None
        return code

    def kill_daemon(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def served(self, path, method="GET", headers=None, over="listen"):
        """Status, headers and text of what the daemon serves at its address, or over its socket."""
        if over == "listen":
            connection = http.client.HTTPConnection(self.settings["listen"], timeout=30)
        else:
            connection = http.client.HTTPConnection("localhost", timeout=30)
            connection.sock = self.connect()
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def connect(self, seconds=30):
        """A connection to the daemon's socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        connection.connect(str(self.folder / "charterd.sock"))
        return connection

    def is_ready(self):
        return self.served("/readyz")[0] == 200

    def metric(self, name, **labels):
        """The value of the one sample with that name and at least these labels; None without."""
        found = [value for metric, own, value in samples(self.served("/metrics")[2])
                 if metric == name and labels.items() <= own.items()]
        check(len(found) <= 1, f"{name} {labels}: {len(found)} samples")
        return found[0] if found else None

    def status(self):
        """What the daemon says of itself over its socket."""
        return json.loads(self.run("status", "-o", "json").stdout)

    def reconcile(self):
        self.daemon.send_signal(signal.SIGUSR1)

    def ledger(self):
        path = self.folder / "state" / "ledger.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]

    def log_lines(self):
        path = self.folder / "charterd.log"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        found = []
        for line in lines:
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    # --- the organisation -------------------------------------------------------------------------------------------

    def snapshot(self, **narrowed):
        """In people's words; narrowed by project=, sections=, without=."""
        return self.simulator.control(
            "GET", "snapshot?" + urllib.parse.urlencode({"organization": self.organization, **narrowed}))

    def ask(self, path):
        """What the service answers to a GET of a path below the organisation, with charterd's PAT. Graph and
        identities are asked at their own address."""
        is_graph = path.startswith(("_apis/graph", "_apis/identities"))
        credential = base64.b64encode(f":{self.settings['pat']}".encode()).decode()
        status, _, value = self.simulator.request("GET", f"/{self.organization}/{path}",
                                                  headers={"Authorization": f"Basic {credential}"},
                                                  host=self.simulator.graph_host if is_graph else None)
        check_equal(status, 200, f"GET {path}: {value}")
        return value

    def project_id(self, name):
        projects = self.ask("_apis/projects?api-version=7.1")["value"]
        return next(row["id"] for row in projects if row["name"] == name)

    def check_made_once(self, repeatable=()):
        """By the request log each creation succeeded once, each membership was added once; but for routes that may be
        repeated, and for what was only said to be done."""
        made = collections.Counter(
            (request["method"], request["url"], request.get("body")) for request in self.requests(kind="write")
            if (request["status"] == 201 or request["status"] == 200 and "/build/folders/" in request["url"])
            and request["route"] not in repeatable and request.get("fault") not in NOT_DONE)
        twice = [what for what, n in made.items() if n > 1]
        check(not twice, f"made twice: {twice}")
        check(made, "nothing was made")

    def check_snapshot(self, wanted, got=None):
        """The organisation is as another run left it; `got` when it was looked at before."""
        got = got or self.snapshot()
        for section, rows in wanted.items():
            if got[section] != rows:
                missing, extra = left_over(rows, got[section]), left_over(got[section], rows)
                raise Failure(f"{section} differ from an undisturbed run: missing {missing}, extra {extra}")

    def clear_log(self):
        self.simulator.control("DELETE", "log")

    def requests(self, **filters):
        return self.simulator.control("GET", "log?" + urllib.parse.urlencode(filters))

    def fault(self, kind, **rule):
        """Requests that fit the rule show this kind of fault from now on."""
        self.simulator.control("POST", "faults", {"kind": kind, **rule})

    def clear_faults(self):
        self.simulator.control("DELETE", "faults")

    def hand(self, *changes, **frame):
        """Changes made by hand, past charterd; without "as" by nobody, and always allowed. Answers the number of the
        last request before them."""
        frame.setdefault("force", "as" not in frame)
        return self.simulator.control("POST", "hand", {**frame, "changes": list(changes)})["seq"]


SAMPLE = re.compile(r'^([a-z_0-9]+)(?:\{(.*)\})? ([-+0-9.e]+)$')
LABEL = re.compile(r'([a-z_][a-z_0-9]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')


def samples(text):
    """Names, labels and values of Prometheus' text format; each line must be well formed."""
    found = []
    for line in text.splitlines():
        if line.startswith("#"):
            check(re.match(r"^# (HELP|TYPE) [a-z_0-9]+ \S", line), f"not a comment of the format: {line}")
            continue
        sample = SAMPLE.match(line)
        check(sample, f"not a sample: {line}")
        labels = sample.group(2) or ""
        check(LABEL.sub("", labels) == "", f"not labels: {labels}")
        found.append((sample.group(1), dict(LABEL.findall(labels)), float(sample.group(3))))
    return found


def free_address():
    """An address of this machine that nothing listens on now. Its port is none that the kernel gives to connections, of
    which one could have it before a daemon does; and none that was given before."""
    while True:
        port = random.randrange(*LISTEN_PORTS)
        if port in ports_given:
            continue
        ports_given.add(port)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return f"127.0.0.1:{port}"


def escape_pattern(text):
    """The text as a pattern of fault rules that fits nothing else."""
    return "".join("\\" + c if c in "\\*?[]" else c for c in text)


def in_parallel(function, cases, workers, name_of=str):
    """Runs function(case) for each, many at a time; prints progress; fails with the list of those that failed. What
    they returned, in the order they ended."""
    failures, results = [], []
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(function, case): case for case in cases}
        for n, done in enumerate(concurrent.futures.as_completed(running), 1):
            error = done.exception()
            if error:
                failures.append(f"{name_of(running[done])}: {error}")
                print(f"     FAIL {failures[-1]}", flush=True)
            else:
                results.append(done.result())
            if n % 25 == 0 or n == len(running):
                print(f"     {n} of {len(running)}", flush=True)
    if failures:
        raise Failure(f"{len(failures)} of {len(running)} failed:\n  " + "\n  ".join(failures))
    return results


def at_once(most):
    """How many cases run side by side: a sanitized process takes several times the memory."""
    return max(2, most // 5) if share() > 1 else most


def share():
    """Long tests take each so manyth case (TEST_SHARE)."""
    return max(1, int(os.environ.get("TEST_SHARE", "1")))


def namespaces():
    """The command that begins a network and a file system of one's own, as root or by a user namespace."""
    for command in (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"]):
        if subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0:
            return command
    raise Failure("this machine gives no network namespaces: run the tests as root, or allow user namespaces")


def run_inside(name):
    """Runs that function of the test's file in a network and a file system that are its own."""
    script = 'ip link set lo up && exec "$@"'
    done = subprocess.run([*namespaces(), "sh", "-c", script, "sh", sys.executable, sys.modules["__main__"].__file__],
                          env={**os.environ, INSIDE: name})
    check_equal(done.returncode, 0, f"exit of {name}")


def main():
    module = sys.modules["__main__"]
    if os.environ.get(INSIDE):
        getattr(module, os.environ[INSIDE])()
        return
    tests = {name: value for name, value in vars(module).items() if name.startswith("test_") and callable(value)}
    wanted = sys.argv[1:] or list(tests)
    failed = 0
    for name in wanted:
        if name not in tests:
            sys.exit(f"no test {name}; there are: {', '.join(tests)}")
        began = time.monotonic()
        try:
            tests[name]()
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"FAIL {name}", flush=True)
    print(f"{len(wanted) - failed} of {len(wanted)} passed")
    sys.exit(1 if failed or not wanted else 0)
