# SPDX-License-Identifier: Apache-2.0
"""`notify: { command }`: what is told, that it is told once, how often, and that a bad program hinders nobody."""
import contextlib
import json
import os
import pathlib
import signal
import time

from harness import Place, check, check_equal, free_address, main, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, apply_all, hand, in_order

PAUSE_SECONDS = 10
LIMIT_SECONDS = 30
TELL = """#!/bin/sh
folder=$(dirname "$0")
date +%s.%N >> $folder/times
cat >> $folder/told.jsonl
env > $folder/environment
ls -l /proc/$$/fd > $folder/files
"""


def write_command(place, text, name="tell"):
    path = place.folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def told(place):
    path = place.folder / "told.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def notifying(place, text=TELL):
    place.write_settings(notify=write_command(place, text), listen=free_address())
    return place


def passes(place):
    return place.metric("charterd_passes_total") or 0


def pass_again(place):
    n = passes(place)
    place.reconcile()
    wait_until(lambda: passes(place) > n, 20, "another pass")


def runs(group):
    """Whether a process of the group is alive: an ended one may be left for init to collect."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, own = stat.read_text().rpartition(")")[2].split()[:3]
            if int(own) == group and state not in "ZX":
                return True
    return False


def of_event(place, event):
    return [line for line in told(place) if line["event"] == event]


def test_held_and_leak_are_told_once():
    with Place(seed=SEED, charter=CHARTER, first_pass="hold") as place:
        os.environ["CHARTERD_TEST_SECRET"] = "not for others"
        notifying(place).start_daemon()
        wait_until(lambda: len(told(place)) == 2, PAUSE_SECONDS + 10, "two events told")
        pass_again(place)
        time.sleep(PAUSE_SECONDS + 1)
        check_equal([line["event"] for line in told(place)], ["held", "leak"], "events")
        held, leak = told(place)
        status = place.status()["organizations"][0]
        check_equal((held["organization"], held["plan_id"], held["count"]),
                    (place.url, status["plan_id"], len(status["held"])), "what is held")
        check(held["plan_id"] in held["release"] and held["time"], f"{held}")
        check_equal(held["reasons"], status["reasons"], "why it is held")
        check_equal(leak["findings"], [row for row in status["findings"] if row["kind"] == "leak"], "leaks")
        first, second = map(float, (place.folder / "times").read_text().split())
        check(second - first >= PAUSE_SECONDS - 0.5, f"{second - first:.1f} s between two")
        check("not for others" not in (place.folder / "environment").read_text(), "the environment is handed on")
        files = (place.folder / "files").read_text()
        check(files.count("socket:") <= 1 and str(place.folder / "state") not in files and "eventpoll" not in files,
              f"open files are handed on:\n{files}")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_vanished_and_credential():
    """Told again when it is over and comes back."""
    with in_order({}) as place:
        place.settings["limits"]["settle"] = "1s"
        notifying(place).start_daemon()
        wait_until(place.is_ready, 30, "ready")
        place.hand({"project": "MLOps", "op": "delete_repository", "name": "data-science-b"}, organization="contoso")
        wait_until(lambda: pass_again(place) or of_event(place, "vanished"), 30, "vanished")
        (vanished,) = of_event(place, "vanished")
        check("data-science-b" in vanished["findings"][0]["message"], f"{vanished}")
        place.write_pat("not-a-token")
        pass_again(place)
        pass_again(place)
        check(not place.is_ready() and "credential" in place.served("/readyz")[2], place.served("/readyz")[2])
        check(place.metric("charterd_credential_failures_total") >= 2, "credential failures")
        wait_until(lambda: len(of_event(place, "credential")) == 1, 3 * PAUSE_SECONDS, "credential")
        check("not-a-token" not in (place.folder / "told.jsonl").read_text(), "the credential is told")
        place.write_pat("admin")
        pass_again(place)
        wait_until(place.is_ready, 20, "ready again")
        place.write_pat("not-a-token")
        pass_again(place)
        wait_until(lambda: len(of_event(place, "credential")) == 2, 2 * PAUSE_SECONDS, "credential again")
        check_equal(len(of_event(place, "vanished")), 1, "vanished, told")


def test_a_program_that_hangs():
    """It is ended with what it started; the organisation is kept meanwhile, and it is told again."""
    with in_order({}) as place:
        notifying(place, "#!/bin/sh\necho $$ >> $(dirname $0)/pids\nsleep 1000 & sleep 1000\n")
        place.write_pat("not-a-token")
        place.start_daemon()
        wait_until(lambda: (place.folder / "pids").exists(), 20, "the program runs")
        place.write_pat("admin")
        pass_again(place)
        clean = place.snapshot()
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 5, "drift repaired meanwhile")
        wait_until(lambda: any("took too long" in line["message"] for line in place.log_lines()), LIMIT_SECONDS + 10,
                   "ended")
        pid = int((place.folder / "pids").read_text().split()[0])
        wait_until(lambda: not runs(pid), 5, "what the program started is ended too")
        place.write_pat("not-a-token")
        pass_again(place)
        wait_until(lambda: len((place.folder / "pids").read_text().split()) == 2, PAUSE_SECONDS + 5, "told again")
        pid = int((place.folder / "pids").read_text().split()[1])
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        wait_until(lambda: not runs(pid), 5, "ended with the daemon")


def test_a_program_that_fails():
    with Place(seed=SEED, charter=CHARTER, first_pass="hold", notify="/nowhere/tell", listen=free_address()) as place:
        place.start_daemon()
        line = wait_until(lambda: next((line for line in place.log_lines()
                                        if line["message"] == "the notify command could not be started"), None), 20,
                          "said in the log")
        check("/nowhere/tell" in line["error"], f"{line}")
        wait_until(place.is_ready, 20, "ready all the same")
        # The settings are mended: what was told in vain is told.
        place.write_settings(notify=write_command(place, TELL))
        place.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: of_event(place, "held"), 3 * PAUSE_SECONDS, "told by the new program")


if __name__ == "__main__":
    main()
