# SPDX-License-Identifier: Apache-2.0
"""Credentials: each kind against who gives out its tokens; what is wrong with one is said once, and mends without a restart.

After each test all that charterd wrote is searched for the secrets that were in play.
"""
import base64
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

from certificate import Certificate
from harness import FIXTURES, ROOT, Failure, Place, check, check_equal, main, run_inside, wait_until

SEED = json.loads((FIXTURES / "mlops.json").read_text())
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
TENANT = SEED["tenant"]
CLIENT = "3c1f7a10-6a0e-4c42-9d64-7f0c6f1b2a31"
SECRET = "Zk8~q+/Vd=3x.secret_of_the_client"
OTHER_SECRET = "Yh2~w+/Qc=7b.another_of_the_client"
IDENTITY_HEADER = "header+of/the=app~0123456789"
METADATA_HOST = "169.254.169.254"
RESOURCE = "499b84ac-1321-427f-aa17-267ca6975798"
ARC_FOLDER = "/var/opt/azcmagent/tokens"
HELD = 3  # exit of the example's plan
LIFE_SECONDS = 2
LATENCY_MS = 150


# --- what there is ----------------------------------------------------------------------------------------------------

def seed(**known_by):
    """The example's organisation with a service principal that is known by this."""
    principal = {"name": "keeper", "application_id": CLIENT, "administrator": True, **known_by}
    return {**SEED, "service_principals": [principal]}


def principal(**proof):
    return {"service_principal": {"tenant": TENANT, "client": CLIENT, **proof}}


class Keyed(Certificate):
    """A certificate that also signs tokens."""

    def __init__(self, folder, name):
        super().__init__(folder, name, key=["rsa:2048"])

    def pem(self):
        return self.key.read_text() + self.certificate.read_text()

    def jwt(self, claims):
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        text = encode(b'{"alg":"RS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text, check=True,
                                   capture_output=True).stdout
        return (text + b"." + encode(signature)).decode()


class Trial(Place):
    """A place whose secrets are looked for in everything that was written."""

    def __init__(self, *arguments, secrets=(), files=None, **keywords):
        self.secrets = set(secrets)
        self.said = []
        super().__init__(*arguments, charter=CHARTER, **keywords)
        for name, text in (files or {}).items():
            self.write_secret(name, text)
        self.authorize()

    def authorize(self):
        """Tokens are asked for at the simulator unless a test says otherwise."""
        credential = self.settings["credential"]
        if credential and "service_principal" in credential:
            credential["service_principal"].setdefault("authority", self.simulator.url + "/_token")
        self.write_settings()

    def write_secret(self, name, text):
        path = self.folder / name
        fresh = self.folder / (name + ".new")
        fresh.write_text(text)
        fresh.chmod(0o600)
        fresh.rename(path)
        self.secrets.add(text)

    def run(self, *arguments, **keywords):
        done = super().run(*arguments, **keywords)
        self.said += [done.stdout, done.stderr]
        return done

    def token_requests(self):
        return self.requests(route="token")

    def asked(self):
        """Requests to the organisation."""
        return [row for row in self.requests() if row["route"] != "token"]

    def check_planned(self):
        """The plan was made as the service principal, whom the service never refused."""
        self.expect(HELD, "plan")
        people = {row["person"] for row in self.asked()}
        check_equal(people, {"keeper"}, "who asked")
        refused = [row for row in self.asked() if row["status"] in (203, 401)]
        check(not refused, f"refused: {refused}")

    def check_secrets(self):
        kept = {"charterd.yaml", "charter.yaml", "seed.json", "simulator.log", "simulator.ready", "pat"}
        secret_files = {path.name for path in self.folder.iterdir() if path.suffix in (".secret", ".pem", ".key", ".crt")}
        texts = {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*")
                 if path.is_file() and path.name not in kept | secret_files}
        texts["output"] = "".join(self.said).encode()
        check("charterd.log" in texts, "charterd wrote no log")
        for name, text in texts.items():
            for what in self.traces():
                check(what not in text, f"{name} holds a secret, as {what[:12]!r}...")

    def traces(self):
        """How secrets may look; beginnings of tokens and assertions too."""
        yield from (b"eyJhbGciOiJQUzI1NiIs", b"eyJ0eXAiOiJKV1QifQ", b"BEGIN PRIVATE", b"BEGIN RSA")
        for secret in self.secrets:
            data = secret.strip().encode()[:200]
            yield data
            yield urllib.parse.quote(data, safe="").encode()
            for offset in range(3):
                for plain in (data, b":" + data):
                    encoded = base64.b64encode(b"x" * offset + plain)
                    yield encoded[(4 if offset else 0):-4]


@contextlib.contextmanager
def trial(*arguments, **keywords):
    with Trial(*arguments, **keywords) as place:
        yield place
        place.check_secrets()


NOBODY = 65534  # a user without rights of its own


def secret_trial(written=SECRET, **keywords):
    """A service principal by its secret."""
    return trial(seed(secret=SECRET), keywords.pop("arguments", []), secrets=[SECRET], files={"client.secret": written},
                 credential=principal(secret={"file": "client.secret"}), **keywords)


# --- each kind --------------------------------------------------------------------------------------------------------

def test_client_secret():
    with secret_trial() as place:
        place.check_planned()
        check_equal(len(place.token_requests()), 1, "token requests")
        place.converge()
        place.expect(0, "plan")
        place.expect(0, "history", "--verify")


def test_client_secret_of_a_variable():
    with trial(seed(secret=SECRET), secrets=[SECRET], credential=principal(secret={"env": "THE_SECRET"}),
               environment={"THE_SECRET": SECRET}) as place:
        place.check_planned()


def test_certificate():
    with tempfile.TemporaryDirectory() as folder:
        own, other = Keyed(folder, "own"), Keyed(folder, "other")
        with trial(seed(certificate=own.certificate.read_text()), files={"client.pem": own.pem()},
                   credential=principal(certificate={"file": "client.pem"})) as place:
            place.check_planned()
            place.check_planned()  # an assertion is never used twice
            check_equal([row["status"] for row in place.token_requests()], [200, 200], "token requests")
            place.write_secret("client.pem", other.pem())
            done = place.expect(1, "plan")
            check("AADSTS700027" in done.stdout + done.stderr, f"said: {done.stdout}{done.stderr}")


def federated(keyed, subject="system:serviceaccount:ops:charterd", **claims):
    now = int(time.time())
    return keyed.jwt({"iss": "https://issuer.example.com", "sub": subject, "aud": "api://AzureADTokenExchange",
                      "nbf": now - 5, "exp": now + 600, **claims})


def workload_trial(keyed, credential, token):
    with tempfile.NamedTemporaryFile("w", suffix=".jwt", delete=False) as file:
        file.write(token)
    os.chmod(file.name, 0o644)  # as kubelet's
    variables = {"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT, "AZURE_FEDERATED_TOKEN_FILE": file.name}
    known_by = {"issuer": "https://issuer.example.com", "subject": "system:serviceaccount:ops:charterd",
                "certificate": keyed.certificate.read_text()}
    return pathlib.Path(file.name), trial(seed(federated=known_by), secrets=[token], credential=credential,
                                          environment=variables)


def check_workload(credential):
    with tempfile.TemporaryDirectory() as folder:
        keyed = Keyed(folder, "issuer")
        path, made = workload_trial(keyed, credential, federated(keyed, exp=int(time.time()) - 3600))
        with made as place:
            place.settings["environment"]["AZURE_AUTHORITY_HOST"] = place.simulator.url + "/_token/"
            done = place.expect(1, "plan")
            check("AADSTS700024" in done.stdout + done.stderr, f"said: {done.stdout}{done.stderr}")
            path.write_text(federated(keyed, subject="system:serviceaccount:ops:other"))
            done = place.expect(1, "plan")
            check("AADSTS700213" in done.stdout + done.stderr, f"said: {done.stdout}{done.stderr}")
            place.clear_log()
            path.write_text(federated(keyed))
            place.secrets.add(path.read_text())
            place.check_planned()
        path.unlink()


def test_workload_identity():
    check_workload({"workload_identity": {}})


def test_workload_identity_without_settings():
    check_workload(None)


def test_app_service():
    with trial(seed(identity_header=IDENTITY_HEADER), secrets=[IDENTITY_HEADER],
               credential={"managed_identity": {"client": CLIENT}}) as place:
        place.settings["environment"].update(IDENTITY_ENDPOINT=place.simulator.url + "/msi/token",
                                             IDENTITY_HEADER=IDENTITY_HEADER)
        place.check_planned()
        place.settings["environment"]["IDENTITY_HEADER"] = "wrong"
        done = place.expect(1, "plan")
        check("App Service gives no token: 401" in done.stdout + done.stderr, f"said: {done.stdout}{done.stderr}")


def test_places_that_are_refused():
    with trial(seed(secret=SECRET), credential={"managed_identity": {}}) as place:
        for variables, name in (({"MSI_ENDPOINT": "x"}, "Cloud Shell"),
                                ({"MSI_ENDPOINT": "x", "MSI_SECRET": "x"}, "Azure Machine Learning"),
                                ({"IDENTITY_ENDPOINT": "x", "IDENTITY_HEADER": "x", "IDENTITY_SERVER_THUMBPRINT": "x"},
                                 "Service Fabric")):
            place.settings["environment"] = variables
            done = place.expect(1, "plan")
            check(f"that of {name}" in done.stderr, f"said: {done.stderr}")
        check_equal(place.requests(), [], "requests")


def test_personal_access_token():
    """Also one that was wrong at first: another file is taken while the daemon runs."""
    person = {"user": "keeper@contoso.com", "name": "Keeper", "pat": SECRET, "administrator": True}
    limits = {"requests_per_5_minutes": "none", "removals": "none"}
    with trial({**SEED, "people": [*SEED["people"], person]}, secrets=[SECRET], files={"pat.secret": OTHER_SECRET},
               credential={"pat": {"file": "pat.secret"}}, limits=limits) as place:
        place.start_daemon()
        wait_until(lambda: place.asked(), 20, "a pass with a wrong token")
        wait_until(lambda: place.run("status").returncode == 1, 20, "the daemon tells that something is wrong")
        check_equal({row["status"] for row in place.asked()}, {401}, "answers")
        place.write_secret("pat.secret", SECRET)
        place.reconcile()
        wait_until(lambda: in_sync(place), 60, "the charter is applied with the right token")
        check_equal(place.stop_daemon(), 0, "exit of the daemon")


def test_files_of_secrets():
    with secret_trial() as place:
        (place.folder / "client.secret").chmod(0o644)
        done = place.expect(1, "plan")
        check("can be read by others" in done.stdout + done.stderr, f"said: {done.stderr}")
        check_equal(place.requests(), [], "requests")
        place.settings["credential"]["service_principal"]["secret"]["readable_by_others"] = "accepted"
        place.write_settings()
        place.check_planned()
        (place.folder / "credentials").mkdir()
        (place.folder / "credentials" / "client.secret").write_text(OTHER_SECRET)
        place.settings["environment"]["CREDENTIALS_DIRECTORY"] = str(place.folder / "credentials")
        done = place.expect(1, "plan")
        check("credentials/client.secret, at a restart" in done.stdout + done.stderr, f"said: {done.stderr}")


def test_the_search_finds():
    """A search that cannot find proves nothing."""
    with secret_trial() as place:
        place.run("plan")
        place.check_secrets()
        for text in (SECRET, urllib.parse.quote(SECRET, safe=""), base64.b64encode(f":{SECRET}".encode()).decode(),
                     base64.b64encode(f"a:{SECRET}".encode()).decode(), base64.b64encode(SECRET.encode()).decode(),
                     "eyJhbGciOiJQUzI1NiIsInR5cCI6"):
            place.said.append(f"x {text} y")
            try:
                place.check_secrets()
            except Failure:
                place.said.pop()
            else:
                raise Failure(f"{text} is not found")


# --- in namespaces of their own: fixed addresses and folders --------------------------------------------------------

def relay(simulator):
    """The simulator at the address and port of the instance metadata service."""
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve(listener):
        while True:
            client, _ = listener.accept()
            host, port = simulator.host.split(":")
            server = socket.create_connection((host, int(port)))
            threading.Thread(target=copy, args=(client, server), daemon=True).start()
            threading.Thread(target=copy, args=(server, client), daemon=True).start()

    listener = socket.create_server((METADATA_HOST, 80))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()


def inside_imds():
    subprocess.run(["ip", "address", "add", METADATA_HOST + "/32", "dev", "lo"], check=True)
    proxies = {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
    with trial(seed(managed=True), credential={"managed_identity": {}}, environment=proxies) as place:
        relay(place.simulator)
        place.check_planned()
        place.settings["credential"]["managed_identity"]["client"] = CLIENT
        place.write_settings()
        place.check_planned()
        start = f"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={RESOURCE}"
        check_equal([row["url"] for row in place.token_requests()], [start, f"{start}&client_id={CLIENT}"], "asked")
        place.settings["credential"]["managed_identity"]["client"] = TENANT
        place.write_settings()
        done = place.expect(1, "plan")
        check("gives no token: 400 invalid_request" in done.stdout + done.stderr, f"said: {done.stderr}")


def inside_arc():
    subprocess.run(["mount", "-t", "tmpfs", "none", "/var/opt"], check=True)
    os.makedirs(ARC_FOLDER)
    with trial(seed(arc_folder=ARC_FOLDER), credential={"managed_identity": {}}) as place:
        place.settings["environment"].update(
            IDENTITY_ENDPOINT=place.simulator.url + "/metadata/identity/oauth2/token",
            IMDS_ENDPOINT=place.simulator.url)
        place.check_planned()
        check_equal([row["status"] for row in place.token_requests()], [401, 200], "token requests")
        place.secrets |= {path.read_text() for path in pathlib.Path(ARC_FOLDER).iterdir()}


def test_imds():
    run_inside("inside_imds")


def test_azure_arc():
    run_inside("inside_arc")


# --- time -------------------------------------------------------------------------------------------------------------

def test_renewed_in_mid_pass():
    slow = ["--latency", LATENCY_MS, "--option", f"token_life_s={LIFE_SECONDS}"]
    limits = {"requests_per_5_minutes": "none", "requests_in_flight": 1}
    with secret_trial(arguments=slow, limits=limits) as place:
        place.fault("503", route="token", skip=1, count=1)
        place.check_planned()
        given = [row for row in place.token_requests() if row["status"] == 200]
        check(len(given) >= 3, f"the pass was over before a token was: {len(given)} tokens")
        check(len(place.token_requests()) <= len(place.asked()) / 3, "tokens are asked for too often")


def test_outage_of_who_gives_tokens():
    with secret_trial() as place:
        place.fault("reset", route="token", count=2)
        place.check_planned()
        check_equal(len(place.token_requests()), 3, "token requests")


# --- what is wrong ----------------------------------------------------------------------------------------------------

def test_wrong_secret():
    with secret_trial(written=OTHER_SECRET) as place:
        done = place.expect(1, "plan")
        for text in (done.stdout, done.stderr):  # the result, and the log
            check_equal(re.findall(r"AADSTS\d+", text), ["AADSTS7000215"], "refusals told")
        check(str(place.folder / "client.secret") in done.stdout + done.stderr, "it is not said where the secret lies")
        check_equal(len(place.token_requests()), 1, "token requests")
        check_equal(place.asked(), [], "requests to the organisation")


def test_refusals_are_told_apart():
    with secret_trial() as place:
        service_principal = place.settings["credential"]["service_principal"]
        for key, value, told in (("client", TENANT, "AADSTS700016"), ("tenant", CLIENT, "AADSTS90002")):
            kept = service_principal[key]
            service_principal[key] = value
            place.write_settings()
            done = place.expect(1, "plan")
            check(told in done.stdout + done.stderr, f"{key}: {done.stdout}{done.stderr}")
            service_principal[key] = kept
        check_equal(place.asked(), [], "requests to the organisation")


def test_addresses():
    """Secrets go over https, or to this machine, and nowhere that an answer names."""
    with secret_trial() as place:
        for host in ("http://login.example.com", "http://169.254.169.254"):
            place.settings["credential"]["service_principal"].pop("authority")
            place.settings["environment"]["AZURE_AUTHORITY_HOST"] = host
            place.write_settings()
            done = place.expect(1, "plan")
            check("http:// is allowed only to this machine" in done.stdout + done.stderr, f"{host}: {done.stderr}")
            place.authorize()
        place.fault("302", route="token")
        done = place.expect(1, "plan")
        check("redirects are not followed" in done.stdout + done.stderr, f"said: {done.stderr}")
        check_equal(place.asked(), [], "requests to the organisation")


def in_sync(place):
    done = place.run("status", "-o", "json")
    return done.returncode == 0


def test_rotated_without_restart():
    limits = {"requests_per_5_minutes": "none", "removals": "none"}
    with secret_trial(written=OTHER_SECRET, arguments=["--option", f"token_life_s={LIFE_SECONDS}"],
                      limits=limits) as place:
        place.start_daemon()
        wait_until(lambda: len(place.token_requests()) == 1, 20, "the first request for a token")
        wait_until(lambda: place.run("status").returncode == 1, 20, "the daemon tells that something is wrong")
        place.reconcile()
        wait_until(lambda: place.run("status").returncode == 1, 20, "and again")
        check_equal(len(place.token_requests()), 1, "token requests with a wrong secret")
        place.write_secret("client.secret", SECRET)
        place.reconcile()
        wait_until(lambda: in_sync(place), 60, "the charter is applied with the right secret")
        place.hand({"op": "set_client", "application_id": CLIENT, "secret": OTHER_SECRET})
        place.write_secret("client.secret", OTHER_SECRET)
        time.sleep(LIFE_SECONDS)  # the last token ends
        place.clear_log()
        place.reconcile()
        wait_until(lambda: place.asked(), 20, "a pass with the secret after that")
        wait_until(lambda: in_sync(place), 20, "it is in sync")
        check_equal({row["status"] for row in place.token_requests()}, {200}, "answers for a token")
        check_equal(place.stop_daemon(), 0, "exit of the daemon")


# --- memory -----------------------------------------------------------------------------------------------------------

def dumps_core(command, signal_number, **keywords):
    """Whether a process that this signal ends leaves a core."""
    def unlimited():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        signal.signal(signal_number, signal.SIG_DFL)  # a shell's background jobs inherit that some are ignored

    process = subprocess.Popen(command, preexec_fn=unlimited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               **keywords)
    time.sleep(0.5)
    process.send_signal(signal_number)
    status = None

    def ended():
        nonlocal status
        pid, status = os.waitpid(process.pid, os.WNOHANG)
        return pid == process.pid

    try:
        wait_until(ended, 20, f"{command[0]} ends by signal {signal_number}")
    except Failure:
        process.kill()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    check_equal(process.returncode, -signal_number, f"what ended {command[0]}")
    return os.WCOREDUMP(status)


def test_no_core():
    with secret_trial() as place:
        if not dumps_core(["sleep", "60"], signal.SIGQUIT, cwd=place.folder):
            print("     this machine writes no cores: test_is_not_dumpable alone tells")
        for path in place.folder.glob("core*"):
            path.unlink()
        command = [os.environ["CHARTERD"], "run", "-c", str(place.folder / "charterd.yaml")]
        check(not dumps_core(command, signal.SIGQUIT, cwd=place.folder, env=place.environment()), "charterd left a core")
        place.expect(HELD, "plan")


def check_owner_of_memory(owner, command, **keywords):
    """Whose /proc/PID/mem of a process of NOBODY's is: its own, or root's where it is not dumpable."""
    process = subprocess.Popen(command, user=NOBODY, group=NOBODY, extra_groups=[], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, **keywords)
    try:
        wait_until(lambda: pathlib.Path(f"/proc/{process.pid}/comm").read_text().strip() == pathlib.Path(command[0]).name,
                   20, f"{command[0]} runs")
        wait_until(lambda: os.stat(f"/proc/{process.pid}/mem").st_uid == owner, 20,
                   f"the memory of {command[0]} is {owner}'s")
        check(process.poll() is None, f"{command[0]} has ended")
    finally:
        process.kill()
        process.wait()


def test_is_not_dumpable():
    """As any user but root, to whom everything belongs."""
    with secret_trial() as place:
        place.expect(HELD, "plan")
        binary = shutil.copy(os.environ["CHARTERD"], place.folder / "charterd")
        for path in [place.folder, *place.folder.rglob("*")]:
            shutil.chown(path, NOBODY, NOBODY)
        check_owner_of_memory(NOBODY, ["sleep", "60"], cwd="/")
        check_owner_of_memory(0, [str(binary), "run", "-c", str(place.folder / "charterd.yaml")], cwd="/",
                              env=place.environment())


if __name__ == "__main__":
    main()
