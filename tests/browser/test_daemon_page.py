# SPDX-License-Identifier: Apache-2.0
"""The page that the daemon serves, with held steps and with a name that has HTML in it."""
import json

from browser import look
from harness import Place, free_address, main, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, hand, in_order
from test_page import EVIL, SHOWN, idle, is_in_sync


def test_page():
    seed = json.loads(SEED.read_text())
    project = seed["projects"][0]
    project["groups"] = [{"name": EVIL, "members": []}]
    project["permissions"].append({"principal": EVIL, "kind": "repository", "name": "operations", "allow": ["Read"]})
    with Place(seed=seed, charter=CHARTER, first_pass="hold", listen=free_address(), page=True) as place:
        place.start_daemon()
        wait_until(lambda: idle(place), 30, "the first pass has ended")
        told = place.status()["organizations"][0]
        look("page.mjs", f"http://{place.settings['listen']}/", told["plan_id"], len(told["held"]), SHOWN)


def test_picture():
    """Lines as `charterd access -o html` draws them; a leak shows after the next pass."""
    with in_order({"listen": free_address(), "page": True}) as place:
        place.write_settings(mode="observe")
        place.start_daemon()
        wait_until(lambda: is_in_sync(place), 30, "in sync")
        address = f"http://{place.settings['listen']}/"
        look("daemon_picture.mjs", address, "open", "Data Science A, Data Science A", "open", "Operations, Data Science A",
             "closed", "Data Science A, Data Science B", "closed", "Data Science A, Operations")
        hand(place, DRIFTS["the team put into Contributors"])
        place.reconcile()
        wait_until(lambda: idle(place) and not is_in_sync(place), 30, "the drift is seen")
        look("daemon_picture.mjs", address, "differs", "Data Science A, Operations", "open", "Data Science A, Data Science A",
             "closed", "Data Science B, Data Science A")


if __name__ == "__main__":
    main()
