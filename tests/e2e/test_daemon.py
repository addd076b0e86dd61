# SPDX-License-Identifier: Apache-2.0
"""The daemon under what is done to it: reloads, stops, requests over its socket at awkward moments."""
import contextlib
import json
import signal
import socket
import time

from harness import Place, check, check_equal, main, wait_until
from test_apply import SEED
from test_drift import DRIFTS, WATCHED_CHARTER, hand, in_order


def passes(place):
    return [row for row in place.ledger() if row["record"] == "pass"]


def wait_for_pass(place, n_before, what, seconds=20):
    wait_until(lambda: len(passes(place)) > n_before, seconds, what)


def hang_up(place, **changes):
    """SIGHUP with other settings than before; the pass that follows is waited for."""
    n = len(passes(place))
    place.write_settings(**changes)
    place.daemon.send_signal(signal.SIGHUP)
    wait_for_pass(place, n, "a pass after SIGHUP")


def test_reloads():
    """Settings that come anew take nothing away from the place: its ledger is read, known.json stays where it is."""
    with in_order({"first_pass": "hold"}) as place:
        place.start_daemon()
        wait_for_pass(place, len(passes(place)), "the first pass")
        for hours in range(2, 6):
            hang_up(place, interval=f"{hours}h")
        check(all(row["applied"] for row in passes(place)[-2:]), "the ledger was not read after a reload")
        clean = place.snapshot()
        hand(place, DRIFTS["a permission taken from a team"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 20, "repaired after reloads")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        place.expect(0, "plan")


if __name__ == "__main__":
    main()
