# SPDX-License-Identifier: Apache-2.0
"""What the ledger holds for figures of changes, and the figures, against a count of their own."""
import collections
import datetime
import json
import shutil

from harness import FIXTURES, ROOT, Place, check, check_equal, main
from test_drift import DRIFTS, changes, hand, in_order

OPEN_TO_ALL = "a grant given by hand on what a team owns"
TAKEN = "a permission taken from a team"
WEEK = FIXTURES.parent / "report" / "week"
ENDS = ("done", "not_done", "failed", "unconfirmed", "unknown", "open")
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


# --- figures ----------------------------------------------------------------------------------------------------------

def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def milliseconds(begin, end):
    return max(0, round((moment(end) - moment(begin)).total_seconds() * 1000))


def rank(values, share):
    """The least value that such a share of them is not greater than."""
    return sorted(values)[-(-len(values) * share // 100) - 1] if values else None


class Count:
    """The same figures in the plainest way."""

    def __init__(self):
        self.ends = collections.Counter()
        self.repairs = []
        self.left = 0

    def check(self, got, what):
        changes = {end: self.ends[end] for end in ENDS}
        ended = sum(self.ends.values()) - self.ends["open"]
        failed = sum(self.ends[end] for end in ("failed", "unconfirmed", "unknown"))
        check_equal({key: got["changes"][key] for key in ENDS}, changes, f"changes of {what}")
        check_equal(got["changes"]["total"], sum(changes.values()), f"number of changes of {what}")
        check_equal(got["changes"]["success_rate"], round(self.ends["done"] / ended, 4) if ended else None, f"success of {what}")
        check_equal(got["changes"]["failure_rate"], round(failed / ended, 4) if ended else None, f"failure of {what}")
        wanted = [len(self.repairs), rank(self.repairs, 50), rank(self.repairs, 90), max(self.repairs, default=None)]
        check_equal([got["repairs"][key] for key in ("repaired", "median_ms", "ninetieth_ms", "longest_ms")], wanted,
                    f"repairs of {what}")
        check_equal(got["repairs"].get("not_repaired", self.left), self.left, f"drifts left of {what}")


def left_of(rows):
    left = {}
    for row in rows:
        if row["record"] == "sight":
            for step in row.get("went", []):
                left.pop((row["organization"], step), None)
            for entry in row.get("came", []):
                if entry["origin"] == "drift":
                    left[row["organization"], entry["step"]] = (entry["project"], entry.get("team"))
    return left.values()


def count_all(rows, since):
    """By project and team, by project, of all; and changes by day."""
    counts = collections.defaultdict(Count)
    days = collections.Counter()
    outcomes = {row["change_id"]: row for row in rows if row["record"] == "outcome"}
    for row in rows:
        if row["record"] != "intent" or row["time"] < since:
            continue
        outcome = outcomes.get(row["change_id"])
        days[row["time"][:10]] += 1
        for key in ((row["project"], row.get("team")), (row["project"],), ()):
            counts[key].ends[outcome["result"].replace(" ", "_") if outcome else "open"] += 1
            if outcome and outcome["result"] == "done" and row.get("origin") == "drift":
                counts[key].repairs.append(milliseconds(row["seen"], outcome["time"]))
    for project, team in left_of(rows):
        for key in ((project, team), (project,), ()):
            counts[key].left += 1
    return counts, days


def check_figures(place, since=""):
    rows = sorted(all_rows(place), key=lambda row: row["seq"])
    got = json.loads(place.expect(0, "report", "-o", "json", *(["--since", since] if since else [])).stdout)
    counts, days = count_all(rows, since)
    counts[()].check(got, "all")
    found = [()]
    for project in got["projects"]:
        found.append((project["project"],))
        counts[found[-1]].check(project, found[-1])
        for team in project["teams"]:
            found.append((project["project"], team["team"]))
            counts[found[-1]].check(team, found[-1])
    check_equal(set(found), set(counts), "projects and teams")
    shown = collections.Counter()
    for period in got["periods"]:
        shown[period["begin"][:10]] += period["changes"]["total"]
    passes = [row for row in rows if row["record"] == "pass" and row["time"] >= since]
    times = [milliseconds(row["begin"], row["time"]) for row in passes if "begin" in row]
    check_equal(sum(period["passes"]["total"] for period in got["periods"]), len(passes), "passes over time")
    check_equal(got["passes"], {"total": len(passes), "failed": len([row for row in passes if row.get("error")]),
                                "median_ms": rank(times, 50), "ninetieth_ms": rank(times, 90), "longest_ms": max(times, default=None)},
                "passes")
    return got, days, +shown


def all_rows(place):
    return [json.loads(line) for path in (place.folder / "state").glob("ledger*.jsonl") for line in path.read_text().splitlines()]


def test_figures_of_a_fixture():
    """Over two files, with changes that never ended, of no team, and by a program that told less."""
    with Place(FIXTURES / "mlops.json", charter=(ROOT / "config" / "examples" / "charter.yaml").read_text()) as place:
        shutil.copytree(WEEK, place.folder / "state", ignore=lambda folder, names: [n for n in names if n.startswith("report")])
        got, _, _ = check_figures(place)
        check_equal((got["changes"]["total"], got["repairs"]["not_repaired"]), (41, 1), "changes, drifts left")
        check_figures(place, "2026-04-02T12:00:00.000Z")
        shown = json.loads(place.expect(0, "report", "-o", "json", "--project", "shop").stdout)
        check_equal([row["project"] for row in shown["projects"]], ["Shop"], "narrowed")
        text = place.expect(0, "report").stdout
        check("41 changes, 36 done" in text and "Kasse für Obst" in text, text)
        page = place.expect(0, "report", "-o", "html").stdout
        check(page.startswith("<!DOCTYPE html>") and "<script" not in page and "<b>" not in page, "the page")
        for arguments in (("--since", "soon"), ("-o", "csv"), ("--head", "x")):
            place.expect(64, "report", *arguments)


def test_figures_of_real_changes():
    """An application, drifts, one that cannot be repaired for a while, a pass that fails."""
    with in_order({}) as place:
        for name in (OPEN_TO_ALL, TAKEN):
            hand(place, DRIFTS[name])
            place.expect(0, "apply")
        place.fault("403", on="write")
        hand(place, DRIFTS[JOINED])
        place.expect(1, "apply")
        got, days, shown = check_figures(place)
        check_equal(shown, days, "changes over time")
        check(got["changes"]["failed"] > 0 and got["repairs"]["not_repaired"] > 0 and got["repairs"]["repaired"] >= 2, got)
        place.clear_faults()
        place.expect(0, "apply")
        place.fault("403")
        place.expect(1, "apply")
        place.clear_faults()
        got, _, _ = check_figures(place)
        check_equal((got["repairs"]["not_repaired"], got["passes"]["failed"]), (0, 1), "drifts left, failed passes")


if __name__ == "__main__":
    main()
