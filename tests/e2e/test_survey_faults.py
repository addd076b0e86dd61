# SPDX-License-Identifier: Apache-2.0
"""Surveys in which something cannot be read: what is not known whole is not changed."""
import base64
import json
import re

from harness import Failure, Place, check, check_equal, at_once, escape_pattern, in_parallel, main, share

N_CROWD = 120          # more than an identity batch tells of: these are read through Graph
WORKERS = 160          # most of the time they wait for one more try
PROJECTS = ("Alpha", "Beta")

CHARTER = """
charter: 1
organization: https://dev.azure.com/contoso
defaults: { unlisted_grants: remove }
kits:
  crew:
    member_of: []
    members: ["{project}-lead@contoso.com", deputy@contoso.com]
    owns:
      areas: ["{team}"]
      repositories: ["{team:slug}", "{team:slug}-new"]
      pipeline_folders: ["{team}"]
      service_connections: ["{project}-production"]
    grants:
      - { at: project, allow: [View project-level information] }
      - { at: own, same_as: Contributors }
    confined: true
projects:
  Alpha: &project
    teams:
      Crew: { kit: crew }
      Other: { owns: { areas: [Other], repositories: [other] } }
    groups:
      Crowd: { grants: [{ at: { repositories: [other] }, allow: [Read] }] }
  Beta: *project
"""

# How an answer can be other than whole, and how the simulator is told.
FAULTS = {
    "500": {"kind": "500"},
    "cut": {"kind": "cut"},
    "cut in chunks": {"kind": "cut_chunked"},
    "203 HTML": {"kind": "203_html"},
    "200 HTML": {"kind": "200_html"},
    "wrong content type": {"kind": "content_type"},
    "reset": {"kind": "reset"},
}
SLOW = ("500", "reset", "cut", "cut in chunks")


def seed_project(name):
    lead = name.lower() + "-lead@contoso.com"
    return {
        "name": name, "creator": "admin@contoso.com",
        "teams": [{"name": "Crew", "members": [lead], "contributors": True, "areas": [{"path": "Crew"}]},
                  {"name": "Other"}],
        "groups": [{"name": "Crowd", "members": [f"p{i}@contoso.com" for i in range(N_CROWD)]}],
        "areas": ["Crew", "Other"], "repositories": ["crew", "other"], "folders": ["Crew"],
        "service_connections": [name + "-production"],
        "permissions": [
            {"principal": "p1@contoso.com", "kind": "repository", "name": "crew", "allow": ["Read"]},
            {"principal": "Crowd", "kind": "repository", "name": "other", "allow": ["Read", "Contribute"]},
            {"principal": "Data Scientists", "kind": "pipeline folder", "name": "Crew", "allow": ["ViewBuilds"]},
        ],
    }


def seed():
    people = [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
              {"user": "keeper@contoso.com", "pat": "keeper"}]
    people += [{"user": f"{who}@contoso.com"} for who in ("alpha-lead", "beta-lead", "deputy")]
    people += [{"user": f"p{i}@contoso.com"} for i in range(N_CROWD)]
    return {"organization": "contoso", "people": people,
            "entra_groups": [{"name": "Data Scientists", "members": ["p2@contoso.com"]}],
            "projects": [seed_project(name) for name in PROJECTS]}


def new_place(organization=None, **settings):
    settings.setdefault("limits", {"requests_per_5_minutes": "none", "removals": "none"})
    return Place(seed=organization or seed(), arguments=["--seed-number", 7], charter=CHARTER, quiet=True, **settings)


def seed_with_keeper():
    """charterd is no administrator of the organisation, only of both projects."""
    organization = seed()
    for project in organization["projects"]:
        project["groups"].append({"name": "Project Administrators", "members": ["keeper@contoso.com"]})
    organization["permissions"] = [
        {"principal": "keeper@contoso.com", "kind": "projects", "allow": ["GENERIC_READ"]},
        {"principal": "keeper@contoso.com", "kind": "all repositories", "allow": ["GenericRead"]},
    ]
    return organization


# --- which requests there are, and whose ------------------------------------------------------------------------------

def texts_of(value):
    if isinstance(value, dict):
        for member in value.values():
            yield from texts_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts_of(member)
    elif isinstance(value, str):
        yield value


GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def sid_of(subject):
    text = subject.split(".", 1)[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def marks_of_projects(place):
    """By project the ids that only it has: of itself, its things, its groups."""
    projects = {row["name"]: row["id"] for row in place.ask("_apis/projects?api-version=7.1")["value"]}
    groups = place.ask("_apis/graph/groups?api-version=7.1-preview.1")["value"]
    marks = {}
    for name in PROJECTS:
        key = projects[name]
        own = {key}
        for path in (f"{key}/_apis/wit/classificationnodes?$depth=9", f"{key}/_apis/git/repositories?",
                     f"_apis/projects/{key}/teams?", f"{key}/_apis/serviceendpoint/endpoints?"):
            for text in texts_of(place.ask(path + "&api-version=7.1")):
                own.update(GUID.findall(text))
        own.add(place.ask(f"_apis/graph/descriptors/{key}?api-version=7.1-preview.1")["value"])
        for group in groups:
            if group["domain"].endswith(key):
                own.update((group["descriptor"], sid_of(group["descriptor"])))
        marks[name] = own
    shared = marks["Alpha"] & marks["Beta"]
    return {name: own - shared for name, own in marks.items()}


def projects_in(row, marks):
    text = row["url"] + (row.get("body") or "")
    return {name for name in PROJECTS if any(mark in text for mark in marks[name])}


def pattern_of(row, rows, project, marks):
    """A fault rule's members that fit this request alone, whatever the order of what is sent."""
    rule = {"path": escape_pattern(f"{row['method']} {row['url']}")}
    if not row.get("body"):
        return rule
    others = [other["body"] for other in rows if other is not row and other["url"] == row["url"]]
    words = sorted(set(texts_of(json.loads(row["body"]))))
    words = [part for word in words for part in word.split(",")]
    if project:
        words = [word for word in words if any(mark in word for mark in marks[project])]
    for word in (json.dumps(word)[1:-1] for word in words):
        if not any(word in other for other in others):
            return {**rule, "body": "*" + escape_pattern(word) + "*"}
    raise Failure(f"nothing tells this request from others: {row['url']} {row['body'][:300]}")


class Listing:
    """One request of a clean survey: whose it is, and how a fault rule finds it."""

    def __init__(self, row, rows, marks):
        inside = projects_in(row, marks)
        self.project = inside.pop() if len(inside) == 1 else None
        self.route = f"{row['service']} {row['method']} {row['route']}"
        self.url = row["url"]
        self.rule = pattern_of(row, rows, self.project, marks)

    def __str__(self):
        return f"{self.route} of {self.project or 'the organisation'} ({self.url[:150]})"


def clean_survey():
    """Its listings but those of Beta (they are as Alpha's), and the marks."""
    with new_place() as place:
        marks = marks_of_projects(place)
        place.clear_log()
        place.plan()
        rows = place.requests(organization="contoso")
    check(not [row for row in rows if row["kind"] == "write"], "a plan wrote something")
    listings = list({json.dumps(it.rule): it for it in (Listing(row, rows, marks) for row in rows)}.values())
    check({listing.project for listing in listings} == {None, *PROJECTS}, "the requests are not told apart")
    return [listing for listing in listings if listing.project != "Beta"], marks


# --- one case ---------------------------------------------------------------------------------------------------------

def project_states(place):
    return {row["name"]: row["state"] for row in place.plan()["projects"]}


def check_no_write(place, marks, but=()):
    """No write but those of the projects named; each write is somebody's."""
    for row in place.requests(organization="contoso", kind="write"):
        inside = projects_in(row, marks)
        check(inside and inside <= set(but), f"a write of {inside or 'nobody known'}: {row['method']} {row['url']}")


def run_case(case, marks):
    listing, name, fault = case
    with new_place() as place:
        before = {project: place.snapshot(project=project) for project in PROJECTS}
        place.clear_log()
        place.fault(**fault, **listing.rule)
        done = place.run("apply")
        applied = place.simulator.control("GET", "faults")[0]["applied"]
        check(applied > 0, "the fault met no request")
        if listing.project:
            check_beta_alone(place, marks, before["Alpha"], done)
            return
        check_equal(done.returncode, 1, "exit code")
        check_no_write(place, marks)
        for project in PROJECTS:
            check_equal(place.snapshot(project=project), before[project], project + " afterwards")


def check_beta_alone(place, marks, before, done):
    """Alpha failed: it is as it was, and would be planned once it can be read; Beta is as its charter says."""
    check_equal(done.returncode, 1, "exit code")
    check_no_write(place, marks, but=("Beta",))
    check_equal(place.snapshot(project="Alpha"), before, "Alpha afterwards")
    check("not planned: Alpha: " in done.stdout, "nothing is said of Alpha")
    failed = [line["project"] for line in map(json.loads, done.stderr.splitlines())
              if line["message"] == "project not planned"]
    check_equal(set(failed), {"Alpha"}, "the failed projects in the log")
    place.clear_faults()
    states = project_states(place)
    check_equal(states, {"Alpha": "pending", "Beta": "in_sync"}, "the states without the fault")


def test_each_listing_with_each_fault():
    listings, marks = clean_survey()
    cases = [(listing, name, fault) for name, fault in FAULTS.items() for listing in listings]
    cases.sort(key=lambda case: (case[1] not in SLOW, case[0].project is None))
    n_project = sum(1 for listing in listings if listing.project)
    print(f"     {len(listings)} listings ({n_project} of a project, {len(listings) - n_project} of the "
          f"organisation) x {len(FAULTS)} faults = {len(cases)} cases", flush=True)
    for listing in listings:
        print(f"     {listing}", flush=True)
    in_parallel(lambda case: run_case(case, marks), cases[::share()], at_once(WORKERS),
                name_of=lambda case: f"{case[1]} at {case[0]}")


# --- what is hidden from charterd -------------------------------------------------------------------------------------

# What shows things, by the kind whose root it stands at.
READS = {
    "project": {"kind": "project", "name": "Alpha", "deny": ["GENERIC_READ"]},
    "repositories": {"kind": "repositories", "deny": ["GenericRead"]},
    "pipeline folder": {"kind": "pipeline folder", "deny": ["ViewBuildDefinition"]},
    "area": {"kind": "area", "deny": ["GENERIC_READ"]},
    "groups": {"namespace": "Identity", "deny": ["Read"]},
}


def test_a_project_administrator_suffices():
    with new_place(seed_with_keeper(), pat="keeper") as place:
        place.expect(0, "apply")
        check_equal(project_states(place), {"Alpha": "in_sync", "Beta": "in_sync"}, "the states")


def test_missing_read_at_the_root():
    for name, read in READS.items():
        with new_place(seed_with_keeper(), pat="keeper") as place:
            marks = marks_of_projects(place)
            deny = {"op": "grant", "project": "Alpha", "principal": "keeper@contoso.com", **read}
            if "namespace" in deny:
                deny["token"] = place.project_id("Alpha")
            place.hand(deny)
            before = place.snapshot(project="Alpha")
            place.clear_log()
            done = place.run("apply")
            check_equal(done.returncode, 1, f"exit code without {name}")
            check_no_write(place, marks, but=("Beta",))
            check_equal(place.snapshot(project="Alpha"), before, f"Alpha without {name}")
            plan = place.plan()
            states = {row["name"]: row["state"] for row in plan["projects"]}
            check_equal(states, {"Alpha": "failed", "Beta": "in_sync"}, f"the states without {name}")
            check("Alpha" not in [step["project"] for step in plan["steps"] + plan["held"] + plan["waiting"]],
                  f"without {name} there is a plan for Alpha")
            print(f"     {name}: {plan['projects'][0]['error']}", flush=True)


def test_a_single_hidden_repository():
    with new_place(seed_with_keeper(), pat="keeper") as place:
        marks = marks_of_projects(place)
        repository = next(row for row in place.ask(f"{place.project_id('Alpha')}/_apis/git/repositories?")["value"]
                          if row["name"] == "crew")
        place.hand({"op": "grant", "project": "Alpha", "principal": "keeper@contoso.com", "kind": "repository",
                    "name": "crew", "deny": ["GenericRead"]})
        before = [row for row in place.snapshot(project="Alpha")["permissions"] if row["at"] == "repository crew"]
        check(before, "nothing is known of the repository")
        place.clear_log()
        done = place.expect(1, "apply")
        writes = [row for row in place.requests(organization="contoso", kind="write")
                  if repository["id"] in row["url"] + (row.get("body") or "")]
        check_equal(writes, [], "writes for the hidden repository")
        tries = [row for row in place.requests(organization="contoso", kind="write", route="git/repositories")
                 if json.loads(row["body"])["name"] == "crew"]
        check_equal([row["status"] for row in tries][:1], [409], "the answer to its creation")
        after = [row for row in place.snapshot(project="Alpha")["permissions"] if row["at"] == "repository crew"]
        check_equal(after, before, "the hidden repository's entries")
        check("crew" in done.stderr + done.stdout, "the repository is not named")
        check_equal(project_states(place)["Beta"], "in_sync", "the state of Beta")
        check({"Alpha"} in [projects_in(row, marks) for row in place.requests(organization="contoso", kind="write")],
              "nothing else of Alpha was done")


if __name__ == "__main__":
    main()
