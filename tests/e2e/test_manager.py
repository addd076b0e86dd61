# SPDX-License-Identifier: Apache-2.0
"""The service manager: what it is told by the daemon over $NOTIFY_SOCKET."""
import re
import signal
import socket

from harness import check, check_equal, main, wait_until
from test_drift import in_order

WATCHDOG_SECONDS = 1


class Listener:
    """The service manager's end of $NOTIFY_SOCKET."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.told = []

    def take(self):
        try:
            while True:
                self.told.append(self.socket.recv(65536).decode())
        except BlockingIOError:
            return self.told

    def wait_for(self, pattern, what, after=0):
        """The place of the first message of that pattern from there on."""
        def find():
            return next((i + 1 for i, text in enumerate(self.take()) if i >= after and re.fullmatch(pattern, text, re.S)), 0)
        return wait_until(find, 20, what) - 1


def with_listener(place, **environment):
    listener = Listener(place.folder / "notify")
    place.settings["environment"].update(NOTIFY_SOCKET=str(place.folder / "notify"), **environment)
    place.write_settings()
    return listener


def test_what_is_told():
    with in_order({}) as place:
        listener = with_listener(place)
        place.start_daemon()
        ready = listener.wait_for("READY=1", "READY=1")
        done = listener.wait_for(r"STATUS=contoso: in sync(, \d+ findings?)?; next pass \d\d:\d\d", "the status after a pass")
        check(ready < done, "it was not ready before its first pass")
        at = len(listener.take())
        place.daemon.send_signal(signal.SIGHUP)
        reloading = listener.wait_for(r"RELOADING=1\nMONOTONIC_USEC=\d+", "RELOADING=1", after=at)
        listener.wait_for("READY=1", "READY=1 after a reload", after=reloading)
        check(not any("WATCHDOG" in text for text in listener.take()), "a watchdog that nobody has was answered")
        check_equal(place.stop_daemon(), 0, "exit code")
        listener.wait_for("STOPPING=1", "STOPPING=1")


def test_a_bad_reload_is_told():
    with in_order({}) as place:
        listener = with_listener(place)
        place.start_daemon()
        done = listener.wait_for(r"STATUS=contoso: in sync.*; next pass .*", "the status after a pass")
        place.charter_path.write_text("charter: 1\n")
        place.daemon.send_signal(signal.SIGHUP)
        listener.wait_for(r"STATUS=contoso: in sync.*the new charter is not valid.*", "the status of a bad charter", after=done)
        place.stop_daemon()


def test_the_watchdog_is_kept_quiet():
    with in_order({}) as place:
        listener = with_listener(place, WATCHDOG_USEC=str(int(WATCHDOG_SECONDS * 1e6)))
        place.start_daemon()
        wait_until(lambda: listener.take().count("WATCHDOG=1") >= 3, 20, "three answers to the watchdog")
        place.daemon.send_signal(signal.SIGSTOP)
        n = listener.take().count("WATCHDOG=1")
        place.daemon.send_signal(signal.SIGCONT)
        wait_until(lambda: listener.take().count("WATCHDOG=1") > n, 20, "an answer after the stop")
        place.stop_daemon()


if __name__ == "__main__":
    main()
