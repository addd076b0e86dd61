# SPDX-License-Identifier: Apache-2.0
"""Progress: a line of the terminal that goes again, a percentage for the service manager.

Whatever is looked for holds as long as the simulator keeps an answer back; nothing here has to be quick or slow by itself.
"""
import codecs
import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time

from harness import binary, check, check_equal, main, wait_until
from test_drift import DRIFTS, hand, in_order
from test_manager import with_listener

SECONDS = 60                # for whatever has to come
COLUMNS = 160
NARROW = 30
TOO_LATE_SECONDS = 1        # what is not to be seen would be seen by then
HELD = "work/teamfieldvalues"     # the route of the last stage of a reading
HELD_EARLIER = "accesscontrollists"  # of one that each reading has
OUT_OF_ORDER = 3                     # answers in a row: the pauses between them add up to seconds
WRITTEN = "accesscontrolentries"     # of a write
LOG = {"log_format": "auto"}         # as a person has it
ERASE = "\r\x1b[K"
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z \w+: .*")


class Terminal:
    """A terminal of its own for stderr, and what was to be seen on it: shows are the lines that were written in place,
    lines those that stay."""

    def __init__(self, columns=COLUMNS):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.text = ""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        decoder = codecs.getincrementaldecoder("utf-8")()
        with contextlib.suppress(OSError):
            while piece := os.read(self.master, 65536):
                self.text += decoder.decode(piece)

    def end(self):
        """All that was written is read."""
        os.close(self.slave)
        self.thread.join(timeout=SECONDS)
        os.close(self.master)

    def shows(self):
        pieces = self.text.replace("\r\n", "\n").split(ERASE)
        return [piece for piece in pieces[1:] if piece and not piece.endswith("\n")]

    def left(self):
        """What is on it at the end."""
        return [line.rpartition(ERASE)[2] for line in self.text.replace("\r\n", "\n").split("\n")]


@contextlib.contextmanager
def running(place, terminal, *arguments, **environment):
    """A command whose stderr is the terminal; ended by force when it is still there."""
    with open(place.folder / "stdout", "wb") as out:
        process = subprocess.Popen([binary("CHARTERD"), *arguments, "-c", str(place.folder / "charterd.yaml")],
                                   stdout=out, stderr=terminal.slave,
                                   env={**place.environment(), "TERM": "xterm", **environment})
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        terminal.end()


@contextlib.contextmanager
def started(place, *arguments):
    """The same where nobody looks: see Place.start()."""
    process = place.start(*arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def hold(place, route=HELD, **rule):
    place.fault("stall", route=route, **rule)


def is_held(place):
    """True once a request is kept back."""
    return place.simulator.control("GET", "faults")[0]["applied"] > 0


def let_go(place):
    place.clear_faults()


def percents(texts):
    return [int(found.group(1)) for text in texts for found in [re.search(r"reading MLOps, (\d+) %", text)] if found]


def check_percents(texts):
    found = percents(texts)
    check(found, f"no percentage: {texts}")
    check(found == sorted(found), f"a percentage fell: {found}")
    check(max(found) <= 99, f"it was at its end before it was: {found}")


def test_a_line_on_the_terminal():
    with in_order({"log_level": "warning"}) as place:
        hold(place)
        terminal = Terminal()
        with running(place, terminal, "plan") as process:
            shown = re.compile(r"contoso: reading MLOps, \d+ % \(areas of teams and pipelines of things, \d+ of \d+\).*")
            wait_until(lambda: any(shown.fullmatch(text) for text in terminal.shows()), SECONDS, "the line")
            let_go(place)
            check_equal(process.wait(timeout=SECONDS), 0, "exit code")
        check_percents(terminal.shows())
        check_equal(terminal.left(), [""], "left on the terminal")
        check("in sync" in (place.folder / "stdout").read_text(), "stdout has no plan")
        hold(place)
        terminal = Terminal(columns=NARROW)
        with running(place, terminal, "access") as process:
            wait_until(lambda: any(text.endswith("…") for text in terminal.shows()), SECONDS, "the line, cut")
            let_go(place)
            check_equal(process.wait(timeout=SECONDS), 0, "exit code")
        for text in terminal.shows():
            check(len(text) < NARROW, f"does not fit into {NARROW} columns: {text!r}")


def test_beside_the_log():
    """Lines of the log stand by themselves. Nothing but them shows on a terminal that cannot erase, nor where a program
    reads the answer."""
    with in_order(LOG) as place:
        for is_shown, arguments, environment in ((True, ["plan"], {}), (False, ["plan"], {"TERM": "dumb"}),
                                                 (False, ["plan", "-o", "json"], {})):
            case = f"{arguments} {environment}"
            hold(place)
            terminal = Terminal()
            with running(place, terminal, *arguments, **environment) as process:
                if is_shown:
                    wait_until(lambda: percents(terminal.shows()), SECONDS, "the line")
                else:
                    wait_until(lambda: is_held(place), SECONDS, "a request that is kept back")
                    time.sleep(TOO_LATE_SECONDS)
                let_go(place)
                check_equal(process.wait(timeout=SECONDS), 0, f"{case}: exit code")
            lines = [line for line in terminal.left() if line]
            check(any("a stage of the pass has ended" in line for line in lines), f"{case}: no stage in the log: {lines}")
            check(all(LOG_LINE.fullmatch(line) for line in lines), f"{case}: not lines of the log: {lines}")
            check(is_shown or "\x1b" not in terminal.text, f"{case}: {terminal.text!r}")


def test_a_service_that_is_not_there():
    """What is said of it in the log is said once, and once more when it is over."""
    with in_order({}) as place:
        place.fault("503", route="connectionData", count=OUT_OF_ORDER)
        hold(place)
        with started(place, "plan") as process:
            for words in ("the service is out of order, and is asked again", "the service answers again"):
                wait_until(lambda: words in (place.folder / "stderr").read_text(), SECONDS, words)
            let_go(place)
            done = place.finish(process)
        check_equal(done.returncode, 0, "exit code")
        check_equal(done.stderr.count("the service is out of order"), 1, "times that it is said")
        place.simulator.stop()
        words = "the service does not answer, and is asked again"
        with started(place, "plan"):
            wait_until(lambda: words in (place.folder / "stderr").read_text(), SECONDS, "what the log says of it")
        terminal = Terminal()
        with running(place, terminal, "plan"):
            words = "asked again, without an answer for "
            wait_until(lambda: any(words in text for text in terminal.shows()), SECONDS, "what the terminal says of it")


def test_a_daemon():
    """A daemon's long pass: the service manager is told how far it is, and then the ordinary line; so is whoever waits at
    a terminal for what the daemon does."""
    with in_order({}) as place:
        listener = with_listener(place)
        place.start_daemon()
        ordinary = r"STATUS=contoso: in sync(, \d+ findings?)?; next pass \d\d:\d\d"
        done = listener.wait_for(ordinary, "the status after a pass")
        hold(place, HELD_EARLIER)
        terminal = Terminal()
        with running(place, terminal, "apply") as process:
            long = listener.wait_for(r"STATUS=contoso: in sync(, \d+ findings?)?; reading MLOps, \d+ %.*",
                                     "the status of a pass", after=done)
            doing = place.status()["organizations"][0]["doing"]
            check(re.fullmatch(r"reading MLOps, \d+ %.*", doing), f"`charterd status`: {doing}")
            wait_until(lambda: percents(terminal.shows()), SECONDS, "the line")
            let_go(place)
            check_equal(process.wait(timeout=SECONDS), 0, "exit code")
        check_percents(terminal.shows())
        check_equal(terminal.left(), [""], "left on the terminal")
        listener.wait_for(ordinary, "the status after the long pass", after=long)
        check_equal(place.status()["organizations"][0]["doing"], None, "what an idle daemon does")
        place.stop_daemon()
        check_percents(listener.take())


def test_changes():
    with in_order({"log_level": "error"}) as place:
        for drift in DRIFTS.values():
            hand(place, drift)
        hold(place, WRITTEN, on="write")
        terminal = Terminal()
        with running(place, terminal, "apply") as process:
            shown = re.compile(r"contoso: changing MLOps, \d+ % \(\d+ of \d+\).*")
            wait_until(lambda: any(shown.fullmatch(text) for text in terminal.shows()), SECONDS, "the line")
            let_go(place)
            check_equal(process.wait(timeout=SECONDS), 0, "exit code")
        check_equal(terminal.left(), [""], "left on the terminal")


def test_the_first_pass_of_a_service():
    with in_order({}) as place:
        listener = with_listener(place)
        hold(place)
        place.start_daemon(wait=False)
        long = listener.wait_for(r"STATUS=contoso: reading MLOps, \d+ %.*", "the status of the first pass")
        let_go(place)
        listener.wait_for(r"STATUS=contoso: in sync.*; next pass .*", "the status after it", after=long)
        place.stop_daemon()


if __name__ == "__main__":
    main()
