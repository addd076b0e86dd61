# SPDX-License-Identifier: Apache-2.0
"""`charterd export`: whatever an organisation holds, its charter is accepted, plans to no change, fits the schema, is the
same each time, and gives an organisation without any of it the same access."""
import json
import pathlib
import re
import subprocess

from harness import FIXTURES, ROOT, Place, binary, check, check_equal, main
from test_apply import SEED, apply_all
from test_drift import WATCHED_CHARTER

LINES_MAX = 60
PAT = {"environment": {"AZURE_DEVOPS_EXT_PAT": "admin"}}
ALL = {"may": {"administrators": True, "organization": True}}


def export(place, *arguments):
    return place.expect(0, "export", "--url", place.url, *arguments).stdout


def check_schema(place, path):
    """By somebody else's reader of YAML and somebody else's validator."""
    build = pathlib.Path(binary("CHARTERD")).parents[1] / "tests" / "schema"
    build.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([ROOT / "tests" / "schema" / "run", ROOT, build, path], capture_output=True, text=True)
    check_equal(done.returncode, 0, f"the schema on {path}: {done.stdout[-3000:]}{done.stderr[-3000:]}")


def check_export(place, *arguments):
    """The charter of what is there, held against what is there."""
    text = export(place, *arguments)
    check_equal(export(place, *arguments), text, "a second export")
    path = place.folder / "exported.yaml"
    path.write_text(text)
    place.expect(0, "check", path)
    check_schema(place, path)
    before = place.snapshot()
    place.charter_path.write_text(text)
    plan = json.loads(place.expect(0, "plan", "-o", "json").stdout)
    check_equal(plan["steps"], [], "steps of the plan")
    place.expect(0, "apply")
    check_equal(place.snapshot(), before, "the organisation after an application")
    return text


# --- the article's example ----------------------------------------------------------------------------------------------

def lines_with(text, pattern):
    return [line for line in text.splitlines() if re.search(pattern, line)]


def test_article():
    """Two teams of one shape, and grants that are those of Contributors."""
    with Place(seed=SEED, charter=WATCHED_CHARTER) as place:
        apply_all(place)
        text = check_export(place)
        check(len(text.splitlines()) <= LINES_MAX, f"{len(text.splitlines())} lines:\n{text}")
        check_equal(lines_with(text, r"^  \S+:$")[:1], ["  data-science:"], "the kit")
        check_equal(len(lines_with(text, r"^\s+kit: data-science|\{ kit: data-science")), 2, "teams of the kit")
        check_equal(len(lines_with(text, "at: own, same_as: Contributors")), 1, "rules that are those of Contributors")
        for owned in ('areas: ["{team}"]', 'repositories: ["{team:slug}"]', 'pipeline_folders: ["{team}"]'):
            check(owned in text, f"no {owned} in\n{text}")
        check("zoe@contoso.com" in text and "  Operations:" in text, text)


# --- the same access from nothing ----------------------------------------------------------------------------------------

def emptied(seed):
    """The same people and groups of Entra; projects as they come."""
    projects = [{key: row[key] for key in ("name", "creator") if key in row} for row in seed["projects"]]
    return {**{key: seed[key] for key in ("organization", "id", "tenant", "people", "entra_groups") if key in seed},
            "projects": projects}


def questions_about(place):
    """Everybody at everything of the projects."""
    snapshot = place.snapshot()
    principals = {row["member"] for row in snapshot["memberships"]} | {row["group"] for row in snapshot["memberships"]}
    things = [(row["project"], kind, row[kind]) for row in snapshot["things"]
              for kind in ("repository", "pipeline folder", "area") if kind in row and "branch" not in row
              and "default_branch" not in row]
    things += [(row["project"], kind, None) for row in snapshot["things"] if set(row) == {"project"}
               for kind in ("project", "repositories", "pipeline folder", "area")]
    return [{"principal": who, "kind": kind, "project": project, **({"name": path(project, name)} if name else {})}
            for who in sorted(principals) for project, kind, name in things]


def path(project, name):
    """A snapshot writes areas from the project on, folders with their separator."""
    return name.removeprefix(project + "\\").removeprefix("\\").replace("\\", "/")


def answers(place, questions):
    rows = place.simulator.control("POST", "access", {"organization": place.organization, "questions": questions})
    return [(row["allow"], row["deny"]) for row in rows]


def check_same_access(place, charter, **empty):
    """The charter of that organisation, applied to one without any of it."""
    questions = questions_about(place)
    wanted = answers(place, questions)
    with Place(**empty) as other:
        other.charter_path.write_text(charter.replace(place.url, other.url))
        other.converge()
        made = {json.dumps(row) for row in questions_about(other)}
        kept = [i for i, row in enumerate(questions) if json.dumps(row) in made]
        check(len(kept) > len(questions) / 2, f"only {len(kept)} of {len(questions)} questions can be asked")
        got = answers(other, [questions[i] for i in kept])
        wrong = [(questions[i], wanted[i], answer) for i, answer in zip(kept, got) if wanted[i] != answer]
        check(not wrong, f"{len(wrong)} of {len(kept)} answers differ, the first: {wrong[:3]}")
        return len(kept)


def test_article_from_nothing():
    with Place(seed=json.loads(SEED.read_text()), charter=WATCHED_CHARTER) as place:
        apply_all(place)
        n = check_same_access(place, export(place), seed=emptied(json.loads(SEED.read_text())))
        check(n > 150, f"only {n} questions")


def test_generated_from_nothing():
    spec = "name=contoso,teams=8,projects=2,repositories=2,seed=11"
    with Place(arguments=["--generate", spec]) as place:
        n = check_same_access(place, export(place), arguments=["--generate", spec + ",empty=true"],
                              limits={"requests_per_5_minutes": "none", "changes": "none"})
        check(n > 1000, f"only {n} questions")


# --- other organisations -------------------------------------------------------------------------------------------------

GENERATED = ["teams=3,seed=1", "teams=40,projects=2,repositories=2,branches=2,grants=20,contributors=true,seed=7",
             "teams=150,members=3,grants=50,iterations=1,queries=1,definitions=2,seed=3"]


def test_generated():
    """Each team's things are its own, by a kit that names them after the team."""
    for spec in GENERATED:
        with Place(arguments=["--generate", "name=contoso," + spec]) as place:
            text = check_export(place)
            check('areas: ["{team}"]' in text and 'repositories: ["{team:slug}"' in text, f"{spec}: {text[:3000]}")
            teams = int(re.search(r"teams=(\d+)", spec).group(1))
            check(len(lines_with(text, r"kit: team\b")) >= teams, f"{spec}: {text[:3000]}")


ODD_GROUPS = ["yes", "null", "Null", "0x1", "12", "~", "- dash", "-", "it's", "{team}", "{{", "}", "a  b", "#hash", "&anchor",
              "!bang", "%percent", "@at", "`tick`", "\u00e9t\u00e9", "\u65e5\u672c", "\U0001f600", "\u202eoverride", "tab\there",
              "line\nbreak", "\x1bescape", "x" * 256, "\u00a0nbsp", "'quoted'", "a - b", "{project}x", "true"]
ODD_FOLDERS = ["a: b", '"quoted"', "'single'", "- item", "x #y", "{braces}", "[list]", "*star", "&amp", "a, b", "?", "|", ">",
               "\u65e5\u672c/\u00e9", "no", "1e3", "2026-11-25", "\u202e", "y" * 250, "a\tb", "deep/er/and/deeper"]
ODD_REPOSITORIES = ["yes", "null", "0x1", "a.b", "\u00e9", "\u65e5\u672c", "z" * 64, "- dash", "(x)", "a b"]
ODD_AREAS = ["{x}", "it's", "a, b", "[1]", "@home", "- a/- b", "%", "!", "true/false", "\u00fc" * 100]
ODD_TEAMS = ["no", "0x2", "- Team", "\u00c9quipe \u65e5\u672c", "a.b", "On", "(Team)", "team-1", "Team 1", "TEAM  2"]


def odd_organization():
    """Names of every sort, each with entries."""
    permissions = []
    groups = [{"name": name} for name in ODD_GROUPS]
    teams = [{"name": name, "members": ["ana@contoso.com"]} for name in ODD_TEAMS]
    for kind, names in (("repository", ODD_REPOSITORIES), ("pipeline folder", ODD_FOLDERS), ("area", ODD_AREAS)):
        for i, name in enumerate(names):
            read = {"repository": "GenericRead", "pipeline folder": "ViewBuilds", "area": "WORK_ITEM_READ"}[kind]
            permissions += [{"principal": "[Odd]\\" + ODD_GROUPS[(i * 7 + len(kind)) % len(ODD_GROUPS)], "kind": kind,
                             "name": name, "allow": [read]},
                            {"principal": "[Odd]\\" + ODD_TEAMS[i % len(ODD_TEAMS)], "kind": kind, "name": name,
                             "deny" if i % 3 == 0 else "allow": [read]}]
            if i % 4 == 1:
                permissions.append({"kind": kind, "name": name, "inherit": False})
    return {"organization": "contoso", "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
                                                  {"user": "ana@contoso.com"}, {"user": "o'brien+x@contoso.com"}],
            "projects": [{"name": "Odd", "creator": "admin@contoso.com", "teams": teams, "groups": groups,
                          "areas": ODD_AREAS, "repositories": ODD_REPOSITORIES, "folders": ODD_FOLDERS,
                          "permissions": permissions}]}


def test_odd_names():
    with Place(odd_organization()) as place:
        text = check_export(place)
        check("no charter can have one of that name" in text, text)
        for wanted in ('"no":', '"0x1":', '"null":', '"{team}":', '["{{braces}"]', '"\\u202E"', 'repositories: ["yes"]'):
            check(wanted in text, f"no {wanted} in\n{text}")
    with Place(odd_organization(), **ALL) as place:
        check_export(place)


def difficult_organization():
    """Denies, groups in groups in teams, inheritance off, what no charter can say."""
    def entry(principal, kind, name, **masks):
        return {"principal": principal, "kind": kind, "name": name, **masks}
    return {
        "organization": "contoso",
        "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True}, {"user": "ana@contoso.com"},
                   {"user": "ben@contoso.com"}],
        "entra_groups": [{"name": "Everybody", "object_id": "7d0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a10"}],
        "service_principals": [{"name": "robot", "pat": "robot", "object_id": "5b0f6a52-7c1d-4e5b-9a60-2d3c4b5a6f01"}],
        "groups": [{"name": "Auditors", "members": ["ana@contoso.com"]}],
        "projects": [{
            "name": "Shop", "creator": "admin@contoso.com",
            "teams": [
                {"name": "Red", "members": ["ana@contoso.com", "[Shop]\\Inner", "robot"], "admins": ["ben@contoso.com"],
                 "areas": ["Red", {"path": "Shared", "children": False}], "contributors": True},
                {"name": "Blue", "members": ["[contoso]\\Auditors", "[TEAM FOUNDATION]\\Everybody"],
                 "areas": ["Blue", "Shared"]},
                {"name": "Green", "areas": ["Red/Green"]}],
            "groups": [{"name": "Inner", "members": ["[Shop]\\Innermost"]}, {"name": "Innermost", "members": ["ben@contoso.com"]},
                       {"name": "Build Administrators", "members": ["[Shop]\\Green"]},
                       {"name": "Readers", "members": ["[Shop]\\Blue", "ana@contoso.com"]}],
            "areas": ["Red/Green", "Blue", "Shared"], "folders": ["Red", "Red/Inner", "Blue", "7"],
            "repositories": ["red", "blue", "gone", {"name": "shared", "branches": ["main", "release/1.0", "\u00e9/\U0001f600", "yes"]},
                             {"name": "green", "creator": "admin@contoso.com"}],
            "pipelines": [{"name": "build", "folder": "Red", "repository": "red", "yaml": "a.yml"}],
            "service_connections": ["red", "azure"], "agent_queues": ["Linux: 1"], "variable_groups": ["{secrets}"],
            "environments": ["production", "red"], "secure_files": ["- key.p12"],
            "iterations": ["Sprint 1", "Sprint 1/Week {1}"], "queries": ["Red", "Red/Open: all", "Blue"],
            "permissions": [
                entry("Red", "repository", "red", allow=["Read", "Contribute"], deny=["ForcePush"]),
                entry("Blue", "repository", "red", deny=["Read"]),
                entry("Blue", "repository", "blue", allow=["Read"]), entry("Red", "repository", "gone", allow=["Read"]),
                entry("Inner", "repository", "shared", allow=["Read"]), entry("Green", "repository", "green", allow=["Read"]),
                {**entry("Green", "repository", "shared", allow=["Contribute"]), "branch": "main"},
                {**entry("Inner", "repository", "shared", deny=["ForcePush"]), "branch": "release/1.0"},
                {**entry("Inner", "repository", "shared", deny=["ForcePush"]), "branch": "\u00e9/\U0001f600"},
                {**entry("Inner", "repository", "shared", deny=["ForcePush"]), "branch": "yes"},
                entry("Red", "service connection", "red", allow=["Use", "Administer"]),
                entry("Green", "service connection", "azure", allow=["Use"]),
                entry("Inner", "agent queue", "Linux: 1", allow=["View", "Use"]),
                entry("Inner", "variable group", "{secrets}", allow=["View"]),
                entry("Red", "environment", "red", allow=["View", "Manage", "Administer", "Use"]),
                entry("Innermost", "environment", "production", allow=["Manage"]),
                entry("Inner", "secure file", "- key.p12", allow=["View", "Use"]),
                {"principal": "Inner", "kind": "variable group", "allow": ["View"]},
                {"kind": "environment", "name": "red", "inherit": False},
                entry("Inner", "iteration", "Sprint 1/Week {1}", allow=["GENERIC_READ"], deny=["GENERIC_WRITE"]),
                entry("Innermost", "query", "Red/Open: all", allow=["Read"], deny=["Delete"]),
                entry("Red", "query", "Red", allow=["Read", "Contribute"]),
                {"principal": "Inner", "kind": "tagging", "allow": ["Enumerate"], "deny": ["Create"]},
                {"kind": "query", "name": "Red", "inherit": False},
                entry("Innermost", "pipeline folder", "Red/Inner", allow=["ViewBuilds"], deny=["QueueBuilds"]),
                entry("Blue", "pipeline folder", "7", allow=["ViewBuilds"]), entry("Green", "pipeline", "build", allow=["ViewBuilds"]),
                entry("ana@contoso.com", "repository", "blue", allow=["Read"]),
                entry("[contoso]\\Auditors", "repository", "red", allow=["Read"]),
                entry("Green", "area", "Red/Green", allow=["WORK_ITEM_READ"], deny=["WORK_ITEM_WRITE"]),
                {"principal": "Contributors", "kind": "repositories", "deny": ["ForcePush"]},
                {"kind": "repository", "name": "red", "inherit": False}, {"kind": "repository", "name": "shared", "inherit": False},
                {"kind": "pipeline folder", "name": "Red/Inner", "inherit": False}, {"kind": "area", "name": "Shared", "inherit": False},
                {"kind": "repositories", "inherit": False}]},
            {"name": "Other", "creator": "admin@contoso.com", "teams": [{"name": "Far"}],
             "groups": [{"name": "Guests", "members": ["[Shop]\\Red"]}]}],
        "permissions": [{"principal": "[Shop]\\Red", "kind": "organization", "allow": ["GENERIC_READ"], "deny": ["CREATE_PROJECTS"]},
                        {"principal": "[Shop]\\Inner", "kind": "audit log", "allow": ["Read"]},
                        {"principal": "[Shop]\\Inner", "kind": "processes", "allow": ["Edit"]}],
        "changes": [{"by": "admin@contoso.com", "op": "delete_repository", "project": "Shop", "name": "gone"}]}


def test_difficult():
    with Place(difficult_organization()) as place:
        text = check_export(place)
        for wanted in ('deny: ["Force push', "inherit: false", "unlisted_memberships: report", "grants_policy: report",
                       "{ service_principal: 5b0f6a52-7c1d-4e5b-9a60-2d3c4b5a6f01 }", "member_of: [Inner]", "  # Everybody", "{ branches: { repository: shared, names: [release/1.0, \"yes\", \u00e9/\U0001f600] } }",
                       '{ iterations: ["Sprint 1/Week {{1}"] }', '{ queries: ["Red/Open: all"] }', "{ tagging: root }", "{ pipelines: [Red/build] }",
                       "{ at: { service_connections: own }, role: Administrator }", "{ at: { service_connections: own }, role: User }",
                       '{ at: { agent_queues: ["Linux: 1"] }, role: User }', '{ at: { variable_groups: ["{{secrets}"] }, role: Reader }',
                       "environments: [{ name: red, inherit: false }]", '{ at: { secure_files: ["- key.p12"] }, role: User }',
                       "{ at: { variable_groups: root }, role: Reader }", "has permissions that are no role", "  team:\n    member_of: [Contributors]",
                       "left out, since no charter gives it"):
            check(wanted in text, f"no `{wanted}` in\n{text}")
        check("Build Administrators:" not in text, text)
    with Place(difficult_organization(), **ALL) as place:
        text = check_export(place)
        for wanted in ("{ group: Auditors, of: organization }", "member_of: [Build Administrators]", "Project Administrators:",
                       "{ at: organization, allow: [View collection-level information], deny: [Create new projects] }",
                       "{ at: organization, allow: [Edit process, View audit log] }"):
            check(wanted in text, f"no `{wanted}` in\n{text}")


def test_difficult_from_nothing():
    """What a charter gives, it gives anew; what is between persons, branches and the gone is not asked for."""
    seed = difficult_organization()
    shop = seed["projects"][0]
    seed["projects"] = [shop]
    shop["groups"] = [row for row in shop["groups"] if row["name"] != "Build Administrators"]
    shop["teams"][1]["members"] = ["[TEAM FOUNDATION]\\Everybody"]
    shop["permissions"] = [row for row in shop["permissions"]
                           if row.get("principal") not in ("ana@contoso.com", "[contoso]\\Auditors")
                           and row.get("name") not in ("gone", "7", "build") and "branch" not in row
                           and row != {"kind": "repositories", "inherit": False}]
    del seed["groups"], seed["changes"], seed["permissions"]
    with Place(seed) as place:
        check_same_access(place, export(place), seed=emptied(seed))


def test_server():
    """A collection of an Azure DevOps Server: accounts without an address too."""
    for settings in ({}, ALL):
        with Place(difficult_organization(), arguments=["--server"], **settings) as place:
            text = check_export(place)
            for wanted in ('members: [ana@contoso.com, "CONTOSO\\\\robot"]', "Shop Team: { kit: team, members: [admin@contoso.com]",
                           "a member whom this charter cannot name: [CONTOSO]\\Everybody"):
                check(wanted in text, f"no `{wanted}` in\n{text}")


FORETELL = {"namespace": "Git Repositories", "bit": 524288, "name": "Foretell", "displayName": "Foretell merges"}


def test_new_permissions():
    """A permission that this charterd has never heard of is no part of what `check` knows: whoever has it keeps it. One that
    the service reserves stays unseen."""
    for reserved in (False, True):
        with Place(difficult_organization()) as place:
            place.simulator.control("POST", "permissions", {**FORETELL, "reserved": reserved})
            place.hand({"op": "grant", "project": "Shop", "principal": "Blue", "kind": "repository", "name": "blue",
                        "allow": ["Foretell"]})
            text = check_export(place)
            wanted = "has bits that the service reserves" if reserved else "a permission that this charterd has no word for"
            check(wanted in text and "Foretell" not in text, text)


# --- the command ---------------------------------------------------------------------------------------------------------

def test_one_project():
    with Place(difficult_organization()) as place:
        text = check_export(place, "--project", "Other")
        check("  Other:" in text and "  Shop:" not in text, text)


def test_without_settings():
    """By the environment's credential, which nothing else is told of; nothing is remembered."""
    default = pathlib.Path("/etc/charterd/charterd.yaml")
    check(not default.exists(), f"{default} is in the way of this test")
    with Place(seed=FIXTURES / "mlops.json", **PAT) as place:
        wanted = export(place)
        environment = {**place.environment(), "STATE_DIRECTORY": str(place.folder / "elsewhere")}
        done = subprocess.run([binary("CHARTERD"), "export", "--url", place.url], capture_output=True, text=True,
                              env=environment)
        check_equal((done.returncode, done.stdout), (0, wanted), f"without settings: {done.stderr[-2000:]}")
        check(not (place.folder / "elsewhere").exists(), "a state directory was made")
        del environment["AZURE_DEVOPS_EXT_PAT"]
        done = subprocess.run([binary("CHARTERD"), "export", "--url", place.url], capture_output=True, text=True,
                              env=environment)
        check_equal((done.returncode, done.stdout), (1, ""), "exit and output without a credential")
        check("there is no credential" in done.stderr, done.stderr)


def test_mistakes():
    with Place(seed=FIXTURES / "mlops.json") as place:
        cases = {("export",): (64, "needs --url"), ("export", "--url", place.url + "x"): (1, "has no organization"),
                 ("export", "--url", "nonsense"): (1, "`nonsense`"),
                 ("export", "--url", place.url, "--project", "MLOp"): (1, "did you mean `MLOps`")}
        for arguments, (code, words) in cases.items():
            done = place.run(*arguments)
            check_equal((done.returncode, done.stdout), (code, ""), f"{arguments}: {done.stderr[-2000:]}")
            check(words in done.stderr, f"{arguments}: no `{words}` in {done.stderr[-2000:]}")
        place.write_pat("wrong")
        done = place.run("export", "--url", place.url)
        check_equal((done.returncode, done.stdout), (1, ""), "exit and output with a wrong credential")


def test_unreadable_project():
    """What could not be read is told and left out; the rest is a charter."""
    with Place(difficult_organization()) as place:
        place.fault("403", path=f"GET */{place.project_id('Other')}/_apis/git*")
        done = place.run("export", "--url", place.url)
        check_equal(done.returncode, 1, f"exit: {done.stderr[-2000:]}")
        check("# Without the project Other: " in done.stdout and "  Shop:" in done.stdout, done.stdout)


if __name__ == "__main__":
    main()
