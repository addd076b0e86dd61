# SPDX-License-Identifier: Apache-2.0
"""Who can reach what: leaks told with their path, repaired where the charter governs the cause and reported where not; a
charter that contradicts itself held before any write; every kind explained; what is not known never shown as closed."""
import json

from harness import Place, check, check_equal, main, wait_until
from test_kinds import EXPERIMENTAL, SEED as KINDS_SEED, TEAM as RED, ids

PEOPLE = [{"user": "admin@contoso.com", "pat": "admin", "administrator": True}] + [
    {"user": f"{name}@contoso.com"} for name in ("ana", "ben", "cleo")]
CHARTER = """charter: 1
organization: https://dev.azure.com/contoso
kits:
  science:
    member_of: []
    owns: { repositories: ["{team:slug}"] }
    grants: [{ at: own, allow: [Read, Contribute] }]
    confined: true
projects:
  MLOps:
    teams:
      Data Science A: { kit: science, members: [ana@contoso.com] }
      Operations: { member_of: [Contributors], owns: { repositories: [operations] } }
"""
TEAM, CONTRIBUTORS = "[MLOps]\\Data Science A", "[MLOps]\\Contributors"


def seed(**more):
    project = {"name": "MLOps", "creator": "admin@contoso.com",
               "teams": [{"name": "Data Science A", "members": ["ana@contoso.com"]},
                         {"name": "Operations", "members": ["cleo@contoso.com"]}],
               "repositories": ["data-science-a", "operations"], **more}
    return {"organization": "contoso", "people": PEOPLE, "projects": [project]}


def place_with(charter=CHARTER, organization=None, settings=None, **more):
    return Place(seed={**seed(**more), **(organization or {})}, charter=charter, limits={"requests_per_5_minutes": "none"},
                 **(settings or {}))


def writes(place):
    """Asking what charterd may do is a POST too."""
    return [row["url"] for row in place.requests(kind="write")
            if "permissionevaluationbatch" not in row["url"] and "identitybatch" not in row["url"]]


def findings(place, kind):
    return [row for row in place.plan()["findings"] if row["kind"] == kind]


def line_of(text, words):
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


CONTRADICTION = """charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Data Science A:
        grants:
          - { at: { repositories: [operations] }, allow: [Read] }
          - { at: { repositories: [operations] }, allow: [Contribute] }
      Operations: { owns: { repositories: [operations] } }
    asserts:
      - { team: Data Science A, cannot: Contribute, at: { repositories: { owned_by: Operations } } }
"""


def test_a_contradiction_is_held():
    """Before any write, naming both lines; by plan, by apply and by the daemon."""
    with place_with(CONTRADICTION) as place:
        before = place.snapshot()
        lines = [f"{place.charter_path}:{line_of(CONTRADICTION, words)}" for words in ("cannot: Contribute", "allow: [Contribute]")]
        for command in (["plan"], ["plan", "--strict"], ["apply"]):
            told = place.expect(3, *command).stdout
            check(all(line in told for line in lines), f"{command} does not name {lines}: {told}")
            check("breaks its own assertion" in told, told)
        held = place.plan()
        check_equal(len(held["held"]), 1, "steps held")
        message, = [row["message"] for row in held["findings"] if row["kind"] == "assertion"]
        check(all(line in message for line in lines), message)
        place.start_daemon()
        wait_until(lambda: held["plan_id"] in json.dumps(place.status()), 20, "the daemon holds the same")
        check_equal(place.stop_daemon(), 0, "exit of the daemon")
        check_equal(writes(place), [], "writes")
        check_equal(place.snapshot(), before, "the organisation")
        # Without the assertion the same grants are no contradiction.
        place.write_charter("\n".join(CONTRADICTION.splitlines()[:-2]) + "\n")
        place.expect(0, "apply")


def test_a_leak_is_told_repaired_and_closed():
    sentence = f"{TEAM} can Read at [MLOps] repository operations, owned by Operations: member of {CONTRIBUTORS} -> Allow Read on " \
               "all repositories of MLOps"
    with place_with() as place:
        place.converge()

        def live():
            cells = json.loads(place.run("access", "-o", "json", "--team", "Data Science A", "--at", "repositories:operations").stdout)["cells"]
            return next(row for row in cells if row["permission"] == "Read")
        check_equal(live()["live"], "closed", "before")
        place.hand({"op": "add_member", "member": TEAM, "group": CONTRIBUTORS})
        plan = place.plan()
        leak, = [row for row in plan["findings"] if row["kind"] == "leak" and "operations" in row["message"]]
        check(leak["message"].startswith(sentence), leak["message"])
        check_equal(leak["path"], [TEAM, CONTRIBUTORS, "the root of repositories in MLOps: Allow Read"], "the path")
        check_equal([(step["verb"], step["principal"]) for step in plan["steps"]], [("remove_member", TEAM)], "what repairs it")
        cell = live()
        check_equal((cell["live"], cell["desired"], cell["path"]), ("open", "closed", leak["path"]), "the cell")
        place.expect(4, "access")
        place.expect(0, "apply")
        check_equal(live()["live"], "closed", "after")
        check_equal(findings(place, "leak"), [], "leaks in the end")
        place.expect(0, "access")


def test_a_leak_that_is_not_governed_is_reported():
    """By a group of which the charter says nothing, in which the team is by way of another one that it says nothing of."""
    groups = [{"name": "Helpers", "members": ["Everybody"]}, {"name": "Everybody"}]
    charter = CHARTER.replace("    member_of: []\n", "")
    with place_with(charter, groups=groups) as place:
        place.converge()
        place.hand({"op": "add_member", "member": TEAM, "group": "[MLOps]\\Everybody"},
                   {"op": "grant", "principal": "[MLOps]\\Helpers", "project": "MLOps", "kind": "repository", "name": "operations",
                    "allow": ["Read"]})
        before = place.snapshot()
        place.clear_log()
        leak, = findings(place, "leak")
        check("member of [MLOps]\\Everybody -> member of [MLOps]\\Helpers -> Allow Read on [MLOps] repository operations" in
              leak["message"], leak["message"])
        place.expect(0, "apply")
        place.expect(4, "plan", "--strict")
        place.expect(4, "access")
        check_equal((writes(place), place.snapshot()), ([], before), "what was written")


def test_a_second_membership_is_reported():
    """Ana of the confined team is in Operations too: told with the path, not repaired, and not told of the team."""
    with place_with() as place:
        place.converge()
        place.hand({"op": "add_member", "member": "ana@contoso.com", "group": "[MLOps]\\Operations"})
        before = place.snapshot()
        place.clear_log()
        told, = findings(place, "member")
        check(told["message"].startswith("ana@contoso.com can Read at [MLOps] repository operations, owned by Operations: "), told["message"])
        check("member of [MLOps]\\Operations -> member of " + CONTRIBUTORS + " -> Allow Read on all repositories of MLOps" in
              told["message"], told["message"])
        check_equal(told["path"][:3], ["ana@contoso.com", "[MLOps]\\Operations", CONTRIBUTORS], "the path")
        check_equal(findings(place, "leak"), [], "leaks of the team")
        place.expect(0, "apply")
        place.expect(0, "plan", "--strict")
        listed = place.expect(0, "access").stdout
        check("members by another way" in listed and "ana@contoso.com" in listed, listed)
        check_equal((writes(place), place.snapshot()), ([], before), "what was written")


BESIDE = """charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Data Science A: { owns: { repositories: [data-science-a] }, confined: true }
      Operations: { owns: { environments: [live], service_connections: [live], variable_groups: [live], secure_files: [live], agent_queues: [live] } }
"""
USED = {"environments": "environment", "service_connections": "service connection", "variable_groups": "variable group",
        "secure_files": "secure file", "agent_queues": "agent queue"}


def test_findings_beside_a_confinement():
    """A project that is not private; a repository that the build service reads, by itself or by a group; what is open to
    all pipelines. All told, nothing of it changed."""
    service, reads = "MLOps Build Service (contoso)", {"kind": "repository", "name": "data-science-a", "allow": ["Read"]}
    with place_with(BESIDE, visibility="public", groups=[{"name": "Builders"}], **{key: ["live"] for key in USED}) as place:
        check_equal([row["kind"] for row in place.plan()["findings"]], ["visibility"], "at first")
        place.hand(*({"project": "MLOps", "op": "open_to_pipelines", "kind": kind, "name": "live"} for kind in USED.values()))
        place.hand({"op": "add_member", "member": service, "group": "[MLOps]\\Builders"},
                   {"op": "grant", "principal": "[MLOps]\\Builders", "project": "MLOps", **reads})
        before = place.snapshot()
        place.clear_log()
        told = {row["kind"]: row["message"] for row in place.plan()["findings"]}
        check(told["visibility"].startswith("project MLOps is not private (public)"), told)
        check_equal(told["build_service"], f"{service} reads what teams own: data-science-a; any pipeline that runs as it can",
                    "by a group")
        check(all(f"{kind} live of Operations" in told["open_to_pipelines"] for kind in USED.values()), told)
        place.expect(0, "apply")
        place.expect(0, "plan", "--strict")
        check_equal((writes(place), place.snapshot()), ([], before), "what was written")
        place.hand({"op": "remove_member", "member": service, "group": "[MLOps]\\Builders"})
        check_equal(findings(place, "build_service"), [], "without the group")
        place.hand({"op": "grant", "principal": service, "project": "MLOps", "kind": "repositories", "allow": ["Read"]})
        message, = [row["message"] for row in findings(place, "build_service")]
        check_equal(message, f"{service} reads every repository of the project, those of confined teams too: any pipeline that runs as "
                             "it can", "by an entry of its own")


def place_with_entra(asserts):
    """The members of an Entra group are told to nobody; Helpers hold it, and read operations."""
    entra = {"entra_groups": [{"name": "everybody", "members": ["ben@contoso.com"]}]}
    place = place_with(CHARTER + "    asserts: [" + asserts + "]\n", organization=entra,
                       groups=[{"name": "Helpers", "members": ["[TEAM FOUNDATION]\\everybody"]}])
    place.converge()
    place.hand({"op": "grant", "principal": "[MLOps]\\Helpers", "project": "MLOps", "kind": "repository", "name": "operations",
                "allow": ["Read"]})
    return place


def test_not_known_is_never_closed():
    """Ana may be in the group: neither open nor closed, with the reason; no assertion is broken by it."""
    with place_with_entra("{ user: ana@contoso.com, cannot: Read, at: { repositories: [operations] } }") as place:
        cells = json.loads(place.run("access", "-o", "json", "--team", "ana@contoso.com", "--at", "repositories:operations").stdout)["cells"]
        cell = next(row for row in cells if row["permission"] == "Read")
        check_equal(cell["live"], "unknown", "what a person has who may be in an Entra group")
        check_equal(cell["reason"], "ana@contoso.com may be in an Entra group whose members are not known", "the reason")
        check_equal(cell["path"], ["ana@contoso.com", "perhaps [MLOps]\\Helpers", "[MLOps] repository operations: Allow Read"], "the path")
        listed = place.expect(0, "access", "--team", "ana@contoso.com", "--at", "repositories:operations").stdout
        check(cell["reason"] in listed, listed)
        message, = [row["message"] for row in findings(place, "not_known")]
        check("`ana@contoso.com cannot Read` holds at repository operations is not known" in message, message)
        place.expect(0, "plan", "--strict")
        place.expect(0, "access")


def test_an_asserted_user_is_looked_for():
    """Ben is in nothing that is read otherwise; his groups are asked for by his name."""
    with place_with_entra("{ user: ben@contoso.com, cannot: Read, at: { repositories: [operations] } }") as place:
        message, = [row["message"] for row in findings(place, "assertion")]
        check("ben@contoso.com can Read at repository operations: member of [TEAM FOUNDATION]\\everybody -> member of "
              "[MLOps]\\Helpers -> Allow Read on [MLOps] repository operations" in message, message)
        place.expect(4, "plan", "--strict")
        place.expect(4, "access")
        place.clear_log()
        place.expect(0, "plan")
        check_equal(len([row for row in place.requests() if "searchFilter" in row["url"]]), 1, "searches of one pass")


# Each governed kind: a permission given to a group of a group of the team at a place, and how `access --at` names it.
GIVEN = [
    ("project", {"kind": "project"}, "GENERIC_WRITE", "Edit project-level information"),
    ("repositories:red", {"kind": "repository", "name": "red"}, "GenericContribute", "Contribute"),
    ("branches:red:gr\u00f6\u00dfe", {"kind": "repository", "name": "red", "branch": "gr\u00f6\u00dfe"}, "CreateTag", "Create tag"),
    ("pipeline_folders:Blue", {"kind": "pipeline folder", "name": "Blue"}, "ViewBuilds", "View builds"),
    ("pipelines:Red/train", {"kind": "pipeline", "name": "Red/train"}, "QueueBuilds", "Queue builds"),
    ("areas:Blue", {"kind": "area", "name": "Blue"}, "WORK_ITEM_READ", "View work items in this node"),
    ("iterations:Blue", {"kind": "iteration", "name": "Blue"}, "GENERIC_WRITE", "Edit this node"),
    ("queries:Blue", {"kind": "query", "name": "Blue"}, "Delete", "Delete"),
    ("tagging", {"kind": "tagging"}, "Create", "Create tag definition"),
    ("service_connections:thing", {"kind": "service connection", "name": "thing"}, "Use", "Use Service Connection"),
    ("environments:thing", {"kind": "environment", "name": "thing"}, "Use", "Use"),
    ("variable_groups:thing", {"kind": "variable group", "name": "thing"}, "Use", "Use library item"),
    ("secure_files:thing", {"kind": "secure file", "name": "thing"}, "Use", "Use library item"),
    ("agent_queues:thing", {"kind": "agent queue", "name": "thing"}, "Use", "Use"),
    ("organization", {"kind": "organization"}, "CREATE_PROJECTS", "Create new projects"),
    ("organization", {"kind": "audit log"}, "Read", "View audit log"),
    ("organization", {"kind": "processes"}, "Create", "Create process"),
    ("release_folders:Red", {"kind": "release folder", "name": "Red"}, "ViewReleases", "View releases"),
    ("analytics_views", {"kind": "analytics views"}, "Edit", "Edit shared Analytics views"),
    ("delivery_plans:PLAN", {"kind": "plan", "name": "Spring"}, "View", "View"),
    ("dashboards:DASHBOARD", {"kind": "dashboard", "name": "Sales"}, "Read", "Read"),
]
ALL_KINDS = """charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Red:
        owns: { repositories: [red], environments: [thing], service_connections: [thing], variable_groups: [thing],
                secure_files: [thing], agent_queues: [thing] }
        grants_policy: additive
        grants:
          - { at: { queries: [Blue] }, allow: [Read] }
          - { at: { iterations: [Blue] }, allow: [View permissions for this node] }
          - { at: { tagging: root }, allow: [Enumerate tag definitions] }
          - { at: { branches: { repository: red, names: [main] } }, allow: [Contribute] }
          - { at: { pipelines: [Red/train] }, allow: [View builds] }
          - { at: organization, allow: [View audit log] }
          - { at: { release_folders: [Red] }, allow: [View release pipeline] }
          - { at: { analytics_views: root }, allow: [View shared Analytics views] }
          - { at: { delivery_plans: [PLAN] }, allow: [Edit] }
          - { at: { dashboards: [DASHBOARD] }, allow: [Edit] }
"""


def kinds_seed():
    project = {**KINDS_SEED["projects"][0], "groups": [{"name": "Inner", "members": ["Red"]}, {"name": "Outer", "members": ["Inner"]}],
               **{key: ["thing"] for key in USED}}
    return {**KINDS_SEED, "projects": [project]}


def test_every_kind_is_explained():
    """Which entry, at which place, through which chain of groups; and all kinds that the charter names are in the matrix."""
    with Place(seed=kinds_seed(), may={"organization": True}, organizations=[f"    experimental: [{EXPERIMENTAL}]"]) as place:
        names = ids(place)

        def named(text):
            for word, id in names.items():
                text = text.replace(word, id)
            return text
        place.write_charter(named(ALL_KINDS))
        place.hand(*({"project": "MLOps", "op": "grant", "principal": "Outer", **where, "allow": [bit]} for _, where, bit, _ in GIVEN))
        for at, _, _, word in GIVEN:
            cells = json.loads(place.run("access", "-o", "json", "--team", "Red", "--at", named(at)).stdout)["cells"]
            found = [row for row in cells if row["permission"] == word]
            check_equal([row["live"] for row in found], ["open"], f"{word} at {at}: {sorted(row['permission'] for row in cells)}")
            check_equal(found[0]["path"][:3], [RED, "[MLOps]\\Inner", "[MLOps]\\Outer"], f"the chain of {word} at {at}")
            check(found[0]["path"][3].endswith(f": Allow {word}"), f"{at}: {found[0]['path']}")
        told = json.loads(place.run("access", "-o", "json").stdout)["cells"]
        wanted = {at.split(":")[0] for at, *_ in GIVEN} - {"pipeline_folders", "areas"}
        check_equal({row["kind"] for row in told} & wanted, wanted, "kinds in the matrix")


if __name__ == "__main__":
    main()
