# SPDX-License-Identifier: Apache-2.0
"""Writes that fail, each in turn: nobody ends, even for a moment, with less than they had and will have."""
import base64
import json
import re

from harness import Place, at_once, check, check_equal, escape_pattern, in_parallel, main, share, wait_until

WORKERS = 120  # a write that is tried again and again waits most of the time

SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True}] +
              [{"user": f"{name}@contoso.com"} for name in
               ("ana", "ben", "cleo", "dora", "eve", "finn", "gus", "hal", "ida")],
    "projects": [{
        "name": "MLOps", "creator": "admin@contoso.com",
        "teams": [
            {"name": "Mover", "members": ["ana@contoso.com"], "contributors": True},
            {"name": "Walled", "members": ["ben@contoso.com"]},
            {"name": "Opened", "members": ["cleo@contoso.com"], "contributors": True},
            {"name": "Guild", "members": ["dora@contoso.com"]},
            {"name": "Alpha", "members": ["eve@contoso.com"]},
            {"name": "Bravo"},
            {"name": "Hand"},
            {"name": "Denied", "members": ["gus@contoso.com"], "contributors": True},
            {"name": "Swapper", "members": ["hal@contoso.com"]},
        ],
        "groups": [{"name": "Old Guild", "members": ["Guild"]},
                   {"name": "Ring", "members": ["ida@contoso.com"]}],
        "repositories": ["mover", "walled", "open", "shared", "hand", "denied", "swap"],
        "folders": ["Mover", "Walled", "Swap"],
        "areas": ["Mover", "Walled", "Swap"],
        "permissions": [
            {"principal": "Walled", "kind": "repositories", "allow": ["GenericRead", "GenericContribute"]},
            {"principal": "Walled", "kind": "pipeline folder", "allow": ["ViewBuilds", "ViewBuildDefinition"]},
            {"principal": "Walled", "kind": "area", "allow": ["GENERIC_READ", "WORK_ITEM_READ"]},
            # charterd's own rights hold without what is inherited.
            {"principal": "[contoso]\\Project Collection Administrators", "kind": "repository", "name": "walled",
             "allow": ["GenericRead", "GenericContribute", "ManagePermissions"]},
            {"principal": "[contoso]\\Project Collection Administrators", "kind": "pipeline folder", "name": "Walled",
             "allow": ["ViewBuilds", "ViewBuildDefinition", "AdministerBuildPermissions"]},
            {"principal": "Opened", "kind": "repository", "name": "open",
             "allow": ["GenericRead", "GenericContribute", "CreateBranch"]},
            {"kind": "repository", "name": "open", "inherit": False},
            {"principal": "Old Guild", "kind": "repository", "name": "shared",
             "allow": ["GenericRead", "GenericContribute"]},
            {"principal": "Alpha", "kind": "repository", "name": "shared",
             "allow": ["GenericRead", "PullRequestContribute"]},
            {"principal": "finn@contoso.com", "kind": "repository", "name": "hand",
             "allow": ["GenericRead", "GenericContribute", "ForcePush"]},
            {"principal": "Denied", "kind": "repository", "name": "denied", "deny": ["ForcePush", "CreateTag"]},
            {"principal": "Swapper", "kind": "repository", "name": "swap", "allow": ["GenericRead", "ForcePush"]},
            {"principal": "Swapper", "kind": "pipeline folder", "name": "Swap", "allow": ["ViewBuilds", "QueueBuilds"]},
            {"principal": "Swapper", "kind": "area", "name": "Swap", "allow": ["GENERIC_READ", "WORK_ITEM_WRITE"]},
            {"principal": "Swapper", "kind": "project", "name": "MLOps", "allow": ["GENERIC_READ", "DELETE"]},
            {"principal": "Ring", "kind": "repository", "name": "swap", "allow": ["GenericRead"]},
        ],
    }],
}

CHARTER = """
charter: 1
organization: https://dev.azure.com/contoso
defaults: { unlisted_grants: remove, unlisted_members: remove }
projects:
  MLOps:
    groups:
      # Made new; takes the place of Old Guild.
      New Guild: { grants: [{ at: { repositories: [shared] }, allow: [Read, Contribute] }] }
      # Given to the team, taken from the group its only member is in.
      Ring: { grants: [] }
    teams:
      # From Contributors to entries of its own.
      Mover:
        member_of: []
        owns: { repositories: [mover], pipeline_folders: [Mover], areas: [Mover] }
        grants:
          - { at: project, allow: [View project-level information] }
          - { at: own, same_as: Contributors }
      # From the root's entries to its own, behind an inheritance switched off.
      Walled:
        owns:
          repositories: [{ name: walled, inherit: false }]
          pipeline_folders: [{ name: Walled, inherit: false }]
          areas: [Walled]
        grants:
          - { at: { repositories: own }, allow: [Read, Contribute] }
          - { at: { pipeline_folders: own }, allow: [View builds, View build pipeline] }
          - { at: { areas: own }, allow: [View permissions for this node, View work items in this node] }
      # From its own entry to what it inherits.
      Opened:
        member_of: [Contributors]
        owns: { repositories: [{ name: open, inherit: true }] }
        grants: []
      # From one group to another.
      Guild: { member_of: [New Guild], owns: { repositories: [shared] } }
      # One loses its entry and its member to the other.
      Alpha: { members: [], grants: [] }
      Bravo:
        members: [eve@contoso.com]
        grants: [{ at: { repositories: [shared] }, allow: [Read, Contribute to pull requests] }]
      # From a grant by hand to the team.
      Hand:
        members: [finn@contoso.com]
        owns: { repositories: [hand] }
        grants: [{ at: own, allow: [Read, Contribute] }]
      # From Contributors with a Deny to allowed.
      Denied:
        member_of: []
        owns: { repositories: [denied] }
        grants: [{ at: own, allow: [Read, Contribute, Create tag] }]
      # Entries that gain and lose.
      Swapper:
        members: [hal@contoso.com, ida@contoso.com]
        owns: { repositories: [swap], pipeline_folders: [Swap], areas: [Swap] }
        grants:
          - { at: project, allow: [View project-level information, Edit project-level information] }
          - { at: { repositories: own }, allow: [Read, Contribute] }
          - { at: { pipeline_folders: own }, allow: [View builds, View build pipeline] }
          - { at: { areas: own }, allow: [View permissions for this node, View work items in this node] }
"""

PRINCIPALS = [person["user"] for person in SEED["people"][1:]] + \
             [f"[MLOps]\\{team['name']}" for team in SEED["projects"][0]["teams"]] + \
             ["[MLOps]\\Old Guild", "[MLOps]\\Ring", "[MLOps]\\Contributors", "[MLOps]\\Readers"]
PLACES = [{"kind": "project", "name": "MLOps"}, {"kind": "repositories"}] + \
         [{"kind": "repository", "name": name} for name in SEED["projects"][0]["repositories"]] + \
         [{"kind": "pipeline folder", "name": name} for name in SEED["projects"][0]["folders"]] + \
         [{"kind": "area", "name": name} for name in SEED["projects"][0]["areas"]]
QUESTIONS = [{"principal": principal, "project": "MLOps", **place} for principal in PRINCIPALS for place in PLACES]

# How a write can fail. "once": the next try succeeds.
FAULTS = {
    "500": {"kind": "500"},
    "reset": {"kind": "reset"},
    "503 with Retry-After, once": {"kind": "503", "retry_after": 1, "count": 1},
    "403": {"kind": "403"},
    "done silently not": {"kind": "silent"},
    "done silently not, once": {"kind": "silent", "count": 1},
    "answer lost": {"kind": "lost", "count": 1},
    "answer cut": {"kind": "cut", "count": 1},
    "203 HTML": {"kind": "203_html"},
}
SLOW = ("500", "reset")


def new_place():
    return Place(seed=SEED, arguments=["--seed-number", 7], charter=CHARTER, quiet=True,
                 limits={"requests_per_5_minutes": "none", "removals": "none", "settle": "1s"})


def watch(place):
    place.simulator.control("PUT", "watch", {"questions": QUESTIONS})


def notes(place):
    """[(after which request, mask of each question)], the first from before."""
    return [(note["after"], note["masks"]) for note in place.simulator.control("GET", "watch")["notes"]]


def losses(noted, before, final):
    """What somebody had and will have, and lacked in between."""
    found = []
    for after, masks in noted:
        for question, had, will_have, has in zip(QUESTIONS, before, final, masks):
            if had & will_have & ~has:
                found.append(f"after {after}: {question['principal']} at {question['kind']} "
                             f"{question.get('name', '')} lacks {had & will_have & ~has:#x}")
    return found


# --- the writes of a clean run ------------------------------------------------------------------------------------------

IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|vssgp\.[A-Za-z0-9_-]+|S-1-9-[0-9-]+", re.IGNORECASE)


def ids_of(place):
    """What exists before anything is made."""
    key = place.project_id("MLOps")
    listings = [f"_apis/projects/{key}/teams?", f"{key}/_apis/git/repositories?",
                f"{key}/_apis/wit/classificationnodes?$depth=9&", "_apis/securitynamespaces?", "_apis/projects?"]
    ids = set()
    for listing in listings:
        ids.update(IDS.findall(json.dumps(place.ask(listing + "api-version=7.1"))))
    for group in place.ask("_apis/graph/groups?api-version=7.1-preview.1")["value"]:
        ids.update(IDS.findall(json.dumps(group)))
        text = group["descriptor"].split(".", 1)[1]
        ids.add(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    return ids


def pattern(text, ids):
    """The text as a pattern; what only this run made may be anything."""
    parts, end = [], 0
    for found in IDS.finditer(text):
        parts += [escape_pattern(text[end:found.start()]), escape_pattern(found[0]) if found[0] in ids else "*"]
        end = found.end()
    return "".join(parts) + escape_pattern(text[end:])


def rule_of(row, ids):
    """Of a write about several entries the first is enough to know it by: their order is not always the same."""
    url, comma, _ = row["url"].partition("%2C")
    path = pattern(f"{row['method']} {url}", ids)
    rule = {"on": "write", "path": path.replace("&descriptors=", "&descriptors=*") + "*" if comma else path}
    body = row.get("body")
    if not body:
        return rule
    if "accessControlEntries" in body:
        start, middle, entries = body.partition('"accessControlEntries": [')
        rule["body"] = pattern(start + middle, ids) + "*" + pattern(entries.partition("}")[0], ids) + "*"
    elif "acesDictionary" in body:
        rule["body"] = pattern(body.partition('"acesDictionary"')[0], ids) + "*"
    else:
        rule["body"] = pattern(body, ids)
    return rule


def clean_run():
    """The fault rules of its writes, and what everybody had and has in the end."""
    with new_place() as place:
        ids = ids_of(place)
        place.clear_log()
        watch(place)
        place.expect(0, "apply")
        noted = notes(place)
        rows = [row for row in place.requests(organization="contoso", kind="write") if row["method"] != "GET"]
        check(place.plan()["in_sync"], "in sync afterwards")
    before, final = noted[0][1], noted[-1][1]
    check_equal(losses(noted, before, final), [], "losses of the clean run")
    check(any(had & ~has for had, has in zip(before, final)), "nobody loses anything: this charter shows nothing")
    check(any(has & ~had for had, has in zip(before, final)), "nobody gains anything: this charter shows nothing")
    rules = list({json.dumps(rule_of(row, ids)): (row, rule_of(row, ids)) for row in rows}.values())
    return rules, before, final


def converge(place, may_vanish):
    """Applies until in sync. What the service said it had made and has not is gone, for all that charterd knows: it is
    made again when a person says so, and charterd is sure that it is gone once `settle` is over."""
    if not may_vanish:
        place.expect(0, "apply")
        return

    def planned():
        place.run("apply")
        plan = place.plan()
        return plan if plan["in_sync"] or plan["held"] else None

    plan = wait_until(planned, 30, "charterd is sure that the group is gone")
    if not plan["in_sync"]:
        check_equal({step["brake"] for step in plan["held"]}, {"vanished"}, "what holds the steps")
        place.expect(0, "apply", "--release", plan["plan_id"], "--reason", "it was never made")


# --- one case -----------------------------------------------------------------------------------------------------------

def run_case(case, before, final):
    (row, rule), _, fault = case
    with new_place() as place:
        place.clear_log()
        watch(place)
        place.fault(**fault, **rule)
        done = place.run("apply")
        noted = notes(place)
        applied = place.simulator.control("GET", "faults")[0]["applied"]
        check(applied > 0, "the fault met no write")
        check_equal(noted[0][1], before, "what everybody had")
        check_equal(losses(noted, before, final), [], "losses")
        check(done.returncode in (0, 1), f"exit {done.returncode}")
        if done.returncode == 0:
            check_equal(noted[-1][1], final, "what everybody has after exit 0")
        place.clear_faults()
        converge(place, may_vanish=fault["kind"] == "silent" and row["route"] == "graph/groups")
        noted = notes(place)
        check_equal(losses(noted, before, final), [], "losses once the fault is gone")
        check_equal(noted[-1][1], final, "what everybody has once the fault is gone")


def test_each_write_with_each_fault():
    rules, before, final = clean_run()
    cases = [(rule, name, fault) for name, fault in FAULTS.items() for rule in rules]
    cases.sort(key=lambda case: case[1] not in SLOW)
    print(f"     {len(rules)} writes x {len(FAULTS)} faults = {len(cases)} cases, {len(QUESTIONS)} questions each",
          flush=True)
    in_parallel(lambda case: run_case(case, before, final), cases[::share()], at_once(WORKERS),
                name_of=lambda case: f"{case[1]} at {case[0][1]}")


if __name__ == "__main__":
    main()
