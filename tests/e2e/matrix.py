# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: the article's example through each kind of fault at each request of its application.

An undisturbed application makes N requests. For each kind of fault the simulator has, and each k of the requests it can
be about, charterd applies the charter to a fresh organisation while the k-th request shows the fault: `once`, or every
request `from` the k-th on. Then the fault is taken away. Each case must end, write nothing wrong, lose no record, and
reach the same organisation as the undisturbed application.

tests/matrix runs all of it, test_matrix.py a sample.
"""
import argparse
import calendar
import collections
import functools
import json
import re
import sys
import time
import urllib.parse

import harness
from harness import COMMANDS_MAX, Failure, Place, check, check_equal, in_parallel, next_command
from test_apply import CHARTER, GOLDEN, SEED, lines_of

SETTLE_SECONDS = 1
PAUSE_SECONDS = SETTLE_SECONDS + 0.1  # what is not seen after it is not there
CLOCK_MS = 1                          # what whole milliseconds make of a moment
TIMEOUT = "30s"
SHORT_TIMEOUT = "2s"                  # where a request is never answered
EXIT_CODES = {"apply": {0, 1, 3}, "plan": {0, 1, 2, 3}}
SIDE_BY_SIDE = 12

# The keys of each kind's rule beside the simulator's own defaults, short enough for thousands of cases; what is older or
# later than a read is less so than `settle`, as its setting asks. "from" has more where each request would wait.
FAULTS = {
    "429": {}, "503": {}, "401": {}, "401_json": {}, "203_html": {}, "200_html": {}, "302": {}, "403": {}, "404": {},
    "500": {}, "reset": {}, "lost": {}, "cut": {}, "cut_chunked": {}, "content_type": {}, "bom": {}, "partial": {},
    "silent": {}, "stall": {}, "held": {},
    "delay": {"ms": 200}, "late": {"ms": 200}, "slow": {"bytes": 4096, "ms": 5},
    "stale": {"ms": 700}, "late_list": {"ms": 700},
    "throttled": {"ms": 50},
}
SPANS = ("once", "from")
COUNT_FROM = {"throttled": 5, "delay": 20, "late": 20, "stall": 8, "held": 8}
UNANSWERED = ("stall", "held")
# Reads that leave out or put back what is there tell a lie that nothing shows.
LIES = ("partial", "stale", "late_list")

PEOPLE = [f"{name}@contoso.com" for name in ("admin", "ana", "ben", "cleo", "omar", "zoe")]
TEAMS = ["Data Science A", "Data Science B", "Operations"]
PRINCIPALS = PEOPLE + [f"[MLOps]\\{name}" for name in
                       (*TEAMS, "MLOps Team", "Contributors", "Readers", "Build Administrators", "Project Administrators")]
PLACES = [{"kind": kind} for kind in ("project", "repositories", "pipeline folder", "area", "service connection")] + \
         [{"kind": "repository", "name": name} for name in
          ("MLOps", "operations", "sandbox", "data-science-a", "data-science-b")] + \
         [{"kind": kind, "name": name} for kind in ("pipeline folder", "area", "team") for name in TEAMS] + \
         [{"kind": "service connection", "name": "azure-production"}, {"kind": "group", "name": "Contributors"}]
QUESTIONS = [{"principal": principal, "project": "MLOps", **place} for principal in PRINCIPALS for place in PLACES]

Cell = collections.namedtuple("Cell", "kind span k")


def name_of(cell):
    return f"{cell.kind} {cell.span} {cell.k}"


def new_place(timeout=TIMEOUT):
    """One request at a time, so that the k-th is always the same."""
    return Place(SEED, ["--seed-number", 7], charter=CHARTER, quiet=True,
                 limits={"requests_per_5_minutes": "none", "requests_in_flight": 1, "settle": f"{SETTLE_SECONDS}s",
                         "request_timeout": timeout})


def watch(place):
    place.simulator.control("PUT", "watch", {"questions": QUESTIONS})


# --- what an intent is about, and what a write does --------------------------------------------------------------------

NOBODY = (None, None)


def identities_of(place, intents):
    """By storage key the names the service gives whom the intents are about: its descriptor, and Graph's. Who was only
    said to be made has none."""
    keys = sorted({intent[key] for intent in intents for key in ("storage_key", "container_key") if intent.get(key)})
    if not keys:
        return {}
    rows = place.ask("_apis/identities?identityIds=" + ",".join(keys))["value"]
    return {key: (row["descriptor"], row["subjectDescriptor"]) if row else NOBODY for key, row in zip(keys, rows)}


CREATIONS = {"repositories": "git/repositories", "pipeline_folders": "build/folders", "areas": "wit/classificationnodes",
             "teams": "projects/teams"}


def effect_of_intent(intent, identities):
    """What the request for it does; comparable with effects_of_write()."""
    step = intent["step"]
    descriptor, subject = identities.get(intent.get("storage_key"), NOBODY)
    if step["verb"] == "create":
        return CREATIONS[step["kind"]], step["name"]
    if step["verb"] in ("add_member", "remove_member"):
        return step["verb"], subject, identities[intent["container_key"]][1]
    if step["verb"] == "set_areas":
        return "areas of", intent["storage_key"]
    masks = intent["masks_after"]
    return intent["namespace"], intent["token"], descriptor, masks["allow"], masks["deny"]


def effects_of_write(row, identities):
    """One for each thing a write request asks for."""
    known = {name for names in identities.values() for name in names}

    def whom(name):
        return name if name in known else None

    url = urllib.parse.urlsplit(row["url"])
    words = [urllib.parse.unquote(word) for word in url.path.split("/")]
    query = dict(urllib.parse.parse_qsl(url.query))
    body = json.loads(row["body"]) if row.get("body") else {}
    if row["route"] == "build/folders":
        return [(row["route"], body["path"].lstrip("\\"))]
    if row["route"] in CREATIONS.values():
        return [(row["route"], body["name"])]
    if row["route"] == "graph/memberships":
        return [("add_member" if row["method"] == "PUT" else "remove_member", whom(words[-2]), whom(words[-1]))]
    if row["route"] in ("work/teamfieldvalues", "work/teamsettings"):
        return [("areas of", words[3])]
    check_equal(row["route"], "accesscontrolentries", f"the route of {row['method']} {row['url']}")
    if row["method"] == "POST":
        return [(words[-1], body["token"], whom(entry["descriptor"]), entry["allow"], entry["deny"])
                for entry in body["accessControlEntries"]]
    return [(words[-1], query["token"], whom(descriptor), 0, 0) for descriptor in query["descriptors"].split(",")]


def asked_of(intent):
    """What the charter asks for in words, whatever was there before."""
    step = intent["step"]
    masks = intent.get("masks_after", {})
    return (step["verb"], step["kind"], step["name"], intent.get("principal"), intent.get("container"), step["after"],
            masks.get("allow"), masks.get("deny"))


# --- what is checked ----------------------------------------------------------------------------------------------------

def moment(line):
    """Of a line of the ledger, in ms."""
    seconds, _, fraction = line["time"].rstrip("Z").partition(".")
    whole = time.strptime(seconds + "UTC", "%Y-%m-%dT%H:%M:%S%Z")
    return int(calendar.timegm(whole)) * 1000 + int(fraction or 0)


def intents_of(place):
    """Of the ledger, each with the line of its outcome, or None."""
    intents, outcomes = {}, {}
    for line in place.ledger():
        if line["record"] == "intent":
            check(line["change_id"] not in intents, f"an intent twice: {line['change_id']}")
            intents[line["change_id"]] = line
        elif line["record"] == "outcome":
            check(line["change_id"] in intents, f"an outcome without an intent: {line}")
            check(line["change_id"] not in outcomes, f"an outcome twice: {line}")
            outcomes[line["change_id"]] = line
    return [(intent, outcomes.get(change_id)) for change_id, intent in intents.items()]


def check_records(place):
    """Each write that reached the service stands between its own intent and that intent's outcome. The intents."""
    intents = intents_of(place)
    for intent, outcome in intents:
        check(outcome, f"an intent without an outcome: {intent}")
    identities = identities_of(place, [intent for intent, _ in intents])
    spans = collections.defaultdict(list)
    for intent, outcome in intents:
        spans[effect_of_intent(intent, identities)].append((moment(intent), moment(outcome)))
    for row in place.requests(organization="contoso", kind="write"):
        for effect in effects_of_write(row, identities):
            check(any(began - CLOCK_MS <= row["arrived"] <= ended + CLOCK_MS for began, ended in spans[effect]),
                  f"a write outside of its records: {row['method']} {row['url']} at {row['arrived']}: {effect}: "
                  f"{spans[effect]}")
    place.expect(0, "history", "--verify")
    return [intent for intent, _ in intents]


def check_access(place, ceiling):
    """At no moment somebody lacks what they had and have, or has what nobody is to have."""
    watched = place.simulator.control("GET", "watch")
    check_equal(watched["losses"], [], "losses")
    if ceiling is None:
        return watched
    for note in watched["notes"]:
        for question, mask, most in zip(QUESTIONS, note["masks"], ceiling):
            check(mask & ~most == 0, f"after {note['after']}: {question} has {mask & ~most:#x} too much")
    return watched


def check_others(place, clean):
    """Rows that an undisturbed application leaves alone are as they were."""
    snapshot = place.snapshot()
    for section, rows in clean["alone"].items():
        lost = [row for row in rows if row not in snapshot[section]]
        check(not lost, f"{section} that are nobody's to change: {lost}")


def is_of_nothing(asked):
    """An entry taken from what was only said to be made."""
    return asked[0] == "remove_entry" and not asked[2]


def check_reached(place, clean, kind):
    """The organisation is as an undisturbed application leaves it. What was given to a team that was only said to be
    made stays beside it: an entry of nobody is never removed."""
    got = place.snapshot()
    if kind == "silent":
        rows = got["permissions"]
        got["permissions"] = [row for i, row in enumerate(rows) if row not in rows[:i]]
    place.check_snapshot(clean["after"], got)


def check_end(place, clean, kind):
    """Nothing is left to do, and all is as it is to be."""
    check_reached(place, clean, kind)
    place.check_made_once(repeatable=["graph/memberships"])
    intents = check_records(place)
    surplus = {asked_of(intent) for intent in intents} - clean["asked"]
    if kind == "silent":
        surplus = {asked for asked in surplus if not is_of_nothing(asked)}
    check(not surplus, f"what the charter does not ask for: {sorted(surplus, key=str)}")
    check_access(place, clean["ceiling"])
    place.clear_log()
    place.expect(0, "plan")
    check_equal(place.requests(kind="write"), [], "writes of a plan")
    place.check_sanitizers()


# --- the undisturbed application ----------------------------------------------------------------------------------------

def scope_counts(place, kinds):
    """Of how many requests of the application a fault of each kind can be shown."""
    rules = {rule["kind"]: rule["fitted"] for rule in place.simulator.control("GET", "faults")}
    return {kind: rules[kind] for kind in kinds}


def undisturbed():
    """What it finds, leaves, asks for and grants on its way; `cells`: by kind, the number of requests."""
    with new_place() as place:
        kinds = [row["kind"] for row in place.simulator.control("GET", "faults/kinds")]
        check_equal(sorted(kinds), sorted(FAULTS), "kinds of fault of the simulator")
        before = place.snapshot()
        place.clear_log()
        watch(place)
        for kind in kinds:
            place.fault(kind, count=0)  # only counts
        place.converge()
        cells = scope_counts(place, kinds)
        after = place.snapshot()
        check_equal(lines_of(after), GOLDEN.read_text(), "the organisation after an undisturbed application")
        intents = check_records(place)
        notes = [note["masks"] for note in check_access(place, None)["notes"]]
    check(before != after and intents, "the application does nothing")
    return {"after": after, "cells": cells, "asked": {asked_of(intent) for intent in intents},
            "ceiling": [functools.reduce(int.__or__, masks) for masks in zip(*notes)],
            "alone": {section: [row for row in rows if row in after[section]] for section, rows in before.items()}}


# --- one case -------------------------------------------------------------------------------------------------------------

def rule_of(cell):
    rule = {"kind": cell.kind, "skip": cell.k - 1, **FAULTS[cell.kind]}
    if cell.span == "once":
        rule["count"] = 1
    elif cell.kind in COUNT_FROM:
        rule["count"] = COUNT_FROM[cell.kind]
    return rule


def run_under_fault(place, cell, clean):
    """Commands until one fails or nothing is left to do. Whether the fault was shown."""
    done = None
    for _ in range(COMMANDS_MAX):
        done = place.run(*next_command(done))
        check(done.returncode in EXIT_CODES["apply"], f"exit {done.returncode}: {done.stderr[-2000:]}")
        if done.returncode == 0 and cell.kind not in LIES:
            check_reached(place, clean, cell.kind)
        if done.returncode != 3:
            break
    applied = place.simulator.control("GET", "faults")[0]["applied"]
    check(applied > 0, "the fault met no request")
    return done


def run_cell(clean, cell):
    """Its exit code under the fault, and how many commands it took afterwards."""
    with new_place(SHORT_TIMEOUT if cell.kind in UNANSWERED else TIMEOUT) as place:
        place.clear_log()
        watch(place)
        place.simulator.control("POST", "faults", rule_of(cell))
        done = run_under_fault(place, cell, clean)
        check_others(place, clean)
        place.clear_faults()
        n_commands = 0
        if done.returncode != 0 or cell.kind in LIES:
            n_commands = place.converge(PAUSE_SECONDS)
            check_others(place, clean)
        check_end(place, clean, cell.kind)
        return cell, done.returncode, n_commands


# --- the whole ------------------------------------------------------------------------------------------------------------

def all_cells(clean, kinds=None, spans=SPANS):
    return [Cell(kind, span, k) for span in spans for kind, n in clean["cells"].items() if not kinds or kind in kinds
            for k in range(1, n + 1)]


def run_cells(clean, cells, side_by_side):
    """Runs them and says how they went."""
    results = in_parallel(functools.partial(run_cell, clean), cells, side_by_side, name_of=name_of)
    codes = collections.Counter(code for _, code, _ in results)
    commands = collections.Counter(n for _, _, n in results)
    print(f"     {len(results)} cases; exit under the fault: {dict(sorted(codes.items()))}; "
          f"commands afterwards: {dict(sorted(commands.items()))}", flush=True)
    return results


def words(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(harness.ROOT / "build-release"), help="a build folder (made when missing)")
    parser.add_argument("--kinds", type=words, help="only these kinds of fault")
    parser.add_argument("--spans", type=words, default=["once"], help="once (default), from, or both: once,from")
    parser.add_argument("--every", type=int, default=1, help="each so manyth case only")
    parser.add_argument("--at", type=words, help="only at these requests")
    parser.add_argument("--side-by-side", type=int, default=SIDE_BY_SIDE)
    arguments = parser.parse_args()
    harness.build_release(arguments.build)
    began = time.monotonic()
    clean = undisturbed()
    cells = [cell for cell in all_cells(clean, arguments.kinds, arguments.spans)
             if not arguments.at or str(cell.k) in arguments.at][::arguments.every]
    print(f"an application makes {max(clean['cells'].values())} requests; {len(clean['cells'])} kinds of fault, "
          f"{len(QUESTIONS)} questions: {len(cells)} cases", flush=True)
    failures = 0
    try:
        run_cells(clean, cells, arguments.side_by_side)
    except Failure as error:
        failures = int(re.match(r"\d+", str(error))[0])
    print(f"{len(cells)} cases, {failures} failures, {time.monotonic() - began:.0f} s")
    sys.exit(1 if failures or not cells else 0)
