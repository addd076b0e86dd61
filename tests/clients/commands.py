# SPDX-License-Identifier: Apache-2.0
"""Commands: what az is asked, what it is to tell, what changes by it; one story, each finds what those before made."""
import dataclasses

BODY = "<body>"
GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
PROJECT = "MLOps"


@dataclasses.dataclass
class Command:
    """One command. words may have {names} that commands before have kept; body goes into a file, its %(names)s too."""
    words: list            # BODY among them is a file with the body
    told: object = None    # of its answer; is to be
    known: object = None   # this of the snapshot afterwards
    made: list = dataclasses.field(default_factory=list)  # rows of the snapshot that come by it: (section, row)
    gone: list = dataclasses.field(default_factory=list)  # and that go
    keep: dict = dataclasses.field(default_factory=dict)  # name: what of the answer later commands need
    body: object = None

    def needs_graph(self):
        return self.words[:3] == ["devops", "security", "group"]


def names(rows, key="name"):
    return sorted(row[key] for row in rows)


def projects(snapshot):
    return sorted(row["project"] for section, row in snapshot.rows
                  if section == "things" and set(row) <= {"project", "visibility"})


def named(rows, name):
    return next(row for row in rows if row["name"] == name)


def here(section, key, **same):
    return lambda snapshot: snapshot.values(section, key, **same)


def things(kind, **same):
    return here("things", kind, project=PROJECT, **same)


def thing(kind, name, **more):
    return ("things", {"project": PROJECT, kind: name, **more})


def member(name, of):
    return ("memberships", {"group": of, "member": name})


def is_(value):
    return lambda snapshot: value


def about(word):
    """Rows there are, and all of them are about it."""
    return lambda rows: bool(rows) and all(word in str(row) for row in rows)


def below(node):
    """The paths of a tree of nodes, the root's own left out, in the snapshot's words: without "Area"."""
    paths = []
    for child in node["children"] or []:
        project, _, *rest = child["path"].strip("\\").split("\\")
        paths += ["\\".join([project, *rest]), *below(child)]
    return sorted(paths)


def account_of(name):
    """"ana" of "ana@contoso.com", and of "CONTOSO\\ana", as a server calls her."""
    return name.split("@")[0].split("\\")[-1]


def members_of(answer):
    return sorted(row["mailAddress"] or row["principalName"] for row in answer.values())


def acl_of(answer):
    """The entry of the one descriptor that was asked for, in each of the lists that have bits."""
    return [(entry["allow"], entry["deny"]) for row in answer for entry in row["acesDictionary"].values()
            if entry["allow"] or entry["deny"]]


def branch_permission(principal, **masks):
    return ("permissions", {"project": PROJECT, "at": "repository train", "namespace": "Git Repositories",
                            "principal": principal, **masks})



def invoke(area, resource, *parameters, method="GET", body=None, version="7.1-preview", query=(), **more):
    words = ["devops", "invoke", "--area", area, "--resource", resource, "--http-method", method, "--api-version", version]
    if parameters:
        words += ["--route-parameters", *parameters]
    if query:
        words += ["--query-parameters", *query]
    if body is not None:
        words += ["--in-file", BODY]
    return Command(words, body=body, **more)


CREATOR_OF_REPOSITORY = ["GenericRead", "GenericContribute", "ForcePush", "CreateBranch", "CreateTag", "ManageNote",
                         "DeleteRepository", "RenameRepository", "EditPolicies", "RemoveOthersLocks", "ManagePermissions",
                         "PullRequestContribute"]
def rest(method, path, body=None, **more):
    """What `invoke` does not find, because no resource area is called so."""
    words = ["rest", "--skip-authorization-header", "--method", method, "--uri", "{base}/_apis/" + path + "?api-version=7.1-preview.1",
             "--headers", "Authorization=Basic {basic}", "Content-Type=application/json"]
    return Command(words + (["--body", "@" + BODY] if body is not None else []), body=body, **more)


OF_PROJECT = ["--project", PROJECT]
ON_TRAIN = ["--namespace-id", GIT, "--subject", "ben@contoso.com", "--token", "repoV2/{project}/{train}"]
SHARED = "Shared Queries"
ENVIRONMENT_ROLES = "distributedtask.environmentreferencerole"
ROLES_OF_STAGING = f"securityroles/scopes/{ENVIRONMENT_ROLES}/roleassignments/resources/{{project}}_{{staging}}"

COMMANDS = [
    # Projects.
    Command(["devops", "project", "list"], lambda answer: names(answer["value"]), projects),
    Command(["devops", "project", "show", *OF_PROJECT],
            lambda answer: (answer["name"], answer["visibility"], answer["defaultTeam"]["name"]),
            is_((PROJECT, "private", PROJECT + " Team")), keep={"project": lambda answer: answer["id"]}),
    Command(["devops", "project", "create", "--name", "New", "--process", "Scrum", "--visibility", "public"],
            lambda answer: (answer["name"], answer["state"], answer["capabilities"]["processTemplate"]["templateName"]),
            is_(("New", "wellFormed", "Scrum")), made=about("New"), keep={"new": lambda answer: answer["id"]}),
    Command(["devops", "project", "list"], lambda answer: names(answer["value"]), projects),
    Command(["devops", "project", "delete", "--id", "{new}", "--yes"], gone=about("New")),

    # Teams.
    Command(["devops", "team", "list", *OF_PROJECT], names,
            lambda snapshot: sorted(name.split("\\")[1] for name in snapshot.values("people", "team")),
            keep={"team": lambda answer: named(answer, "Data Science")["id"]}),
    Command(["devops", "team", "create", "--name", "Ops", "--description", "they run it", *OF_PROJECT],
            lambda answer: (answer["name"], answer["description"], answer["projectName"]),
            is_(("Ops", "they run it", PROJECT)), made=about("Ops")),
    Command(["devops", "team", "show", "--team", "Ops", *OF_PROJECT], lambda answer: answer["name"], is_("Ops")),
    Command(["devops", "team", "update", "--team", "Ops", "--name", "Operations", *OF_PROJECT],
            lambda answer: answer["name"], is_("Operations"), made=about("Operations"), gone=about("Ops")),
    Command(["devops", "team", "list-member", "--team", "Data Science", *OF_PROJECT],
            lambda answer: sorted(account_of(row["identity"]["uniqueName"]) for row in answer),
            lambda snapshot: [account_of(name) for name in
                              snapshot.values("memberships", "member", group="[MLOps]\\Data Science")]),

    # Repositories.
    Command(["repos", "list", *OF_PROJECT], names, things("repository", branch=None)),
    Command(["repos", "create", "--name", "serve", *OF_PROJECT], lambda answer: answer["name"], is_("serve"),
            made=[thing("repository", "serve"),
                  ("permissions", {"project": PROJECT, "at": "repository serve", "namespace": "Git Repositories",
                                   "principal": "admin@contoso.com", "allow": CREATOR_OF_REPOSITORY})],
            keep={"serve": lambda answer: answer["id"]}),
    Command(["repos", "show", "--repository", "train", *OF_PROJECT], lambda answer: (answer["name"], answer["defaultBranch"]),
            is_(("train", "refs/heads/main")), keep={"train": lambda answer: answer["id"]}),
    Command(["repos", "update", "--repository", "serve", "--name", "deploy", *OF_PROJECT], lambda answer: answer["name"],
            is_("deploy"), made=about("deploy"), gone=about("serve")),
    Command(["repos", "ref", "list", "--repository", "train", *OF_PROJECT], names,
            things("branch", repository="train"), keep={"commit": lambda answer: answer[0]["objectId"]}),
    Command(["repos", "ref", "create", "--repository", "train", "--name", "heads/try/one", "--object-id", "{commit}", *OF_PROJECT],
            lambda answer: (answer["name"], answer["success"]), is_(("refs/heads/try/one", True)),
            made=[thing("repository", "train", branch="refs/heads/try/one"),
                  ("permissions", {"project": PROJECT, "at": "branch try/one of repository train",
                                   "namespace": "Git Repositories", "principal": "admin@contoso.com",
                                   "allow": ["GenericContribute", "ForcePush", "RemoveOthersLocks", "ManagePermissions"]})]),
    Command(["repos", "ref", "list", "--repository", "train", *OF_PROJECT], names, things("branch", repository="train")),
    Command(["repos", "update", "--repository", "train", "--default-branch", "try/one", *OF_PROJECT],
            lambda answer: answer["defaultBranch"], is_("refs/heads/try/one"),
            made=[thing("repository", "train", default_branch="refs/heads/try/one")],
            gone=[thing("repository", "train", default_branch="refs/heads/main")]),
    Command(["repos", "delete", "--id", "{serve}", "--yes", *OF_PROJECT],
            made=about("deploy"), gone=about("deploy")),

    # Permissions.
    Command(["devops", "security", "permission", "namespace", "list"], lambda answer: len(answer), is_(61)),
    Command(["devops", "security", "permission", "namespace", "show", "--namespace-id", GIT],
            lambda answer: (answer[0]["name"], answer[0]["writePermission"]), is_(("Git Repositories", 8192))),
    Command(["devops", "security", "permission", "update", *ON_TRAIN, "--allow-bit", "6", "--merge", "true"], acl_of, is_([(6, 0)]),
            made=[branch_permission("ben@contoso.com", allow=["GenericRead", "GenericContribute"])]),
    Command(["devops", "security", "permission", "update", *ON_TRAIN, "--deny-bit", "4", "--merge", "true"], acl_of, is_([(2, 4)]),
            made=[branch_permission("ben@contoso.com", allow=["GenericRead"], deny=["GenericContribute"])],
            gone=[branch_permission("ben@contoso.com", allow=["GenericRead", "GenericContribute"])]),
    Command(["devops", "security", "permission", "list", "--namespace-id", GIT, "--subject", "ben@contoso.com"], acl_of,
            is_([(2, 4)])),
    Command(["devops", "security", "permission", "show", *ON_TRAIN], acl_of, is_([(2, 4)])),
    Command(["devops", "security", "permission", "reset", *ON_TRAIN, "--permission-bit", "4"], acl_of, is_([(2, 0)]),
            made=[branch_permission("ben@contoso.com", allow=["GenericRead"])],
            gone=[branch_permission("ben@contoso.com", allow=["GenericRead"], deny=["GenericContribute"])]),
    Command(["devops", "security", "permission", "reset-all", *ON_TRAIN, "--yes"], lambda answer: answer, is_(True),
            gone=[branch_permission("ben@contoso.com", allow=["GenericRead"])]),

    # Groups and members.
    Command(["devops", "security", "group", "list", *OF_PROJECT],
            lambda answer: sorted(row["principalName"] for row in answer["graphGroups"]),
            lambda snapshot: sorted(name for key in ("group", "team") for name in snapshot.values("people", key)
                                    if name.startswith("[MLOps]"))),
    Command(["devops", "security", "group", "list", "--scope", "organization"],
            lambda answer: sorted(row["principalName"] for row in answer["graphGroups"]),
            lambda snapshot: sorted(name for key in ("group", "team") for name in snapshot.values("people", key))),
    Command(["devops", "security", "group", "create", "--name", "Reviewers", "--description", "they look", *OF_PROJECT],
            lambda answer: answer["principalName"], is_("[MLOps]\\Reviewers"),
            made=[("people", {"group": "[MLOps]\\Reviewers"})], keep={"reviewers": lambda answer: answer["descriptor"]}),
    Command(["devops", "security", "group", "create", "--name", "Guests", "--scope", "organization"],
            lambda answer: answer["principalName"], is_("[contoso]\\Guests"), made=[("people", {"group": "[contoso]\\Guests"})],
            keep={"guests": lambda answer: answer["descriptor"]}),
    Command(["devops", "security", "group", "show", "--id", "{reviewers}"], lambda answer: answer["description"], is_("they look")),
    Command(["devops", "security", "group", "update", "--id", "{reviewers}", "--name", "Readers of all"],
            lambda answer: answer["displayName"], is_("Readers of all"), made=[("people", {"group": "[MLOps]\\Readers of all"})],
            gone=[("people", {"group": "[MLOps]\\Reviewers"})]),
    Command(["devops", "security", "group", "membership", "add", "--group-id", "{reviewers}", "--member-id", "ben@contoso.com"],
            members_of, is_(["[MLOps]\\Readers of all", "ben@contoso.com"]),
            made=[member("ben@contoso.com", "[MLOps]\\Readers of all")]),
    Command(["devops", "security", "group", "membership", "add", "--group-id", "{reviewers}", "--member-id", "{guests}"],
            made=[member("[contoso]\\Guests", "[MLOps]\\Readers of all")]),
    Command(["devops", "security", "group", "membership", "list", "--id", "{reviewers}"], members_of,
            here("memberships", "member", group="[MLOps]\\Readers of all")),
    Command(["devops", "security", "group", "membership", "remove", "--group-id", "{reviewers}", "--member-id", "ben@contoso.com",
             "--yes"], gone=[member("ben@contoso.com", "[MLOps]\\Readers of all")]),
    Command(["devops", "security", "group", "delete", "--id", "{guests}", "--yes"], gone=about("Guests")),

    # Areas.
    Command(["boards", "area", "project", "list", "--depth", "5", *OF_PROJECT], below, things("area")),
    Command(["boards", "area", "project", "create", "--name", "Models", "--path", "\\MLOps\\Area\\Data Science", *OF_PROJECT],
            lambda answer: answer["path"], is_("\\MLOps\\Area\\Data Science\\Models"),
            made=[thing("area", "MLOps\\Data Science\\Models")], keep={"models": lambda answer: str(answer["id"])}),
    Command(["boards", "area", "project", "show", "--id", "{models}", *OF_PROJECT], names, is_(["Models"])),
    Command(["boards", "area", "project", "update", "--path", "\\MLOps\\Area\\Data Science\\Models", "--name", "Trained", *OF_PROJECT],
            lambda answer: answer["name"], is_("Trained"), made=[thing("area", "MLOps\\Data Science\\Trained")],
            gone=[thing("area", "MLOps\\Data Science\\Models")]),
    Command(["boards", "area", "project", "update", "--path", "\\MLOps\\Area", "--child-id", "{models}", *OF_PROJECT],
            made=[thing("area", "MLOps\\Trained")], gone=[thing("area", "MLOps\\Data Science\\Trained")]),
    Command(["boards", "area", "team", "list", "--team", "Data Science", *OF_PROJECT],
            lambda answer: sorted(row["value"] for row in answer["values"]), here("teams", "area", team="[MLOps]\\Data Science")),
    Command(["boards", "area", "team", "add", "--team", "Data Science", "--path", "MLOps\\Trained", *OF_PROJECT],
            lambda answer: sorted(row["value"] for row in answer["values"]), here("teams", "area", team="[MLOps]\\Data Science"),
            made=[("teams", {"team": "[MLOps]\\Data Science", "area": "MLOps\\Trained", "children": False})]),
    Command(["boards", "area", "team", "remove", "--team", "Data Science", "--path", "MLOps\\Trained", *OF_PROJECT],
            gone=[("teams", {"team": "[MLOps]\\Data Science", "area": "MLOps\\Trained", "children": False})]),
    Command(["boards", "area", "project", "delete", "--path", "\\MLOps\\Area\\Trained", "--yes", *OF_PROJECT],
            gone=[thing("area", "MLOps\\Trained")]),

    # Iterations.
    Command(["boards", "iteration", "project", "list", "--depth", "5", *OF_PROJECT], below, things("iteration")),
    Command(["boards", "iteration", "project", "create", "--name", "Sprint 2", *OF_PROJECT], lambda answer: answer["path"],
            is_("\\MLOps\\Iteration\\Sprint 2"), made=[thing("iteration", "MLOps\\Sprint 2")]),
    Command(["boards", "iteration", "project", "update", "--path", "\\MLOps\\Iteration\\Sprint 2", "--name", "Sprint two",
             *OF_PROJECT], made=[thing("iteration", "MLOps\\Sprint two")], gone=[thing("iteration", "MLOps\\Sprint 2")]),
    Command(["boards", "iteration", "project", "delete", "--path", "\\MLOps\\Iteration\\Sprint two", "--yes", *OF_PROJECT],
            gone=[thing("iteration", "MLOps\\Sprint two")]),
    Command(["boards", "iteration", "team", "show-backlog-iteration", "--team", "MLOps Team", *OF_PROJECT],
            lambda answer: answer["backlogIteration"]["name"], is_(PROJECT)),

    # Pipelines.
    Command(["pipelines", "folder", "list", *OF_PROJECT], lambda answer: names(answer, "path"),
            lambda snapshot: sorted(["\\", *snapshot.values("things", "pipeline folder", project=PROJECT)])),
    Command(["pipelines", "folder", "create", "--path", "Night/Long", *OF_PROJECT], lambda answer: answer["path"], is_("\\Night\\Long"),
            made=[thing("pipeline folder", "\\Night"), thing("pipeline folder", "\\Night\\Long")]),
    Command(["pipelines", "folder", "update", "--path", "\\Night\\Long", "--new-path", "\\Night\\Short", *OF_PROJECT],
            made=[thing("pipeline folder", "\\Night\\Short")], gone=[thing("pipeline folder", "\\Night\\Long")]),
    Command(["pipelines", "list", *OF_PROJECT], names, things("pipeline")),
    Command(["pipelines", "show", "--name", "build", *OF_PROJECT], lambda answer: answer["path"], is_("\\Data Science"),
            keep={"build": lambda answer: str(answer["id"])}),
    Command(["pipelines", "update", "--id", "{build}", "--new-folder-path", "Night", "--new-name", "nightly", *OF_PROJECT],
            lambda answer: (answer["name"], answer["path"]), is_(("nightly", "\\Night")),
            made=[thing("pipeline", "nightly", folder="\\Night")], gone=[thing("pipeline", "build", folder="\\Data Science")]),
    Command(["pipelines", "build", "definition", "list", *OF_PROJECT], names, things("pipeline")),
    Command(["pipelines", "delete", "--id", "{build}", "--yes", *OF_PROJECT],
            gone=[thing("pipeline", "nightly", folder="\\Night")]),
    Command(["pipelines", "folder", "delete", "--path", "Night", "--yes", *OF_PROJECT],
            gone=[thing("pipeline folder", "\\Night"), thing("pipeline folder", "\\Night\\Short")]),
    Command(["pipelines", "release", "definition", "list", *OF_PROJECT], names, things("release pipeline")),

    # What pipelines use.
    Command(["pipelines", "queue", "list", *OF_PROJECT], names, things("agent queue"),
            keep={"linux": lambda answer: str(named(answer, "Linux")["id"]),
                  "pool": lambda answer: str(named(answer, "Linux")["pool"]["id"])}),
    Command(["pipelines", "pool", "list"], names, things("agent queue")),
    Command(["pipelines", "variable-group", "list", *OF_PROJECT], names, things("variable group")),
    Command(["devops", "service-endpoint", "list", *OF_PROJECT], names, things("service connection")),
    Command(["devops", "service-endpoint", "create", "--service-endpoint-configuration", BODY, *OF_PROJECT],
            lambda answer: answer["name"], is_("registry"), made=about("registry"),
            keep={"registry": lambda answer: answer["id"]},
            body={"name": "registry", "type": "generic", "url": "https://registry.example.invalid/",
                  "authorization": {"scheme": "UsernamePassword", "parameters": {"username": "u", "password": "p"}},
                  "serviceEndpointProjectReferences": [
                      {"projectReference": {"id": "%(project)s", "name": PROJECT}, "name": "registry"}]}),
    Command(["devops", "service-endpoint", "show", "--id", "{registry}", *OF_PROJECT], lambda answer: answer["name"],
            is_("registry")),
    Command(["devops", "service-endpoint", "delete", "--id", "{registry}", "--yes", *OF_PROJECT],
            made=about("registry"), gone=about("registry")),

    Command(["pipelines", "queue", "show", "--id", "{linux}", *OF_PROJECT], lambda answer: answer["name"], is_("Linux")),
    Command(["pipelines", "pool", "show", "--id", "{pool}"], lambda answer: answer["name"], is_("Linux")),
    Command(["pipelines", "variable-group", "create", "--name", "night", "--variables", "hour=3", *OF_PROJECT],
            lambda answer: (answer["name"], answer["variables"]["hour"]["value"]), is_(("night", "3")), made=about("night"),
            keep={"night": lambda answer: str(answer["id"])}),
    Command(["pipelines", "variable-group", "show", "--group-id", "{night}", *OF_PROJECT], lambda answer: answer["name"], is_("night")),
    Command(["pipelines", "variable-group", "update", "--group-id", "{night}", "--name", "day", *OF_PROJECT],
            lambda answer: answer["name"], is_("day"), made=about("day"), gone=about("night")),
    Command(["pipelines", "variable-group", "variable", "create", "--group-id", "{night}", "--name", "minute", "--value", "30",
             *OF_PROJECT], lambda answer: answer["minute"]["value"], is_("30"), made=about("minute"), gone=about("day")),
    Command(["pipelines", "variable-group", "variable", "list", "--group-id", "{night}", *OF_PROJECT], sorted, is_(["hour", "minute"])),
    Command(["pipelines", "variable-group", "delete", "--group-id", "{night}", "--yes", *OF_PROJECT],
            made=about("day"), gone=about("day")),

    # What az has no word of its own for.
    invoke("environments", "environments", "project=" + PROJECT, method="POST", body={"name": "staging"},
           told=lambda answer: answer["name"], known=is_("staging"), made=about("staging"), keep={"staging": lambda answer: answer["id"]}),
    invoke("environments", "environments", "project=" + PROJECT, told=lambda answer: names(answer["value"]), known=things("environment")),
    rest("get", f"securityroles/scopes/{ENVIRONMENT_ROLES}/roledefinitions",
           told=lambda answer: names(answer["value"]), known=is_(["Administrator", "Reader", "User"])),
    rest("put", ROLES_OF_STAGING, [{"roleName": "User", "userId": "%(team)s"}],
           told=lambda answer: [row["role"]["name"] for row in answer["value"]], known=is_(["User"]),
           made=[("permissions", {"project": PROJECT, "at": "environment staging", "namespace": "Environment",
                                  "principal": "[MLOps]\\Data Science", "allow": ["View", "Use"]})]),
    rest("get", ROLES_OF_STAGING,
           told=lambda answer: sorted((row["identity"]["displayName"], row["role"]["name"]) for row in answer["value"]
                                      if row["access"] == "assigned"),
           known=lambda snapshot: sorted(
               {"[MLOps]\\Data Science": ("[MLOps]\\Data Science", "User"), "admin@contoso.com": ("Admin", "Administrator")}[name]
               for name in snapshot.values("permissions", "principal", at="environment staging"))),
    rest("patch", ROLES_OF_STAGING, ["%(team)s"], gone=about("staging")),
    invoke("pipelinePermissions", "pipelinePermissions", "project=" + PROJECT, "resourceType=environment", "resourceId={staging}",
           method="PATCH", body={"allPipelines": {"authorized": True}},
           told=lambda answer: answer["allPipelines"]["authorized"], known=is_(True), made=about("staging")),
    invoke("environments", "environments", "project=" + PROJECT, "environmentId={staging}", method="DELETE",
           made=about("staging"), gone=about("staging")),
    invoke("wit", "queries", "project=" + PROJECT, query=["$depth=2"],
           told=lambda answer: names([child for root in answer["value"] if root["isPublic"] for child in root["children"]], "path"),
           known=things("query folder")),
    invoke("wit", "queries", "project=" + PROJECT, "query=" + SHARED, method="POST", body={"name": "Operations", "isFolder": True},
           told=lambda answer: answer["path"], known=is_("Shared Queries/Operations"), made=about("Operations"),
           keep={"folder": lambda answer: answer["id"]}),
    invoke("wit", "queries", "project=" + PROJECT, "query={folder}", method="POST", body={"name": "Open", "wiql": "SELECT [System.Id]"},
           told=lambda answer: answer["path"], known=is_("Shared Queries/Operations/Open"), made=about("Open")),
    invoke("wit", "queries", "project=" + PROJECT, "query={folder}", method="PATCH", body={"name": "Running"},
           told=lambda answer: answer["name"], known=is_("Running"), made=about("Running"), gone=about("Operations")),
    invoke("wit", "queries", "project=" + PROJECT, "query={folder}", method="DELETE", gone=about("Running")),
    invoke("work", "plans", "project=" + PROJECT, method="POST", body={"name": "Year", "type": "deliveryTimelineView"},
           told=lambda answer: answer["name"], known=is_("Year"), made=about("Year"), keep={"plan": lambda answer: answer["id"]}),
    invoke("work", "plans", "project=" + PROJECT, told=lambda answer: names(answer["value"]), known=things("plan")),
    invoke("work", "plans", "project=" + PROJECT, "id={plan}", method="DELETE", made=about("Year"), gone=about("Year")),

    Command(["devops", "team", "delete", "--id", "Operations", "--yes", *OF_PROJECT], made=about("deleted team Operations"),
            gone=about("Operations")),
]
