# SPDX-License-Identifier: Apache-2.0
"""Each kind with permissions, in turn: what the charter gives is there, a second look finds nothing to do, drift by hand is
repaired, and nothing is written that the charter does not name."""
import json

from harness import Place, at_once, check, check_equal, in_parallel, left_over, main

TEAM = "[MLOps]\\Red"
# In every project: what nobody declares, at places beside those that the charter names.
SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True}, {"user": "zoe@contoso.com"}],
    "projects": [{
        "name": "MLOps", "creator": "admin@contoso.com",
        "teams": [{"name": "Red", "contributors": False}, {"name": "Blue", "contributors": False}],
        "groups": [{"name": "Visitors"}],
        "areas": ["Blue"], "iterations": ["Blue", "Release 1/Sprint 1"],
        "queries": ["Blue", "Deep/Deeper/Deepest/Bottom", {"name": "Red bugs", "wiql": "SELECT [System.Id] FROM WorkItems"}],
        "repositories": [{"name": "red", "branches": ["main", "Main", "release/1", "gr\u00f6\u00dfe"]}, "blue"],
        "folders": ["Red", "Blue"],
        "pipelines": [{"name": "train", "folder": "Red", "repository": "red", "yaml": "a.yml"},
                      {"name": "train", "folder": "Blue", "repository": "blue", "yaml": "a.yml"},
                      {"name": "root", "repository": "red", "yaml": "b.yml"}],
        "release_folders": ["Red", "Blue"], "plans": ["Spring", "Autumn"], "dashboards": ["Sales", "Health"],
    }],
}
CHARTER = """charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Red:
        owns: {owns}
        grants:
{rules}
"""
EXPERIMENTAL = "release_folders, analytics_views, delivery_plans, dashboards"


class Case:
    """One kind: the rules about it, and where that is in the simulator's words. `gives` is what the first place has;
    `beside` a place that no rule names, where everybody keeps what they have."""

    def __init__(self, name, rules, places, gives, other, beside, owns="{}", denies=(), may=None):
        self.name, self.rules, self.places, self.gives, self.other = name, rules, places, gives, other
        self.beside, self.owns, self.denies, self.may = beside, owns, denies, may

    def __str__(self):
        return self.name


CASES = [
    Case("branches",
         ["{ at: { branches: { repository: red, names: [main, release/] } }, allow: [Contribute, Create tag] }",
          "{ at: { branches: { repository: red, names: [Main, größe] } }, deny: [ForcePush] }"],
         [{"kind": "repository", "name": "red", "branch": "main"}, {"kind": "repository", "name": "red", "branch": "Main"},
          {"kind": "repository", "name": "red", "branch": "gr\u00f6\u00dfe"}],
         ["GenericContribute", "CreateTag"], ["CreateBranch"], {"kind": "repository", "name": "blue", "branch": "main"}),
    Case("branches that are not there",
         ["{ at: { branches: { repository: own, names: [next/1] } }, allow: [Contribute] }"],
         [{"kind": "repository", "name": "red", "branch": "next/1"}], ["GenericContribute"], ["CreateTag"],
         {"kind": "repository", "name": "blue", "branch": "main"}, owns="{ repositories: [red] }"),
    Case("branches of a repository to be made",
         ["{ at: { branches: { repository: own, names: [main] } }, allow: [Contribute] }"],
         [{"kind": "repository", "name": "new", "branch": "main"}], ["GenericContribute"], ["CreateTag"],
         {"kind": "repository", "name": "blue", "branch": "main"}, owns="{ repositories: [new] }"),
    Case("pipelines",
         ["{ at: { pipelines: [Red/train, root] }, allow: [View builds, Queue builds] }"],
         [{"kind": "pipeline", "name": "Red/train"}, {"kind": "pipeline", "name": "root"}],
         ["ViewBuilds", "QueueBuilds"], ["DeleteBuilds"], {"kind": "pipeline", "name": "Blue/train"}),
    Case("iterations owned",
         ["{ at: own, allow: [View permissions for this node, Create child nodes] }"],
         [{"kind": "iteration", "name": "Red"}, {"kind": "iteration", "name": "Red/Sprint 1"}],
         ["GENERIC_READ", "CREATE_CHILDREN"], ["DELETE"], {"kind": "iteration", "name": "Blue"},
         owns="{ iterations: [Red, Red/Sprint 1] }"),
    Case("iterations named",
         ["{ at: { iterations: [Release 1/Sprint 1] }, allow: [Edit this node] }", "{ at: { iterations: root }, deny: [Delete this node] }"],
         [{"kind": "iteration", "name": "Release 1/Sprint 1"}], ["GENERIC_WRITE"], ["DELETE"],
         {"kind": "iteration", "name": "Blue"}),
    Case("queries owned",
         ["{ at: { queries: own }, allow: [Read, Contribute] }"],
         [{"kind": "query", "name": "Red"}, {"kind": "query", "name": "Red/Open"}], ["Read", "Contribute"],
         ["ManagePermissions"], {"kind": "query", "name": "Blue"}, owns="{ queries: [Red, Red/Open] }"),
    Case("queries named",
         ["{ at: { queries: [Deep/Deeper/Deepest/Bottom, Red bugs] }, allow: [Read] }",
          "{ at: { queries: root }, allow: [Contribute] }"],
         [{"kind": "query", "name": "Deep/Deeper/Deepest/Bottom"}, {"kind": "query", "name": "Red bugs"}], ["Read"],
         ["Delete"], {"kind": "query", "name": "Blue"}),
    Case("tagging", ["{ at: { tagging: root }, allow: [Create tag definition] }"], [{"kind": "tagging"}], ["Create"], ["Delete"],
         {"kind": "repositories"}),
    Case("the organisation",
         ["{ at: organization, allow: [Create new projects, Create process, View audit log, Use build resources] }"],
         [{"kind": "organization"}, {"kind": "processes"}, {"kind": "audit log"}, {"kind": "build resources"}],
         ["CREATE_PROJECTS"], ["TRIGGER_EVENT"], {"kind": "projects"}, may={"organization": True}),
    Case("release folders", ["{ at: { release_folders: [Red] }, allow: [View releases] }"],
         [{"kind": "release folder", "name": "Red"}], ["ViewReleases"], ["DeleteReleases"], {"kind": "release folder", "name": "Blue"}),
    Case("analytics views", ["{ at: { analytics_views: root }, allow: [Edit shared Analytics views] }"],
         [{"kind": "analytics views"}], ["Edit"], ["Delete"], {"kind": "tagging"}),
    Case("delivery plans", ["{ at: { delivery_plans: [PLAN] }, allow: [View] }"], [{"kind": "plan", "name": "Spring"}],
         ["View"], ["Delete"], {"kind": "plan", "name": "Autumn"}),
    Case("dashboards", ["{ at: { dashboards: [DASHBOARD] }, allow: [Read] }"], [{"kind": "dashboard", "name": "Sales"}],
         ["Read"], ["Delete"], {"kind": "dashboard", "name": "Health"}),
]

def ids(place):
    """Of experimental things, which the charter names by their ids."""
    def first(path, name):
        rows = place.ask(path)["value"]
        return next(row["id"] for row in rows if row["name"] == name)
    return {"PLAN": first("/MLOps/_apis/work/plans", "Spring"),
            "DASHBOARD": "00000000-0000-0000-0000-000000000000/" + first("/MLOps/_apis/dashboard/dashboards", "Sales")}


def charter_of(place, case):
    text = "\n".join("          - " + rule for rule in case.rules)
    for word, id in ids(place).items():
        text = text.replace(word, id)
    return CHARTER.replace("{owns}", case.owns).replace("{rules}", text)


def entries(place, principal=None):
    rows = place.snapshot(sections="permissions")["permissions"]
    return [row for row in rows if principal in (None, row["principal"])]


def in_order(case):
    place = Place(seed=SEED, quiet=True, may=case.may or {}, organizations=[f"    experimental: [{EXPERIMENTAL}]"])
    place.write_charter(charter_of(place, case))
    return place


def check_case(case):
    with in_order(case) as place:
        before = place.snapshot()
        place.hand({"project": "MLOps", "op": "grant", "principal": "Visitors", **case.beside, "allow": ["1"]})
        others = left_over(entries(place), entries(place, TEAM))
        place.converge()
        clean = place.snapshot()
        mine = entries(place, TEAM)
        check(mine, f"{case}: the team has no entry")
        for where in case.places:
            check(any(fits(row, where) for row in mine), f"{case}: nothing at {where}: {json.dumps(mine)}")
        lost = left_over(others, entries(place))
        check(not lost, f"{case}: entries of others went: {lost}")
        made = left_over(left_over(entries(place), others), mine)
        check(not [row for row in made if not row["principal"].startswith("[MLOps]\\Red")],
              f"{case}: entries of others came: {made}")
        place.clear_log()
        place.expect(0, "plan")
        place.expect(0, "apply")
        check_equal(place.requests(kind="write") and [row["url"] for row in place.requests(kind="write")
                                                      if "permissionevaluationbatch" not in row["url"]
                                                      and "identit" not in row["url"]], [], f"{case}: writes of a second pass")
        check_drift(place, case, clean)
        check(before != clean, f"{case}: nothing came of it")


def fits(row, where):
    """The snapshot's words begin with the kind, then the name."""
    return where.get("name", "").split("/")[-1] in json.dumps(row, ensure_ascii=False)


def check_drift(place, case, clean):
    where = case.places[0]
    for op, change in (("revoke", {"permissions": case.gives[:1]}), ("grant", {"allow": case.other}),
                       ("grant", {"deny": case.other}), ("revoke", {})):
        place.hand({"project": "MLOps", "op": op, "principal": TEAM, **where, **change})
        check(place.snapshot() != clean, f"{case}: {op} {change} changed nothing")
        place.converge()
        lost, new = left_over(rows_of(clean), rows_of(place.snapshot())), left_over(rows_of(place.snapshot()), rows_of(clean))
        check(not lost and not new, f"{case}: after {op} {change}: missing {lost}, surplus {new}")
    # Somebody else's entry stays where nobody owns the place.
    if case.owns == "{}":
        place.hand({"project": "MLOps", "op": "grant", "principal": "zoe@contoso.com", **where, "allow": case.gives[:1]})
        with_zoe = place.snapshot()
        place.converge()
        check_equal(place.snapshot(), with_zoe, f"{case}: an entry of somebody else")


def rows_of(snapshot):
    return [row for rows in snapshot.values() if isinstance(rows, list) for row in rows]


def test_round_trips():
    in_parallel(check_case, CASES, at_once(4))


def place_with(rules, owns="{}", seed=SEED, **settings):
    place = Place(seed=seed, **settings)
    place.write_charter(charter_of(place, Case("", rules, [], [], [], {}, owns=owns)))
    return place


def findings(place, kind):
    return [row["detail"] for row in place.log_lines() if row.get("message") == "finding" and row["kind"] == kind]


def test_refused_without_settings():
    """What the settings do not let a charter reach is an error when it is loaded."""
    refused = {"{ at: organization, allow: [Create new projects] }": "may: { organization: false }",
               "{ at: { dashboards: root }, allow: [Read] }": "`dashboards` is experimental",
               "{ at: { release_folders: [Red] }, allow: [View releases] }": "`release_folders` is experimental"}
    for rule, message in refused.items():
        with place_with([rule]) as place:
            done = place.expect(1, "check")
            check(message in done.stderr, f"{rule}: {done.stderr}")
            place.expect(1, "apply")
            check_equal(entries(place, TEAM), [], f"{rule}: entries")


def test_a_permission_that_appears():
    """A bit the program has never heard of works by its name; offline, against the program's own table, it is a mistake."""
    rule = "{ at: { repositories: [red] }, allow: [Read, Foretell merges] }"
    with place_with([rule]) as place:
        check("no permission `Foretell merges`" in place.expect(1, "check").stderr, "check says nothing of the word")
        place.expect(1, "apply")
        check(not entries(place, TEAM), "the grant did not wait")
        place.simulator.control("POST", "permissions", {"namespace": "Git Repositories", "bit": 524288, "name": "Foretell",
                                                        "displayName": "Foretell merges"})
        done = place.expect(0, "apply")
        check("Foretell merges" in done.stdout + done.stderr, done.stdout)
        check_equal([row["allow"] for row in entries(place, TEAM)], [["GenericRead", "Foretell"]], "what the team has")
        place.expect(0, "plan")


def test_a_reserved_bit_survives():
    """It is never sent though a live entry has it, and it stays."""
    with place_with(["{ at: { repositories: [red] }, allow: [Read] }"]) as place:
        place.simulator.control("POST", "permissions", {"namespace": "Git Repositories", "bit": 1048576, "name": "Sealed",
                                                        "displayName": "Sealed", "reserved": True})
        where = {"project": "MLOps", "principal": TEAM, "kind": "repository", "name": "red"}
        place.hand({"op": "grant", **where, "allow": ["Sealed", "GenericContribute"]})
        place.converge()
        check_equal([row["allow"] for row in entries(place, TEAM)], [["GenericRead", "Sealed"]], "what the team has")
        for request in place.requests(kind="write"):
            for entry in json.loads(request.get("body") or "{}").get("accessControlEntries", []):
                check(not (entry["allow"] | entry["deny"]) & 1048576, f"the reserved bit was sent: {request}")


def test_a_folder_called_like_a_pipeline():
    """The service keeps both in one place: neither is touched, and a person is told."""
    with place_with(["{ at: { pipelines: [root] }, allow: [View builds] }"]) as place:
        rows = place.ask("MLOps/_apis/build/definitions?api-version=7.1")["value"]
        number = next(row["id"] for row in rows if row["name"] == "root")
        place.hand({"project": "MLOps", "op": "create_folder", "name": str(number)})
        before = place.snapshot()
        place.run("apply")
        check_equal(place.snapshot(), before, "the organisation")
        check(any(str(number) in detail for detail in findings(place, "collision")), f"findings: {findings(place, 'collision')}")
        place.hand({"project": "MLOps", "op": "rename_folder", "name": str(number), "to": "Numbers"})
        place.converge()
        check(entries(place, TEAM), "nothing was given once the folder had another name")


def test_renamed_things_are_governed_on():
    """By their ids, under the name they have now; nothing is made a second time."""
    with place_with(["{ at: own, allow: [View permissions for this node, Read] }"],
                    owns="{ iterations: [Red], queries: [Red] }") as place:
        place.converge()
        place.hand({"project": "MLOps", "op": "rename_iteration", "name": "Red", "to": "Crimson"},
                   {"project": "MLOps", "op": "rename_query", "name": "Red", "to": "Crimson"},
                   {"project": "MLOps", "op": "revoke", "principal": TEAM, "kind": "iteration", "name": "Crimson"},
                   {"project": "MLOps", "op": "revoke", "principal": TEAM, "kind": "query", "name": "Crimson"})
        place.clear_log()
        place.converge()
        check_equal(sorted(row["namespace"] for row in entries(place, TEAM)), ["Iteration", "WorkItemQueryFolders"], "entries")
        check_equal([row["url"] for row in place.requests(kind="write") if row["status"] == 201], [], "what was made")
        check_equal(len(findings(place, "renamed")) >= 2, True, "findings of renames")


def test_queries_of_another_language():
    """The root of shared queries is told by what it is, not by what it is called."""
    with place_with(["{ at: { queries: [Blue] }, allow: [Read] }"]) as place:
        place.simulator.control("PUT", "options", {"localized_queries": True})
        place.converge()
        check_equal(len(entries(place, TEAM)), 1, "entries of the team")


def test_every_entry_is_accounted_for():
    """On what a team owns each entry is the charter's, exempt (and `access` tells why), or told as not listed."""
    with place_with(["{ at: own, allow: [Read] }"], owns="{ repositories: [red] }") as place:
        place.converge()
        given = {"[MLOps]\\Project Administrators": "administrators", "[MLOps]\\Visitors": None, "zoe@contoso.com": None,
                 "[contoso]\\Project Collection Build Service Accounts": "the service's own"}
        place.hand(*({"project": "MLOps", "op": "grant", "principal": who, "kind": "repository", "name": "red", "allow": ["Read"]}
                     for who in given))
        found = json.loads(place.expect(0, "access", "-o", "json").stdout)["exempt"]
        check_equal({row["principal"]: row["message"].rpartition(": ")[2] for row in found},
                    {who: why for who, why in given.items() if why}, "exempt entries")
        check_equal({(row["kind"], row["name"], row["permission"]) for row in found}, {("repositories", "red", "Read")}, "where")
        told = place.expect(0, "plan").stdout
        for who in (who for who, why in given.items() if not why):
            check(who in told, f"{who} is not told: {told}")
        listed = place.expect(0, "access").stdout
        check("entries that are never changed" in listed and "administrators" in listed, listed)


def test_assertions_are_read_for():
    """What only an assertion is about is read too: what is not read would look closed."""
    asserts = "".join(f"\n      - {{ group: Visitors, cannot: {word}, at: {at} }}" for word, at in (
        ("Create new projects", "organization"), ("Create tag definition", "{ tagging: root }"),
        ("Delete", "{ queries: [Blue] }"), ("Delete this node", "{ iterations: root }"),
        ("Contribute", "{ branches: { repository: red, names: [größe] } }"), ("Queue builds", "{ pipelines: [Red/train] }")))
    with Place(seed=SEED, may={"organization": True}) as place:
        place.write_charter("charter: 1\norganization: https://dev.azure.com/contoso\nprojects:\n  MLOps:\n"
                            "    teams: { Red: { owns: {} } }\n    asserts:" + asserts + "\n")
        place.expect(0, "plan", "--strict")
        place.hand(*({"project": "MLOps", "op": "grant", "principal": "Visitors", **where, "allow": [bit]} for where, bit in (
            ({"kind": "organization"}, "CREATE_PROJECTS"), ({"kind": "tagging"}, "Create"),
            ({"kind": "query", "name": "Blue"}, "Delete"), ({"kind": "iteration"}, "DELETE"),
            ({"kind": "repository", "name": "red", "branch": "größe"}, "GenericContribute"),
            ({"kind": "pipeline", "name": "Red/train"}, "QueueBuilds"))))
        broken = json.loads(place.expect(4, "access", "-o", "json").stdout)["broken"]
        check_equal(sorted(row["kind"] for row in broken),
                    ["branches", "iterations", "organization", "pipelines", "queries", "tagging"], "broken assertions")
        check_equal(place.requests(kind="write", route="accesscontrolentries"), [], "writes")


def test_pipelines_have_names():
    """Nobody asked for pipelines: what stands on one is told by its name all the same, and only then they are listed."""
    with place_with(["{ at: own, allow: [View builds] }"], owns="{ pipeline_folders: [Red] }") as place:
        place.converge()
        check_equal(place.requests(route="build/definitions"), [], "lists of pipelines that nobody needs")
        place.hand({"project": "MLOps", "op": "grant", "principal": TEAM, "kind": "pipeline", "name": "Blue/train", "allow": ["DeleteBuilds"]})
        check("at pipeline Blue/train: Delete builds" in place.expect(2, "plan").stdout, "the plan does not name the pipeline")
        place.converge()


def test_access_at_each_kind():
    """What is asked about is told; what the charter is not about was not read, and is not told to be closed."""
    with place_with(["{ at: { branches: { repository: red, names: [größe] } }, allow: [Contribute] }",
                     "{ at: { tagging: root }, allow: [Create tag definition] }"]) as place:
        place.converge()

        def live(at, word):
            cells = json.loads(place.run("access", "-o", "json", "--team", "Red", "--at", at).stdout)["cells"]
            return next(row["live"] for row in cells if row["permission"] == word)
        for at, word, answer in (("branches:red:größe", "Contribute", "open"), ("branch:red:main", "Contribute", "closed"),
                                 ("tagging", "Create tag definition", "open"), ("iterations:Blue", "Edit this node", "closed"),
                                 ("query:Blue", "Read", "closed"),
                                 ("organization", "Create new projects", "unknown"), ("dashboards", "Read", "unknown")):
            check_equal(live(at, word), answer, at)


if __name__ == "__main__":
    main()
