# SPDX-License-Identifier: Apache-2.0
"""Container: charterd's image under podman, and a sidecar of it with the volumes that a pod gives it."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]

IMAGE = f"charterd-test:{os.getpid()}"
USER = 10001
MEMORY = 64 * 1024 * 1024
STOP_SECONDS = 5
CANNOT = 77  # exit code
SECONDS = 60
PORT = 19469
CONTAINERS_CONF = """[containers]
default_ulimits=["nofile=20000:20000","nproc=20000:20000"]
[network]
network_backend="netavark"
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
"""


def check(is_so, message):
    if not is_so:
        raise AssertionError(message)


def wait(is_so, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not is_so():
        check(time.monotonic() < end, f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


def podman(*words, check_exit=True):
    done = subprocess.run(["podman", "--runtime", "runc", *map(str, words)], capture_output=True, text=True)
    if check_exit:
        check(done.returncode == 0, f"podman {' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def build(folder, tag, image_format):
    subprocess.run([ROOT / "packaging/container/build", "--packages", folder / "packages", tag, image_format], check=True,
                   stdout=subprocess.DEVNULL)


class Sidecar:
    """One container with its volumes, as a pod has them."""

    def __init__(self, folder, url, name, certificate=None):
        """url: of the service; certificate: of the authority that vouches for it, when that is a test's own."""
        self.folder, self.url, self.name = folder / name, url, f"charterd-{name}-{os.getpid()}"
        self.folder.mkdir()
        (self.folder / "settings").mkdir()
        (self.folder / "secrets").mkdir()
        (self.folder / "charter").mkdir()
        (self.folder / "state").mkdir(mode=0o700)
        os.chown(self.folder / "state", USER, USER)
        (self.folder / "secrets" / "pat").write_text("admin\n")
        (self.folder / "secrets" / "pat").chmod(0o444)
        (self.folder / "settings" / "charterd.yaml").write_text(f"""
organizations:
  - url: {url}/contoso
    charter: /charter/current
    mode: enforce
    first_pass: apply
    credential: {{ pat: {{ file: /run/secrets/contoso/pat, readable_by_others: accepted }} }}
state_directory: /var/lib/charterd
socket: /var/lib/charterd/charterd.sock
listen: 127.0.0.1:{PORT}
interval: 1h
limits: {{ requests_per_5_minutes: none, changes: none, removals: none }}
log: {{ format: json }}
""" + ("ca_file: /etc/charterd/ca.pem\n" if certificate else ""))
        if certificate:
            shutil.copy(certificate, self.folder / "settings" / "ca.pem")
            (self.folder / "settings" / "ca.pem").chmod(0o444)

    def publish(self, text, number):
        """As git-sync and Kubernetes do: a new folder, then the link to it switched in one step."""
        version = self.folder / "charter" / f"..{number}"
        version.mkdir()
        (version / "charter.yaml").write_text(text.replace("https://dev.azure.com/contoso", f"{self.url}/contoso"))
        (self.folder / "charter" / "..new").symlink_to(f"..{number}")
        os.rename(self.folder / "charter" / "..new", self.folder / "charter" / "..data")
        if not (self.folder / "charter" / "current").is_symlink():
            (self.folder / "charter" / "current").symlink_to("..data")

    def start(self):
        podman("run", "-d", "--name", self.name, "--network=host", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all",
               "--security-opt", "no-new-privileges", "--memory", MEMORY, "--pids-limit", 50,
               "-v", f"{self.folder}/settings:/etc/charterd:ro", "-v", f"{self.folder}/secrets:/run/secrets/contoso:ro",
               "-v", f"{self.folder}/charter:/charter:ro", "-v", f"{self.folder}/state:/var/lib/charterd", IMAGE)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def status(self):
        done = podman("exec", self.name, "/usr/bin/charterd", "status", "-o", "json", check_exit=False)
        return json.loads(done.stdout)["organizations"][0] if done.stdout else {}

    def wait_in_sync(self):
        wait(lambda: self.status().get("state") == "in_sync", "in sync")

    def log(self):
        return podman("logs", self.name).stdout + podman("logs", self.name).stderr

    def stop(self):
        begin = time.monotonic()
        podman("stop", "-t", 30, self.name)
        seconds = time.monotonic() - begin
        code = podman("inspect", "-f", "{{.State.ExitCode}}", self.name).stdout.strip()
        check(code == "0", f"exit {code} after SIGTERM:\n{self.log()[-3000:]}")
        check(seconds < STOP_SECONDS, f"SIGTERM took {seconds:.1f} s")
        return seconds

    def process(self):
        return pathlib.Path("/proc") / podman("inspect", "-f", "{{.State.Pid}}", self.name).stdout.strip()

    def memory_kb(self):
        """Peak since the start or forget_peak(), and now."""
        rows = dict(line.split(":", 1) for line in (self.process() / "status").read_text().splitlines())
        return tuple(int(rows[key].split()[0]) for key in ("VmHWM", "VmRSS"))

    def forget_peak(self):
        (self.process() / "clear_refs").write_text("5\n")

    def remove(self):
        podman("rm", "-f", self.name, check_exit=False)


def why_not():
    """What keeps this machine from running any container, ours or not; None: nothing does."""
    if os.geteuid() != 0:
        return "podman is run as root here"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as context:
        shutil.copy("/sbin/ldconfig", context)  # the one program of every Debian that needs no library
        (pathlib.Path(context) / "Containerfile").write_text("FROM scratch\nCOPY ldconfig /ldconfig\n")
        tag = IMAGE + "-probe"
        done = subprocess.run(["buildah", "bud", "-q", "-t", tag, context], capture_output=True, text=True)
        if done.returncode == 0:
            done = podman("run", "--rm", "--network=host", "--memory", MEMORY, "--pids-limit", 50, tag, "/ldconfig", "--version",
                          check_exit=False)
        podman("rmi", "-f", tag, check_exit=False)
        return done.stderr.strip().replace("\n", "; ") if done.returncode else None


@contextlib.contextmanager
def workshop(packages=None):
    """A folder in which IMAGE has been built, from packages when they are there; all of it is gone afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="charterd-container-"))
    (folder / "containers.conf").write_text(CONTAINERS_CONF)
    os.environ["CONTAINERS_CONF"] = str(folder / "containers.conf")
    try:
        reason = why_not()
        if reason:
            print(f"this machine cannot run containers: {reason}")
            raise SystemExit(CANNOT)
        if packages:
            (folder / "packages").symlink_to(packages.resolve())
        else:
            subprocess.run([ROOT / "packaging/build-deb", folder / "packages"], check=True, stdout=subprocess.DEVNULL)
        build(folder, IMAGE, "oci")
        yield folder
    finally:
        for suffix in ("", "-again", "-docker"):
            podman("rmi", "-f", IMAGE + suffix, check_exit=False)
        shutil.rmtree(folder, ignore_errors=True)
