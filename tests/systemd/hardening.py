# SPDX-License-Identifier: Apache-2.0
"""Hardening: what each directive of the unit files takes away, tried by a program that tries just that.

Each row of ROWS is a directive, a try of probe.c and what comes of it with the directive and without. The installed unit,
with the probe in the place of charterd, is where it has to be refused. That it is this directive which refuses is shown by
a control:
- taken: the installed unit without the directive, where it has to work;
- alone: where others of the unit forbid the same, a unit with nothing but the directive, where it has to be refused, and
  one with nothing at all, where it has to work; `alone_user` is the same, but not as root;
- Instead: where the directive says what systemd does anyway, the installed unit with another value.
Why it is that control stands in the row (`why`). What a machine lacks for one is found there (`lacks`) and printed with the
check, and the value that systemd took is looked at instead.
"""
import collections
import pathlib
import re
import subprocess
import tempfile

PROBE = "/usr/local/bin/charterd-probe"
FOLDER = "/srv/charterd-probe"
OUTPUT = "/run/tries"
STRANGER = 4711
UNITS = "/lib/systemd/system"
INSTALLED = "charterd@probe"

taken, alone, alone_user = "taken", "alone", "alone_user"
Instead = collections.namedtuple("Instead", "lines")
# installed: what comes of it in the installed unit, where another directive refuses it in another way.
Row = collections.namedtuple("Row", "directive probe held free control why lacks installed", defaults=(taken, "", None, None))


def no_controller(name):
    def lacks(machine):
        return None if machine.has_controller(name) else f"no cgroup controller {name} in this machine"
    return lacks


def no_device(machine):
    done = machine.run(PROBE, "open-device").stdout
    return None if done == "open-device done\n" else f"no device to open in this machine ({done.strip()})"


def no_core(machine):
    limits = machine.run("cat", "/proc/1/limits").stdout
    return "this machine allows no core files" if re.search(r"Max core file size +\d+ +0 ", limits) else None


def no_32_bit(machine):
    done = machine.run(PROBE, "32-bit").stdout
    return None if done == "32-bit done\n" else f"this kernel has no 32-bit calls ({done.strip()})"


NO_USER = "exit 217"
DYNAMIC = "DynamicUser= includes it"
PROC_SUBSET = "ProcSubset= has no such file"
AS_ROOT = "only root can, and the service is not"
ROWS = [
    Row("LoadCredential", "read-credential", "done", "none"),
    Row("User", "is-root", "another", "root", alone, "DynamicUser= is never root either"),
    Row("Group", "is-root-group", "another", "root", alone, "DynamicUser= has a group of its own"),
    Row("DynamicUser", "is-dynamic", "dynamic", NO_USER, taken, "without it there is no such user"),
    Row("DynamicUser", "read-secret", "EACCES", "done", alone, "User= is not root either"),
    Row("StateDirectory", "write-state", "done", "ENOENT"),
    Row("StateDirectoryMode", "mode-of-state", "700", "755"),
    Row("RuntimeDirectory", "write-runtime", "done", "ENOENT"),
    Row("RuntimeDirectoryMode", "mode-of-runtime", "755", "700", Instead("RuntimeDirectoryMode=0700"), "755 is the default"),
    Row("UMask", "mode-of-file", "600", "644"),
    Row("MemoryMax", "memory", "SIGKILL|swapped out", "done", lacks=no_controller("memory")),
    Row("TasksMax", "tasks", "EAGAIN", "done", lacks=no_controller("pids")),
    Row("LimitNOFILE", "descriptors", "4096", "1024"),
    Row("LimitCORE", "core", "never", "may be", lacks=no_core),
    Row("CapabilityBoundingSet", "give-away", "EPERM", "done", alone, AS_ROOT),
    Row("AmbientCapabilities", "ambient", "none", "some",
        Instead("AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE"), "none is the default"),
    Row("NoNewPrivileges", "run-suid", "another", "root", alone_user, "DynamicUser= and the filters include it"),
    Row("ProtectSystem", "write-machine", "EROFS", "done", alone, DYNAMIC),
    Row("ProtectHome", "read-home", "EACCES", "done"),
    Row("PrivateTmp", "read-tmp", "ENOENT", "done", alone, DYNAMIC),
    Row("PrivateDevices", "read-device", "ENOENT", "done"),
    Row("PrivateUsers", "see-owner", "65534", str(STRANGER)),
    Row("PrivateIPC", "open-shared", "ENOENT", "done"),
    Row("PrivateMounts", "mounts", "own", "shared", alone, "each directive about files brings one"),
    Row("DevicePolicy", "open-device", "EPERM", "done", alone, "PrivateDevices= has no such node", no_device, "ENOENT"),
    Row("ProtectProc", "see-process", "ENOENT", "done"),
    Row("ProcSubset", "read-machine", "ENOENT", "done"),
    Row("ProtectClock", "clock", "EPERM", "EFAULT", alone, "SystemCallFilter= forbids it too"),
    Row("ProtectHostname", "hostname", "EPERM", "done", alone, AS_ROOT),
    Row("ProtectKernelLogs", "read-kernel-log", "EACCES", "done", alone_user, PROC_SUBSET, installed="ENOENT"),
    Row("ProtectKernelModules", "read-module", "EACCES", "done", taken, "to load one is what a container cannot anyway"),
    Row("ProtectKernelTunables", "write-tunable", "EROFS", "done", alone, PROC_SUBSET, installed="ENOENT"),
    Row("ProtectControlGroups", "write-cgroup", "EROFS", "done", alone, AS_ROOT),
    Row("RestrictAddressFamilies", "packet-socket", "EAFNOSUPPORT", "done", alone, AS_ROOT),
    Row("RestrictNamespaces", "namespace", "EPERM", "done", alone, AS_ROOT),
    Row("RestrictRealtime", "realtime", "EPERM", "EINVAL", alone, "SystemCallFilter= forbids it too"),
    Row("RestrictSUIDSGID", "make-suid", "EPERM", "done", alone, DYNAMIC),
    Row("RemoveIPC", "leave-shared", "gone", "left", alone_user, "DynamicUser= includes it, PrivateIPC= ends it too"),
    Row("LockPersonality", "personality", "EPERM", "done"),
    Row("MemoryDenyWriteExecute", "write-and-execute", "EPERM|EACCES", "done"),
    Row("KeyringMode", "keyring", "own", "ENOKEY", Instead("KeyringMode=inherit"), "private is the default"),
    Row("KeyringMode", "user-key", "ENOKEY", "done", Instead("KeyringMode=shared"), "private is the default"),
    Row("SystemCallArchitectures", "32-bit", "SIGSYS|EPERM", "done", lacks=no_32_bit),
    Row("SystemCallFilter", "call-unlisted", "EPERM", "done"),
    Row("SystemCallFilter", "call-privileged", "EPERM", "EFAULT"),
    Row("SystemCallFilter", "call-resources", "EPERM", "done"),
    Row("SystemCallFilter", "call-mount", "EPERM", "EFAULT"),
    Row("SystemCallFilter", "call-debug", "EPERM", "done"),
    Row("SystemCallErrorNumber", "call-debug", "EPERM", "SIGSYS"),
]
# No restrictions; each is what a check of tests/systemd/run is about, or has its value looked at here.
ELSEWHERE = {"Type": "start", "ExecStart": "start", "ExecStartPre": "bad_settings", "ExecReload": "reload_good",
             "Restart": "killed", "WatchdogSec": "watchdog"}
VALUES = {"RestartSec": ("RestartUSec", "5s"), "TimeoutStartSec": ("TimeoutStartUSec", "30s"),
          "TimeoutStopSec": ("TimeoutStopUSec", "15s"), "MemoryMax": ("MemoryMax", str(256 << 20)),
          "TasksMax": ("TasksMax", "64"), "DevicePolicy": ("DevicePolicy", "closed"), "LimitCORE": ("LimitCORE", "0"),
          "SystemCallArchitectures": ("SystemCallArchitectures", "native"), "WatchdogSec": ("WatchdogUSec", "1min")}
KEPT = {"StateDirectory", "RuntimeDirectory"}  # where the probe writes


# --- the unit files ---

def read_unit(machine, name):
    return (machine.root / UNITS.lstrip("/") / name).read_text()


def service(text):
    """The directives of [Service], in their order."""
    part = text.split("[Service]\n", 1)[1].split("\n[", 1)[0]
    return [tuple(line.split("=", 1)) for line in part.splitlines() if line and not line.startswith("#")]


def agree(host):
    """Both unit files say the same, but for the instance."""
    one, many = (read_unit(host.machine, name) for name in ("charterd.service", "charterd@.service"))
    for there, here in ((": %i", ""), (" -c /etc/charterd/%i.yaml", ""), ("/etc/charterd/%i.pat", "/etc/charterd/ado-pat"),
                        ("charterd-%i", "charterd")):
        assert there in many, f"charterd@.service has no {there!r}"
        many = many.replace(there, here)
    differ = [pair for pair in zip(one.splitlines(), many.splitlines()) if pair[0] != pair[1]]
    assert one == many, f"the unit files differ: {differ}"


def complete(host):
    """Each directive has a row, each row a directive, and a check that is named is one."""
    there = {name for name, _ in service(read_unit(host.machine, "charterd.service"))}
    known = {row.directive for row in ROWS} | set(ELSEWHERE) | set(VALUES)
    assert there == known, f"without a row in hardening.py: {sorted(there - known)}; not in the unit: {sorted(known - there)}"
    missing = set(ELSEWHERE.values()) - host.checks
    assert not missing, f"no such check: {missing}"


# --- the units that try ---

def probe_lines(name, probes):
    return (f"Type=oneshot\nExecStartPre=\nExecStart=\nExecStart={PROBE} {' '.join(probes)}\nExecReload=\nRestart=no\n"
            f"TimeoutStartSec=infinity\nStandardOutput=truncate:{OUTPUT}/{name}\n")


def without(directives, removed, name):
    """The installed unit's directives, under a name of its own, but for some."""
    rows = []
    for directive, value in directives:
        if directive in removed or directive in ELSEWHERE:
            continue
        rows.append(f"{directive}={value.replace('/etc/charterd/%i.pat', '/etc/charterd/ado-pat').replace('%i', name)}")
    return "\n".join(rows) + "\n"


class Trial:
    """All units that try, started at once; results[unit][probe] is the word that came of it."""

    def __init__(self, machine):
        self.machine, self.units, self.users = machine, {}, []
        self.directives = service(read_unit(machine, "charterd@.service"))
        self.restricting = {row.directive for row in ROWS} - KEPT
        self.controls = {row: self.control(row) for row in ROWS}
        self.results = self.run()

    def add(self, text, probes, user=False):
        name = f"probe-{len(self.units)}"
        if user:
            self.users.append(f"u {name} -\n")
            text += f"User={name}\nGroup={name}\n"
        self.units[name] = "[Service]\n" + text.replace("%i", name) + probe_lines(name, probes)
        return name

    def installed(self, removed, probes, more=""):
        return self.add(without(self.directives, removed, "%i") + more, probes)

    def bare(self, kept, probes, user=False):
        """Nothing but the directives that are kept, as root or as another."""
        text = without(self.directives, self.restricting - kept, "%i")
        if kept & {"User", "Group"}:
            name = f"probe-{len(self.units)}"
            self.users.append(f"u charterd-{name} -\n")
        return self.add(text, probes, user)

    def control(self, row):
        """The units where it has to be refused, and where it has to work."""
        if row.control is taken:
            return [], [self.installed({row.directive}, [row.probe])]
        if isinstance(row.control, Instead):
            named = {line.split("=")[0] for line in row.control.lines.splitlines()}
            return [], [self.installed(named, [row.probe], row.control.lines + "\n")]
        user = row.control is alone_user
        return [self.bare({row.directive}, [row.probe], user)], [self.bare(set(), [row.probe], user)]

    def run(self):
        for name, text in self.units.items():
            self.machine.write(f"/run-later/{name}.service", text)
        self.machine.write("/run-later/charterd-probe.conf", "".join(self.users))
        probes = sorted({row.probe for row in ROWS})
        self.machine.write(f"/etc/systemd/system/{INSTALLED}.service.d/probe.conf", "[Service]\n" + probe_lines("installed", probes))
        self.machine.write("/etc/charterd/probe.pat", "admin\n", mode=0o600)
        self.machine.shell(f"mkdir {OUTPUT} && mv /run-later/*.service /run/systemd/system/ && "
                           "systemd-sysusers /run-later/charterd-probe.conf && systemctl daemon-reload")
        self.machine.run("systemctl", "start", INSTALLED, *self.units, check=False)
        return self.read(probes)

    def read(self, probes):
        results = collections.defaultdict(dict)
        for line in self.machine.shell(f"grep -H '' {OUTPUT}/*").stdout.splitlines():
            path, text = line.split(":", 1)
            probe, _, word = text.partition(" ")
            results[pathlib.Path(path).name][probe] = word
        for name, unit in [("installed", INSTALLED), *((name, name) for name in self.units)]:
            if name not in results:
                results[name] = dict.fromkeys(probes, f"exit {self.machine.show(unit, 'ExecMainStatus')}")
        left = {row.split()[0] for row in self.machine.run("cat", "/proc/sysvipc/shm").stdout.splitlines()}
        for rows in results.values():
            if rows.get("leave-shared", "").isdigit():
                rows["leave-shared"] = "left" if rows["leave-shared"] in left else "gone"
        return results


def compile_probe(machine):
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(__file__).with_name("probe.c"), pathlib.Path(folder) / "probe"
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
        for path, mode in ((PROBE, 0o755), (f"{FOLDER}/suid", 0o4755)):
            target = machine.root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(program.read_bytes())
            target.chmod(mode)


def tries(host):
    """Starts all units that try; the rows look at what came of it."""
    machine = host.machine
    compile_probe(machine)
    machine.shell(f"chmod 1777 {FOLDER} && touch {FOLDER}/stranger && chown {STRANGER} {FOLDER}/stranger && "
                  f"stat -Lc %i /proc/1/ns/mnt >{FOLDER}/mounts && mkdir -p /usr/lib/modules && "
                  "touch /home/charterd-probe /tmp/charterd-probe /dev/charterd-probe /usr/lib/modules/charterd-probe && "
                  f"chmod 666 /proc/kmsg && {PROBE} make-shared")
    host.trial = Trial(machine)
    return f"{len(host.trial.units) + 1} units, {len(ROWS)} rows"


def check_value(host, directive):
    what, value = VALUES[directive]
    found = host.show(what)
    assert found == value, f"{directive}: systemd took {found}, not {value}"
    return f"{what} is {found}"


def check_row(host, row):
    trial = host.trial
    assert trial, "the probes did not run"
    lacks = row.lacks and row.lacks(host.machine)
    if lacks:
        return f"{check_value(host, row.directive)}; {row.probe} not tried: {lacks}"
    refused, works = trial.controls[row]
    for unit, wanted in [("installed", row.installed or row.held), *((unit, row.held) for unit in refused),
                         *((unit, row.free) for unit in works)]:
        found = trial.results[unit].get(row.probe)
        assert found in wanted.split("|"), f"{row.probe} gives {found}, not {wanted}, in\n{trial.units.get(unit, INSTALLED)}"
    found, why = trial.results["installed"][row.probe], f" ({row.why})" if row.why else ""
    if isinstance(row.control, Instead):
        return f"{row.probe} {found}, with {row.control.lines.split()[0]} {row.free}{why}"
    if row.control is taken:
        return f"{row.probe} {found}, without it {row.free}{why}"
    return f"{row.probe} {found}, by it alone {trial.results[refused[0]][row.probe]}, without all {row.free}{why}"


def named(name, check):
    check.__name__ = name
    return check


CHECKS = [agree, complete, tries,
          *(named(row.directive, lambda host, row=row: check_row(host, row)) for row in ROWS),
          *(named(each, lambda host, each=each: check_value(host, each)) for each in VALUES)]
