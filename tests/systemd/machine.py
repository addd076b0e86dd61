# SPDX-License-Identifier: Apache-2.0
"""Machine: a small Debian with a real systemd of its own, in systemd-nspawn."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

CACHE = pathlib.Path(os.environ.get("CHARTERD_TEST_CACHE", "/var/cache/charterd-tests"))
CGROUP = pathlib.Path("/sys/fs/cgroup")
HIERARCHIES = ("systemd", "unified", "memory", "pids", "cpu", "cpuacct")
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
BOOT_SECONDS = 120
PACKAGES = ["systemd", "systemd-sysv", "dbus", "iproute2", "ca-certificates", "curl"]  # curl: for asking the simulator
LIBRARIES = {
    "bookworm": ["libcurl4", "libuv1", "libyaml-0-2", "libcjson1", "libmicrohttpd12", "libtalloc2", "libunistring2", "libssl3"],
    "trixie": ["libcurl4t64", "libuv1t64", "libyaml-0-2", "libcjson1", "libmicrohttpd12t64", "libtalloc2", "libunistring5",
               "libssl3t64"],
}
UNIFIED = ["--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN", "--system-call-filter=bpf"]
LEAN = ['--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*"]


def sources(suite, folder):
    """Where this machine gets its own packages from, for that suite."""
    lists = [*pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")]
    if not lists:
        raise SystemExit("there is no /etc/apt/sources.list.d/*.sources to take packages from")
    path = folder / "apt.sources"
    path.write_text("\n\n".join(each.read_text() for each in lists).replace("bookworm", suite))
    return path


def tree(suite):
    """A packed tree of that suite, made anew each week."""
    week = time.strftime("%G%V")
    packed = CACHE / f"{suite}-{week}.tar.zst"
    if packed.exists():
        return packed
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{suite}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not packed.exists():
            make_tree(suite, packed)
    return packed


def make_tree(suite, packed):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        folder = pathlib.Path(folder)
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", *LEAN, f"--include={','.join(PACKAGES + LIBRARIES[suite])}",
                        suite, folder / "tree.tar", sources(suite, folder)], check=True)
        subprocess.run(["zstd", "-q", "-3", folder / "tree.tar", "-o", folder / "tree.tar.zst"], check=True)
        shutil.move(folder / "tree.tar.zst", packed)
    for old in CACHE.glob(f"{suite}-*.tar.zst"):
        if old != packed:
            old.unlink()


class Machine:
    def __init__(self, suite, cgroups):
        self.suite, self.is_unified = suite, cgroups == "unified"
        self.name = f"charterd{os.getpid()}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="charterd-machine-", dir="/var/tmp"))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.process = self.leader = None
        subprocess.run(["tar", "-C", self.root, "-I", "zstd", "-xf", tree(suite)], check=True)

    def __enter__(self):
        try:
            self.boot()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error):
        self.end()

    # --- life ---

    def enter_cgroups(self, name):
        for hierarchy in HIERARCHIES:
            folder = CGROUP / hierarchy / name
            if (CGROUP / hierarchy).exists():
                folder.mkdir(exist_ok=True)
                (folder / "cgroup.procs").write_text(str(os.getpid()))

    def boot(self):
        self.enter_cgroups(self.name)
        environment = {**os.environ, **({"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if self.is_unified else {})}
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", self.root, "-M", self.name, "-b", "--register=no", "--keep-unit", "--console=pipe",
             "--private-network", *(UNIFIED if self.is_unified else [])],
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "console", "wb"), stderr=subprocess.STDOUT, env=environment)
        self.wait(self.is_up, BOOT_SECONDS, "systemd to be up")
        if not self.is_unified:
            for controller in CONTROLLERS:
                self.run("mount", "-o", "remount,rw,bind", f"/sys/fs/cgroup/{controller}")
            self.run("systemctl", "daemon-reexec")
        self.run("ip", "link", "set", "lo", "up")

    def is_up(self):
        if self.process.poll() is not None:
            raise SystemExit("the machine did not start:\n" + (self.folder / "console").read_text(errors="replace"))
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.leader = children[0] if children else None
        if not self.leader or pathlib.Path(f"/proc/{self.leader}/comm").read_text().strip() != "systemd":
            return False
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def end(self):
        if self.process and self.process.poll() is None:
            if self.leader:
                subprocess.run(["kill", "-s", "RTMIN+4", self.leader], check=False)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for hierarchy in HIERARCHIES:
            folder = CGROUP / hierarchy
            if folder.exists():
                (folder / "cgroup.procs").write_text(str(os.getpid()))
                for path in sorted((folder / self.name).rglob("*"), reverse=True):
                    if path.is_dir():
                        path.rmdir()
                if (folder / self.name).exists():
                    (folder / self.name).rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- inside ---

    def run(self, *words, check=True, **arguments):
        done = subprocess.run(["nsenter", "-t", self.leader, "-a", *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, **arguments)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def shell(self, script, **arguments):
        return self.run("sh", "-c", script, **arguments)

    def show(self, unit, what):
        return self.run("systemctl", "show", unit, "-p", what, "--value").stdout.strip()

    def journal(self, unit):
        lines = self.run("journalctl", "-u", unit, "-o", "json", "--no-pager").stdout.splitlines()
        return [json.loads(line) for line in lines]

    def write(self, path, text, mode=0o644):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def wait(self, is_so, seconds, what):
        end = time.monotonic() + seconds
        while True:
            found = is_so()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain for {what}")
            time.sleep(0.1)
