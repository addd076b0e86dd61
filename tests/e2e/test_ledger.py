# SPDX-License-Identifier: Apache-2.0
"""The ledger where its disk is full, it is torn, moved away, grown, damaged, or wanted by two: no record is lost, and nothing is
written to the service that could not be recorded."""
import contextlib
import ctypes
import ctypes.util
import functools
import hashlib
import json
import os
import pathlib
import shutil
import signal
import time

from harness import FIXTURES, ROOT, Failure, Place, check, check_equal, free_address, main, samples, wait_until

SEED = FIXTURES / "mlops.json"
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
LIMITS = {"requests_per_5_minutes": "none", "removals": "none", "changes": "none", "settle": "1s"}
MIB = 1024 * 1024
DISK_SIZE = 8 * MIB
RESERVE_SIZE = MIB      # kept ready for outcomes (LEDGER_RESERVE_SIZE)
FILE_SIZE = 64 * MIB    # of a full file (LEDGER_FILE_SIZE)
TRY_SECONDS = 10        # so often a ledger that cannot be written is tried (WORKPLACE_TRY_MS)
SECONDS = 60
LONG_LINE = 900 * 1000  # of a ledger made by hand
N_KILLS = int(os.environ.get("TEST_KILLS", "3"))  # while one file follows another


def new_place(**settings):
    return Place(SEED, charter=CHARTER, limits=LIMITS, **settings)


def state(place):
    return place.folder / "state"


def current(place):
    return state(place) / "ledger.jsonl"


def writes(place):
    return place.requests(kind="write")


def verify(place, exit_code=0, *arguments):
    return place.expect(exit_code, "history", "--verify", *arguments).stdout


def all_records(place):
    """Of all files, in the order of their numbers."""
    rows = [json.loads(line) for path in state(place).glob("ledger*.jsonl*")
            for line in path.read_bytes().splitlines() if line.endswith(b"}")]
    return sorted(rows, key=lambda row: row["seq"])


def open_intents(place):
    rows = all_records(place)
    return ({row["change_id"] for row in rows if row["record"] == "intent"} -
            {row["change_id"] for row in rows if row["record"] == "outcome"})


# --- a full disk ------------------------------------------------------------------------------------------------------

class Disk:
    """A small file system of its own below the state directory."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.filler = self.folder / "filler"

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        if libc.mount(b"tmpfs", bytes(self.folder), b"tmpfs", 0, f"size={DISK_SIZE},mode=0750".encode()) != 0:
            raise Failure(f"no small disk can be mounted at {self.folder}: {os.strerror(ctypes.get_errno())}; "
                          "this test needs to be root, in a container with CAP_SYS_ADMIN")
        self.umount = lambda: libc.umount2(bytes(self.folder), 2)  # MNT_DETACH
        return self

    def __exit__(self, *error):
        self.umount()

    def fill(self, leave=0):
        """So much is left for others."""
        with open(self.filler, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
        room = self.filler.stat().st_size - leave
        check(room >= 0, f"the disk has not even {leave} bytes")
        os.truncate(self.filler, room)

    def empty(self):
        self.filler.unlink()


@contextlib.contextmanager
def small_disk(**settings):
    with new_place(**settings) as place, Disk(state(place)) as disk:
        yield place, disk


def test_no_room_no_change():
    """What could not be recorded whole, with its outcomes, is not begun: exit 1, why is said, no write leaves."""
    for leave in (0, RESERVE_SIZE // 2):
        with small_disk() as (place, disk):
            disk.fill(leave)
            place.clear_log()
            done = place.expect(1, "apply")
            check_equal(writes(place), [], f"writes to the service with {leave} bytes left")
            check("No space left on device" in done.stdout + done.stderr, f"not said why: {done.stdout}{done.stderr[-2000:]}")
            check("nothing is changed" in done.stdout, f"not said what follows: {done.stdout}")
            check_equal([row for row in all_records(place) if row["record"] == "intent"], [], "intents")
            disk.empty()
            place.converge()
            verify(place)
            check_equal(open_intents(place), set(), "open intents")


def is_stalled(place):
    return place.simulator.control("GET", "faults")[0]["applied"] > 0


def test_outcomes_find_room():
    """The disk fills up while writes are under way: their outcomes are recorded, and nothing more is sent."""
    with small_disk() as (place, disk):
        place.fault("held", on="write", skip=3, count=1)
        process = place.start("apply")
        wait_until(lambda: is_stalled(place), SECONDS, "a held write")
        disk.fill()
        check(open_intents(place), "no intent is open")
        place.clear_faults()
        done = place.finish(process)
        n_writes = -1
        while done.returncode == 0 or len(writes(place)) > n_writes:  # until what was kept for this is used up
            check_equal(open_intents(place), set(), "intents whose outcome found no room")
            n_writes = len(writes(place))
            done = place.run("apply")
        check_equal(done.returncode, 1, f"exit without room: {done.stdout}")
        check("nothing is changed" in done.stdout, f"not said what follows: {done.stdout}")
        results = {row["result"] for row in all_records(place) if row["record"] == "outcome"}
        check_equal(results, {"done"}, "results")
        disk.empty()
        place.converge()
        place.check_made_once()
        verify(place)


def test_killed_with_a_full_disk():
    """Open intents are read back at the next start; their outcomes find the room that was kept."""
    with small_disk() as (place, disk):
        place.fault("held", on="write", skip=3, count=1)
        process = place.start("apply")
        wait_until(lambda: is_stalled(place), SECONDS, "a held write")
        process.kill()
        place.finish(process)
        place.clear_faults()
        disk.fill()
        check(open_intents(place), "no intent is open")
        done = place.run("apply")
        check(done.returncode in (0, 1), f"exit {done.returncode} of a start without room")
        check_equal(open_intents(place), set(), "open intents after a start without room")
        disk.empty()
        place.converge()
        place.check_made_once()
        verify(place)


def test_daemon_without_room_recovers():
    """Log, status, metric say so; once there is room it goes on by itself."""
    listen = free_address()
    with small_disk(listen=listen) as (place, disk):
        disk.fill()
        place.start_daemon()
        wait_until(lambda: place.status()["organizations"][0]["error"], SECONDS, "an error in the status")
        status = place.status()
        check_equal(status["ledger_error"], "No space left on device", "ledger_error of the status")
        check_equal(status["organizations"][0]["state"], "failed", "state")
        check("ledger" in status["organizations"][0]["error"], f"error: {status['organizations'][0]['error']}")
        check("ledger error" in place.run("status").stdout, "the status for people says nothing")
        check_equal(place.metric("charterd_ledger_writable"), 0, "charterd_ledger_writable")
        check_equal(writes(place), [], "writes to the service")
        said = [line for line in place.log_lines() if "ledger cannot be written" in json.dumps(line)]
        check_equal(len(said), 1, "lines of the log that say so")
        disk.empty()
        wait_until(lambda: place.metric("charterd_ledger_writable") == 1, TRY_SECONDS * 3, "the ledger is written again")
        wait_until(lambda: place.status()["organizations"][0]["state"] == "in_sync", SECONDS, "in sync")
        check_equal(place.status()["ledger_error"], None, "ledger_error of the status")
        check(any("ledger is written again" in json.dumps(line) for line in place.log_lines()), "its end is not logged")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        verify(place)
        check_equal(open_intents(place), set(), "open intents")


# --- crashes and other programs ---------------------------------------------------------------------------------------

def test_torn_line():
    """A line cut short is told, kept aside with a record, and the chain goes on."""
    with new_place() as place:
        place.converge()
        whole = current(place).read_bytes()
        n = len(whole.splitlines())
        current(place).write_bytes(whole[:-40])
        told = verify(place, 1)
        check(f"{current(place)}:{n}: " in told and "not whole" in told, f"told: {told}")
        done = place.expect(0, "apply")
        check("kept aside" in done.stderr, f"not said: {done.stderr[-2000:]}")
        torn = (state(place) / "ledger.torn-1").read_bytes()
        check_equal(torn, whole.splitlines(keepends=True)[-1][:-40], "what is kept aside")
        events = [row for row in all_records(place) if row["record"] == "ledger"]
        check_equal([(row["event"], row["file"]) for row in events], [("torn", "ledger.torn-1")], "what the chain tells")
        verify(place)


def passes(place):
    return [row for row in all_records(place) if row["record"] == "pass"]


def reconcile(place):
    n = len(passes(place))
    place.reconcile()
    wait_until(lambda: len(passes(place)) > n, SECONDS, "a pass")


def head_of(place):
    text = place.served("/metrics")[2]
    return next(labels["head"] for name, labels, _ in samples(text) if name == "charterd_ledger_info")


def wait_idle(place):
    def is_idle():
        organization = place.status()["organizations"][0]
        return organization["state"] == "in_sync" and not organization["busy"]
    wait_until(is_idle, SECONDS, "in sync")


def test_moved_away():
    """As logrotate does it: moved, SIGUSR2. The chain goes on in a new file; history and --verify follow it, or say what is
    elsewhere."""
    with new_place(listen=free_address()) as place:
        place.start_daemon()
        wait_idle(place)
        first = hashlib.sha256(current(place).read_bytes().splitlines()[-1]).hexdigest()
        n_changes = len(json.loads(place.expect(0, "history", "-o", "json").stdout))
        check(n_changes > 0, "no changes")
        current(place).rename(state(place) / "ledger.jsonl.1")
        place.daemon.send_signal(signal.SIGUSR2)
        reconcile(place)
        last = hashlib.sha256(current(place).read_bytes().splitlines()[-1]).hexdigest()
        wait_until(lambda: head_of(place) == last, SECONDS, "the head in the metric")
        logged = [line.get("ledger_head") for line in place.log_lines() if "pass ended" in json.dumps(line)]
        check(last in logged, f"the head is not in the line of the pass: {logged}")
        event = json.loads(current(place).read_bytes().splitlines()[0])
        check_equal((event["event"], event["file"], event["previous"]), ("reopened", "ledger.jsonl.1", first), "first line")
        verify(place, 0, "--head", first)
        check("ledger.jsonl:" in verify(place, 0, "--head", last), "where the head is")
        check_equal(len(json.loads(place.expect(0, "history", "-o", "json").stdout)), n_changes, "changes of both files")
        place.kill_daemon()
        shutil.move(state(place) / "ledger.jsonl.1", place.folder / "elsewhere")
        told = verify(place)
        check(f"up to number {event['seq'] - 1} are not in the state directory" in told, f"told: {told}")
        check("none of its lines" in verify(place, 1, "--head", first), "a head that is elsewhere")
        place.expect(0, "apply")
        verify(place)


def test_two_at_once():
    """The second one refuses, says who is there, and leaves everything as it is."""
    with new_place() as place:
        place.start_daemon()
        wait_idle(place)
        before = current(place).read_bytes()
        done = place.expect(1, "run", timeout=SECONDS)
        check(f"another charterd (process {place.daemon.pid}) works on {state(place)}" in done.stderr, done.stderr[-2000:])
        check_equal(current(place).read_bytes(), before, "the ledger")
        place.expect(0, "apply")  # is done by the daemon
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        place.expect(0, "apply")
        verify(place)


def damaged_copies(lines):
    """What is done to the lines of a whole ledger, and the line that is to be named."""
    middle = len(lines) // 2
    changed = lines[middle].replace(b'"organization"', b'"Organization"', 1)
    check(changed != lines[middle], "nothing to change in the middle line")
    return {
        "a changed byte": (lines[:middle] + [changed] + lines[middle + 1:], middle + 1),
        "a removed line": (lines[:middle] + lines[middle + 1:], middle + 1),
        "two swapped lines": (lines[:middle] + [lines[middle + 1], lines[middle]] + lines[middle + 2:], middle + 1),
        "the first line removed": (lines[1:], 1),
        "cut in a line": (lines[:middle] + [lines[middle][:50]], middle + 1),
        "cut behind a line": (lines[:middle], middle),
        "a line of another": (lines[:middle] + [b'{"seq":1,"a":1}\n'] + lines[middle:], middle + 1),
    }


def test_damage_is_found():
    """Each kind, with file:line; what is only shorter is found by who kept the head."""
    with new_place() as place:
        place.converge()
        lines = current(place).read_bytes().splitlines(keepends=True)
        head = hashlib.sha256(lines[-1].rstrip(b"\n")).hexdigest()
        verify(place, 0, "--head", head)
        for what, (damaged, number) in damaged_copies(lines).items():
            current(place).write_bytes(b"".join(damaged))
            told = verify(place, 1, "--head", head)
            check(f"{current(place)}:{number}: " in told, f"{what}: expected line {number}, told: {told}")
        current(place).write_bytes(b"".join(lines))
        verify(place, 0, "--head", head)


def test_damaged_memory():
    """known.json that is torn, empty or of another form is never taken for nothing known."""
    with new_place() as place:
        place.converge()
        path = state(place) / "known.json"
        whole = path.read_bytes()
        place.clear_log()
        for damage in (whole[:len(whole) // 2], b"", b"{}\n", b"\0" * len(whole), whole.replace(b'"things"', b'"thing"')):
            path.write_bytes(damage)
            for command in ("apply", "plan"):
                done = place.expect(1, command)
                check("known.json is damaged" in done.stderr, f"not said: {done.stderr[-2000:]}")
            done = place.expect(1, "run", timeout=SECONDS)
            check_equal(path.read_bytes(), damage, "known.json afterwards")
        check_equal(writes(place), [], "writes to the service")
        path.write_bytes(whole)
        place.expect(0, "apply")


def test_history():
    """What is shown of the changes, narrowed; each with its outcome."""
    with new_place() as place:
        place.converge()
        changes = json.loads(place.expect(0, "history", "-o", "json").stdout)
        rows = all_records(place)
        check_equal([change["change_id"] for change in changes],
                    [row["change_id"] for row in rows if row["record"] == "intent"], "changes")
        check_equal({change["result"] for change in changes}, {"done"}, "results")
        lines = place.expect(0, "history").stdout.splitlines()
        check_equal(len(lines), len(changes), "lines of the text")
        for arguments, n in ((("--since", "1h"), len(changes)), (("--since", "2020-01-01"), len(changes)),
                             (("--since", "2999-01-01T00:00:00Z"), 0), (("--project", "mlops"), len(changes)),
                             (("--project", "Nobody"), 0)):
            shown = json.loads(place.expect(0, "history", "-o", "json", *arguments).stdout)
            check_equal(len(shown), n, f"changes with {arguments}")
        check("@contoso.com" in place.run("history").stdout, "nobody is named")
        people = [person["user"] for person in json.loads(SEED.read_text())["people"]]
        people += [row["storage_key"] for row in rows if row.get("person")]
        check(len(set(people)) > 5 and any(name in place.run("history", "-o", "json").stdout for name in people), "nobody")
        for output in ("text", "json"):
            shown = place.expect(0, "history", "--no-persons", "-o", output).stdout
            for name in people:
                check(name not in shown, f"{name} is named in {output}")
            check("@" not in shown and "person 1" in shown and "[MLOps]" in shown, f"a person is named in {output}")
        hidden = json.loads(place.expect(0, "history", "--no-persons", "-o", "json").stdout)
        persons = {(change["principal"], other["principal"]) for change, other in zip(changes, hidden) if change.get("person")}
        check_equal(len(persons), len({name for name, _ in persons}), "one number a person")
        check_equal(len(persons), len({number for _, number in persons}), "one person a number")
        for arguments in (("--since", "yesterday"), ("--head", "0" * 64), ("--verfy",)):
            place.expect(64, "history", *arguments)


# --- growth -----------------------------------------------------------------------------------------------------------

def chained(rows, seq=0, head=None, time="2020-01-01T00:00:00.000Z"):
    """Lines of a ledger made by hand, and where their chain ends."""
    lines = []
    for row in rows:
        seq += 1
        record = {"seq": seq, "time": time, "previous": head, **row}
        lines.append(json.dumps(record, separators=(",", ":")).encode())
        head = hashlib.sha256(lines[-1]).hexdigest()
    return b"".join(line + b"\n" for line in lines), seq, head


@functools.cache
def full_text():
    """A ledger whose file has room for little more."""
    text, seq, head = chained({"record": "finding", "message": "x" * LONG_LINE} for _ in range(FILE_SIZE // LONG_LINE))
    row = {"record": "finding", "message": "x" * (FILE_SIZE - len(text) - 10 * 1000)}
    return text + chained([row], seq, head)[0]


def full_file(place):
    return state(place) / "ledger-000000000001.jsonl"


def test_killed_when_the_file_is_full():
    """At random moments of an application in which one file follows another: the chain is whole, nothing is lost or done
    twice."""
    n_rotated = 0
    for i in range(N_KILLS):
        with new_place() as place:
            state(place).mkdir(mode=0o750)
            current(place).write_bytes(full_text())
            process = place.start("apply")
            # Around the moment at which the new file is begun.
            deadline = time.monotonic() + SECONDS
            while not full_file(place).exists() and process.poll() is None and time.monotonic() < deadline:
                if i % 3 == 0 and (state(place) / "ledger.next").exists():
                    break
                time.sleep(0.0005)
            time.sleep(i % 4 * 0.01)
            process.kill()
            place.finish(process)
            n_rotated += full_file(place).exists()
            place.converge()
            place.check_made_once()
            check(full_file(place).exists(), "the file is full, and no other was begun")
            numbers = [row["seq"] for row in all_records(place)]
            check_equal(numbers, list(range(1, len(numbers) + 1)), "numbers of the records")
            check(len(numbers) > full_text().count(b"\n"), "nothing was recorded")
            check_equal(open_intents(place), set(), "open intents")
            verify(place)
            place.expect(0, "plan")
    print(f"  {N_KILLS} kills, {n_rotated} of them after the new file was begun", flush=True)


def test_old_files_are_removed():
    """`ledger_keep`: whole files alone, one after the other, when all in them is older; the chain says so and --verify still
    holds. The current one is ended when it is some days old, so that it can go too."""
    with new_place() as place:
        place.write_settings(ledger_keep="30d")
        state(place).mkdir(mode=0o750)
        text, seq, head = chained([{"record": "finding"}] * 3, time="2020-01-01T00:00:00.000Z")
        full_file(place).write_bytes(text)
        more, seq, head = chained([{"record": "finding"}] * 3, seq, head, time="2020-02-01T00:00:00.000Z")
        second = state(place) / "ledger-000000000004.jsonl"
        second.write_bytes(more)
        then = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 10 * 24 * 3600))
        more, seq, head = chained([{"record": "finding"}] * 2, seq, head, time=then)
        current(place).write_bytes(more)
        verify(place)
        place.start_daemon()
        wait_until(lambda: passes(place), SECONDS, "the first pass")
        for _ in range(5):  # looked into, recorded, removed
            reconcile(place)
        check(not full_file(place).exists(), "the first file is still there")
        check((state(place) / "ledger-000000000007.jsonl").exists(), "the file of ten days was not ended")
        check(second.exists(), "a file went whose end was not known to be old")
        told = verify(place)
        check("up to number 3 were removed" in told and "begins with number 4" in told, f"told: {told}")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        second.unlink()
        told = verify(place, 1)
        check("ledger-000000000007.jsonl:1: " in told, f"a file that somebody removed is not missed: {told}")


if __name__ == "__main__":
    main()
