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
HIERARCHIES = ("systemd", "unified", "memory", "pids", "cpu", "cpuacct", "devices")
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct", "devices")
BOOT_SECONDS = 120
END_SECONDS = 60
COMMAND_SECONDS = 300
PACKAGES = ["systemd", "systemd-sysv", "dbus", "iproute2", "ca-certificates", "curl"]  # curl: for asking the simulator
LIBRARIES = {
    "bookworm": ["libcurl4", "libuv1", "libyaml-0-2", "libcjson1", "libmicrohttpd12", "libtalloc2", "libunistring2", "libssl3"],
    "trixie": ["libcurl4t64", "libuv1t64", "libyaml-0-2", "libcjson1", "libmicrohttpd12t64", "libtalloc2", "libunistring5",
               "libssl3t64"],
}
# What units may forbid is to reach their filters, not to end in the container's.
CALLS = ["@clock", "@keyring"]
UNIFIED = ["--capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN"]
# A container of one program, which says that it ran.
TINY = '#include <stdio.h>\nint main(void) { return puts("ran") < 0; }\n'
LEAN = ['--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Retries "3"', "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*"]


def why_not():
    """Why this machine can have no container at all, or None."""
    if os.geteuid():
        return "only root can make one"
    hierarchies = own_hierarchies()
    if not hierarchies:
        return f"there are no cgroups at {CGROUP}"
    for each in hierarchies:
        try:
            probe = each / f"charterd-probe-{os.getpid()}"
            probe.mkdir()
            probe.rmdir()
        except OSError as error:
            return f"no cgroup can be made: {error}"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        tree = pathlib.Path(folder) / "tree"
        (tree / "usr").mkdir(parents=True)
        subprocess.run(["cc", "-static", "-x", "c", "-o", tree / "tiny", "-"], input=TINY, text=True, check=True)
        done = subprocess.run(["systemd-nspawn", "-q", "-D", tree, "--register=no", "--keep-unit", "--console=pipe", "/tiny"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return None if done.stdout.strip() == "ran" else f"systemd-nspawn: {(done.stdout + done.stderr).strip()}"


def own_hierarchies():
    """The cgroup hierarchies of this machine that a container is given a part of."""
    if (CGROUP / "cgroup.controllers").exists():
        return [CGROUP]
    return [CGROUP / name for name in HIERARCHIES if (CGROUP / name).exists()]


def sources(suite, folder):
    """Where this machine gets its own packages from, for that suite: in Debian's new notation or in the old one."""
    lists = [*pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")]
    path = folder / ("apt.sources" if lists else "apt.list")
    lists = lists or [each for each in (pathlib.Path("/etc/apt/sources.list"),) if each.exists()]
    if not lists:
        raise SystemExit("there is neither /etc/apt/sources.list nor /etc/apt/sources.list.d/*.sources to take packages from")
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
        self.suite, self.is_unified = suite, cgroups == "unified" or own_hierarchies() == [CGROUP]
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

    def enter_cgroups(self):
        for hierarchy in own_hierarchies():
            (hierarchy / self.name).mkdir(exist_ok=True)
            (hierarchy / self.name / "cgroup.procs").write_text(str(os.getpid()))

    def leave_cgroups(self):
        for hierarchy in own_hierarchies():
            (hierarchy / "cgroup.procs").write_text(str(os.getpid()))
            paths = [path for path in (hierarchy / self.name).rglob("*") if path.is_dir()]
            for path in [*sorted(paths, reverse=True), hierarchy / self.name]:
                try:
                    path.rmdir()
                except OSError as error:  # what the kernel still holds is empty, and no test's result
                    print(f"     left behind: {path}: {error}")

    def boot(self):
        self.enter_cgroups()
        environment = {**os.environ, **({"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if self.is_unified else {})}
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", self.root, "-M", self.name, "-b", "--register=no", "--keep-unit", "--console=pipe",
             "--private-network", f"--system-call-filter={' '.join(CALLS + ['bpf'] * self.is_unified)}",
             *(UNIFIED if self.is_unified else [])],
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "console", "wb"), stderr=subprocess.STDOUT, env=environment)
        self.wait(self.is_up, BOOT_SECONDS, "systemd to be up")
        if not self.is_unified:
            for controller in filter(self.has_controller, CONTROLLERS):
                self.run("mount", "-o", "remount,rw,bind", f"/sys/fs/cgroup/{controller}")
            self.run("systemctl", "daemon-reexec")
        self.run("ip", "link", "set", "lo", "up")

    def is_up(self):
        if self.process.poll() is not None:
            raise SystemExit("the machine did not start:\n" + (self.folder / "console").read_text(errors="replace"))
        try:
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            self.leader = children[0] if children else None
            if not self.leader or pathlib.Path(f"/proc/{self.leader}/comm").read_text().strip() != "systemd":
                return False
        except OSError:  # it ended meanwhile
            return False
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def end(self):
        if self.process and self.process.poll() is None:
            if self.leader:
                subprocess.run(["kill", "-s", "RTMIN+4", self.leader], check=False)
            try:
                self.process.wait(timeout=END_SECONDS)
            except subprocess.TimeoutExpired:
                if self.leader:
                    subprocess.run(["kill", "-9", self.leader], check=False)
                self.process.kill()
                self.process.wait()
        self.leave_cgroups()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- inside ---

    def run(self, *words, check=True, timeout=COMMAND_SECONDS, **arguments):
        done = subprocess.run(["nsenter", "-t", self.leader, "-a", *map(str, words)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout, **arguments)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def shell(self, script, **arguments):
        return self.run("sh", "-c", script, **arguments)

    def show(self, unit, what):
        return self.run("systemctl", "show", unit, "-p", what, "--value").stdout.strip()

    def has_controller(self, name):
        """Whether systemd in there can bound what its services take of it."""
        if self.is_unified:
            return name in self.run("cat", "/sys/fs/cgroup/cgroup.controllers").stdout.split()
        return not self.run("test", "-d", f"/sys/fs/cgroup/{name}", check=False).returncode

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
