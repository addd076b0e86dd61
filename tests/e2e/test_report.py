# SPDX-License-Identifier: Apache-2.0
"""What the ledger holds for figures of changes, and the figures, against a count of their own."""
import json

from harness import check, check_equal, main
from test_drift import DRIFTS, changes, hand, in_order

OPEN_TO_ALL = "a grant given by hand on what a team owns"
TAKEN = "a permission taken from a team"
JOINED = "the team put into Contributors"


def intents(place):
    return [row for row in place.ledger() if row["record"] == "intent"]


def sights(place, key):
    return [entry for row in place.ledger() if row["record"] == "sight" for entry in row.get(key, [])]


def test_what_a_change_is_for():
    """The team, since when it was seen, whether the charter or somebody's hand brought it; a pass has a begin."""
    with in_order({}) as place:
        first = intents(place)
        check_equal({row["origin"] for row in first}, {"charter"}, "origins of a first application")
        made = {row["step"]["name"]: row.get("team") for row in first if row["step"]["verb"] == "create"}
        check_equal((made["data-science-a"], made["Data Science B"]), ("Data Science A", "Data Science B"), "teams")
        for row in place.ledger():
            if row["record"] == "pass":
                check(row["begin"] <= row["time"], f"a pass that began at {row['begin']} and ended at {row['time']}")
        place.fault("403", on="write")
        hand(place, DRIFTS[TAKEN])
        place.expect(1, "apply")
        failed = intents(place)[len(first):]
        check_equal([(row["origin"], row["team"]) for row in failed], [("drift", "Data Science A")], "a drift not repaired")
        check_equal([entry["step"] for entry in sights(place, "came") if entry["origin"] == "drift"],
                    [failed[0]["step"]["id"]], "steps that the ledger says are left")
        # Another process, later: it is still the drift that was seen then, and only what is new is new.
        place.clear_faults()
        hand(place, DRIFTS[JOINED])
        place.expect(0, "apply")
        repaired = {row["step"]["id"]: row for row in intents(place)[len(first) + len(failed):]}
        old = repaired.pop(failed[0]["step"]["id"])
        check_equal(old["seen"], failed[0]["seen"], "since when it is seen")
        check_equal([row["origin"] for row in repaired.values()], ["drift"], "the other one")
        check(all(row["seen"] > old["seen"] for row in repaired.values()), "what is new was not seen before")
        check_equal(sorted(sights(place, "went")), sorted(entry["step"] for entry in sights(place, "came")),
                    "steps that are left no more")
        check_equal(set(changes(place).values()), {"done", "failed"}, "results")
        # What another charter wants is no drift, though it comes with one.
        place.write_charter(place.charter_path.read_text().replace(
            "repositories: [{ name: operations, inherit: true }]",
            "repositories: [{ name: operations, inherit: true }, operations-tools]"))
        n = len(intents(place))
        place.expect(0, "apply")
        news = intents(place)[n:]
        check(news, "nothing was made")
        check_equal({row["origin"] for row in news}, {"charter"}, "origins after the charter changed")


if __name__ == "__main__":
    main()
