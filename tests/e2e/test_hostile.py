# SPDX-License-Identifier: Apache-2.0
"""A service at its worst: stale reads, late lists, every tenth answer a refusal; the charter is reached all the same.

For each seed: reads are 5 s old, lists of Graph 10 s, and of the answers each twentieth is a 429 and each twentieth a 503.
With even seeds half the application tiers lag only, so that what was seen may be unseen again. Each fourth seed goes with
one request at a time, which tells exactly whether a Retry-After is obeyed.
"""
import collections
import functools
import os
import time

from harness import FIXTURES, ROOT, Place, check, check_equal, in_parallel, main, share

SEED = FIXTURES / "mlops.json"
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
LIMITS = {"requests_per_5_minutes": "none", "settle": "20s"}
# What was under way when a Retry-After came may arrive a little later. With one request at a time nothing is under way.
IN_FLIGHT, GRACE_MS = 8, 500
ALONE_EVERY = 4
N_SEEDS = 20
AT_ONCE = 20  # they mostly wait
PAUSE_SECONDS = 5  # a new process was not told by a Retry-After; this is longer than any
STALE_MS = 5000
LATE_MS = 10000
REFUSED_EVERY = 20


def faults(seed):
    """The rules; refusals begin elsewhere with each seed."""
    tiers = {} if seed % 2 else {"tiers": 3}
    retry_after = 2 + seed % 3
    return [
        {"kind": "429", "every": REFUSED_EVERY, "skip": seed % REFUSED_EVERY, "retry_after": retry_after},
        {"kind": "503", "every": REFUSED_EVERY, "skip": (seed + REFUSED_EVERY // 2) % REFUSED_EVERY,
         **({"retry_after": 2} if seed % 4 < 2 else {})},
        {"kind": "stale", "ms": STALE_MS, **tiers},
        {"kind": "late_list", "route": "graph*", "ms": LATE_MS},
    ]


def check_log(place, grace_ms):
    """What the simulator saw."""
    place.check_made_once()
    refused = collections.Counter(request["status"] for request in place.requests()
                                  if request.get("fault", "").startswith(("429", "503")))
    check(refused[429] and refused[503], f"faults did not show: {refused}")
    check_equal(place.simulator.control("GET", f"log/violations?grace_ms={grace_ms}"), [],
                "requests before a Retry-After had run out")


def case(wanted, seed):
    alone = seed % ALONE_EVERY == 0
    limits = {**LIMITS, "requests_in_flight": 1 if alone else IN_FLIGHT}
    with Place(SEED, ["--seed-number", seed], charter=CHARTER, limits=limits) as place:
        began = time.monotonic()
        place.simulator.control("POST", "faults", faults(seed))
        n_commands = place.converge(PAUSE_SECONDS)
        check_log(place, 0 if alone else GRACE_MS)
        n_requests = len(place.requests())
        place.simulator.control("DELETE", "faults")
        place.expect(0, "plan")
        place.expect(0, "history", "--verify")
        place.check_snapshot(wanted)
        print(f"  seed {seed}: {n_commands} commands, {n_requests} requests, {time.monotonic() - began:.0f} s", flush=True)
        return n_commands


def undisturbed():
    with Place(SEED, charter=CHARTER, limits=LIMITS) as place:
        place.converge()
        return place.snapshot()


def test_hostile_service():
    chosen = os.environ.get("TEST_SEEDS")
    seeds = [int(word) for word in chosen.split(",")] if chosen else range(1, N_SEEDS + 1, share())
    print(f"  {len(seeds)} seeds, {AT_ONCE} at once", flush=True)
    counts = in_parallel(functools.partial(case, undisturbed()), seeds, AT_ONCE, name_of=lambda seed: f"seed {seed}")
    print(f"  {len(counts)} seeds converged with {sum(counts)} commands", flush=True)


if __name__ == "__main__":
    main()
