# SPDX-License-Identifier: Apache-2.0
"""/metrics in each state a daemon can be in: what `charterd help metrics` lists and nothing else, and true; and /readyz, which
says so when the organisation is not kept."""
import collections
import re
import signal
import sys

from harness import ROOT, Place, binary, check, check_equal, free_address, main, samples, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, hand, in_order
from test_outage import faketime, is_sanitized, set_clock

sys.path.insert(0, str(ROOT / "packaging"))
from program import Program  # noqa: E402

DRIFT = "a member added"
FIGHT_REPAIRS = 3
HOURS = 3600
ENDS = {200: "answered", 201: "answered", 204: "answered", 403: "refused", 404: "not_found"}
OUTCOMES = ("done", "not_done", "failed", "unconfirmed", "unknown")


def numbers(place, name, label):
    """The samples of one name by a label."""
    found = collections.Counter()
    for metric, labels, value in samples(place.served("/metrics")[2]):
        if metric == name:
            found[labels[label]] += value
    return found


def outcome(place, word):
    return place.metric("charterd_step_outcomes_total", outcome=word)


def repair(place):
    """A drift by hand, and its repair."""
    n = outcome(place, "done")
    hand(place, DRIFTS[DRIFT])
    place.reconcile()
    wait_until(lambda: outcome(place, "done") > n, 60, "the repair")


def not_ready(place, *words):
    """503, with the reason; also for `status --health`."""
    status, _, text = place.served("/readyz")
    check(status == 503 and all(word in text for word in (place.url, *words)), f"/readyz: {status} {text}")
    check_equal(place.metric("charterd_ready"), 0, "charterd_ready")
    check_equal(place.served("/healthz")[0], 200, "/healthz")
    place.expect(1, "status", "--health")


def ready(place):
    wait_until(place.is_ready, 60, "ready")
    check_equal(place.metric("charterd_ready"), 1, "charterd_ready")
    place.expect(0, "status", "--health")


# --- states ---------------------------------------------------------------------------------------------------------

def in_sync():
    with in_order({"listen": free_address()}) as place:
        place.clear_log()
        place.start_daemon()
        ready(place)
        wait_until(lambda: place.metric("charterd_last_success_timestamp_seconds"), 30, "a success")
        check_equal(numbers(place, "charterd_step_outcomes_total", "outcome"), dict.fromkeys(OUTCOMES, 0), "outcomes")
        check_equal(place.metric("charterd_enforcing"), 1, "charterd_enforcing")
        started = place.metric("charterd_start_timestamp_seconds")
        check(place.metric("charterd_last_success_timestamp_seconds") >= started > 1.5e9, "when it was started")
        (taken,) = [row["sha256"] for row in place.log_lines() if row.get("message") == "the charter is in force"]
        check_equal(place.metric("charterd_charter_info", sha256=taken), 1, "the charter in force")
        yield place


def repaired():
    with in_order({"listen": free_address()}) as place:
        n_before = len(place.ledger())
        place.start_daemon()
        ready(place)
        repair(place)
        results = collections.Counter(row["result"].replace(" ", "_") for row in place.ledger()[n_before:]
                                      if row["record"] == "outcome")
        check_equal(results, {"done": 1}, "outcomes of the ledger")
        check_equal(+numbers(place, "charterd_step_outcomes_total", "outcome"), results, "outcomes")
        check(numbers(place, "charterd_requests_total", "kind")["write"] >= 1, "no write")
        yield place


def pending():
    with in_order({"listen": free_address()}) as place:
        place.write_settings(mode="observe")
        hand(place, DRIFTS[DRIFT])
        place.start_daemon()
        ready(place)
        wait_until(lambda: place.metric("charterd_steps", state="pending") == 1, 30, "a pending step")
        check_equal(place.metric("charterd_enforcing"), 0, "charterd_enforcing")
        yield place


def held(limits=None):
    with Place(seed=SEED, charter=CHARTER, first_pass="hold", listen=free_address(), limits=limits or {}) as place:
        place.start_daemon()
        ready(place)
        check(place.metric("charterd_steps", state="held") > 0, "nothing is held")
        yield place


def fought():
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        ready(place)
        for _ in range(FIGHT_REPAIRS):
            repair(place)
        wait_until(lambda: place.metric("charterd_fights") == 1, 30, "a fight")
        check_equal(place.metric("charterd_findings", kind="fight"), 1, "findings of that kind")
        yield place


def service_down():
    with in_order({"listen": free_address()}) as place:
        place.fault("500")
        place.start_daemon()
        wait_until(lambda: numbers(place, "charterd_requests_total", "outcome")["unavailable"] > 0, 60, "a request that failed")
        not_ready(place, "no complete survey")
        check_equal(place.metric("charterd_last_success_timestamp_seconds"), None, "a success")
        yield place


def throttled():
    with in_order({"listen": free_address()}) as place:
        place.fault("429", count=2)
        place.start_daemon()
        ready(place)
        check_equal(numbers(place, "charterd_requests_total", "outcome")["throttled"], 2, "throttled requests")
        check_equal(place.metric("charterd_throttled_answers_total"), 2, "answers that asked for a pause")
        yield place


def no_charter():
    with Place(seed=SEED, listen=free_address()) as place:
        place.start_daemon()
        not_ready(place, "no valid charter")
        check_equal(place.metric("charterd_charter_valid"), 0, "charterd_charter_valid")
        yield place


def credential_refused():
    with in_order({"listen": free_address()}) as place:
        place.write_pat("not-a-token")
        place.start_daemon()
        wait_until(lambda: place.metric("charterd_credential_failures_total"), 60, "a pass without a credential")
        not_ready(place, "credential is not accepted")
        check(numbers(place, "charterd_requests_total", "outcome")["unauthenticated"] > 0, "unauthenticated requests")
        yield place


def settings_gone_bad():
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        with open(place.folder / "charterd.yaml", "a") as file:
            file.write("nonsense: 1\n")
        place.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: place.metric("charterd_settings_valid") == 0, 30, "settings that are not valid")
        ready(place)
        yield place


def not_kept():
    with in_order({"listen": free_address()}) as place:
        place.write_settings(credential={"pat": {"file": "nowhere"}})
        place.start_daemon()
        wait_until(lambda: place.served("/readyz")[0] == 503, 30, "not ready")
        place.expect(1, "status", "--health")
        yield place


STATES = [in_sync, repaired, pending, held, fought, service_down, throttled, no_charter, credential_refused, settings_gone_bad, not_kept]


# --- checks ---------------------------------------------------------------------------------------------------------

def check_listed(text):
    """Each family has its head once, and what `charterd help metrics` says: type, labels."""
    listed = {metric.name: metric for metric in Program(binary("CHARTERD")).metrics()}
    check_equal(dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)), {name: one.type for name, one in listed.items()}, "families")
    check_equal(len(re.findall(r"^# TYPE", text, re.M)), len(listed), "TYPE lines")
    found = samples(text)
    check(len(found) == len({(name, *sorted(labels.items())) for name, labels, _ in found}), "a sample twice")
    for name, labels, _ in found:
        check_equal(list(labels), listed[name].labels, f"labels of {name}")


def test_each_state():
    for state in STATES:
        for place in state():
            check_listed(place.served("/metrics")[2])
            print(f"     {state.__name__}", flush=True)


def same_requests(place):
    told = [+numbers(place, "charterd_requests_total", label) for label in ("kind", "outcome")]
    rows = place.requests()
    return told == [collections.Counter(row["kind"] for row in rows), collections.Counter(ENDS[row["status"]] for row in rows)]


def test_requests_are_those_that_were_sent():
    """As the service saw them: reads and writes, by its answers."""
    with in_order({"listen": free_address()}) as place:
        place.clear_log()
        place.start_daemon()
        ready(place)
        hand(place, DRIFTS[DRIFT])
        place.fault("403", on="write", count=1)
        place.reconcile()
        wait_until(lambda: outcome(place, "failed") == 1, 60, "a step that failed")
        place.reconcile()
        wait_until(lambda: outcome(place, "done") == 1, 60, "the repair")
        wait_until(lambda: same_requests(place), 60, "the same by kind and outcome")  # who did it is asked after the pass
        check_equal(numbers(place, "charterd_requests_total", "outcome")["refused"], 1, "the refused write")


def test_ready_is_about_now():
    """A survey that was complete does not stay fresh for ever; the service was down meanwhile."""
    if is_sanitized():
        print("     not with sanitizers", flush=True)
        return
    with in_order({"listen": free_address()}) as place:
        set_clock(place, 0)
        place.write_settings(environment={
            "LD_PRELOAD": faketime(), "FAKETIME_TIMESTAMP_FILE": str(place.folder / "clock"), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
        place.start_daemon()
        ready(place)
        set_clock(place, HOURS // 4)  # less than the interval and what a pass may take
        ready(place)
        place.fault("500")
        set_clock(place, 2 * HOURS)
        not_ready(place, "too old")
        place.clear_faults()
        place.reconcile()
        ready(place)


if __name__ == "__main__":
    main()
