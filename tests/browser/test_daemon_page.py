# SPDX-License-Identifier: Apache-2.0
"""The page that the daemon serves, with held steps and with a name that has HTML in it."""
import json

from browser import look
from harness import Place, free_address, main, wait_until
from test_apply import CHARTER, SEED
from test_page import EVIL, SHOWN, idle


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


if __name__ == "__main__":
    main()
