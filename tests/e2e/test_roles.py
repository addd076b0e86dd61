# SPDX-License-Identifier: Apache-2.0
"""Kinds with roles: given, read back by the role API, drift by either way repaired; which pipelines may use a thing."""
import base64
import json

from harness import Place, check, check_equal, left_over, main

API = "api-version=7.1-preview.1"
LIBRARY = "distributedtask.library"

# How each kind is listed and where its roles are (facts §4.2); `is_no_role` is a permission by itself.
KINDS = {
    "service_connections": {"noun": "service connection", "list": "serviceendpoint/endpoints", "between": "_",
                            "scope": "distributedtask.serviceendpointrole", "type": "endpoint", "user": 17,
                            "all": ("distributedtask.project.serviceendpointrole", ""), "is_no_role": "Administer"},
    "environments": {"noun": "environment", "list": "pipelines/environments", "between": "_",
                     "scope": "distributedtask.environmentreferencerole", "type": "environment", "user": 17,
                     "all": ("distributedtask.globalenvironmentreferencerole", ""), "is_no_role": "Manage"},
    "variable_groups": {"noun": "variable group", "list": "distributedtask/variablegroups", "between": "%24",
                        "scope": "distributedtask.variablegroup", "type": "variablegroup", "user": 17,
                        "all": (LIBRARY, "%240"), "is_no_role": "Administer"},
    "secure_files": {"noun": "secure file", "list": "distributedtask/securefiles", "between": "%24",
                     "scope": "distributedtask.securefile", "type": "securefile", "user": 17,
                     "all": (LIBRARY, "%240"), "is_no_role": "Administer"},
    "agent_queues": {"noun": "agent queue", "list": "distributedtask/queues", "between": "_",
                     "scope": "distributedtask.agentqueuerole", "type": "queue", "user": 17,
                     "all": ("distributedtask.globalagentqueuerole", ""), "is_no_role": "Manage"},
}

CHARTER = """
charter: 1
organization: https://dev.azure.com/contoso
defaults: {{ unlisted_grants: remove }}
projects:
  Shop:
    teams:
      Red:
        owns: {{ {key}: [red-thing] }}
        grants:
          - {{ at: {{ {key}: own }}, role: User }}
          - {{ at: {{ {key}: [shared-thing] }}, role: Reader }}
          - {{ at: {{ {key}: root }}, role: Creator }}
      Blue:
        grants:
          - {{ at: {{ {key}: {{ owned_by: Red }} }}, role: Administrator }}
"""


def seed(key, permissions=(), **more):
    project = {"name": "Shop", "creator": "admin@contoso.com", "teams": ["Red", "Blue"], "folders": ["Red", "Blue"],
               "pipelines": [{"name": "build", "folder": "Red"}, {"name": "deploy", "folder": "Red"},
                             {"name": "build", "folder": "Blue"}],
               "permissions": list(permissions),
               key: [{"name": name, "creator": "ana@contoso.com"} for name in ("red-thing", "shared-thing", "other-thing")]}
    project.update(more)
    return {"organization": "contoso",
            "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
                       {"user": "ana@contoso.com", "pat": "ana"}, {"user": "ben@contoso.com"}],
            "projects": [project]}


class Roles:
    """The role API of one kind, by plain HTTP."""

    def __init__(self, place, key):
        self.place, self.kind = place, KINDS[key]
        self.project = place.project_id("Shop")

    def send(self, method, path, body=None):
        token = base64.b64encode(b":admin").decode()
        status, _, value = self.place.simulator.request(method, f"/contoso/{path}", body,
                                                        {"Authorization": f"Basic {token}"})
        check_equal(status, 200, f"{method} {path}: {value}")
        return value

    def id_of(self, name):
        rows = self.place.ask(f"{self.project}/_apis/{self.kind['list']}?{API}")["value"]
        return next(row["id"] for row in rows if row["name"] == name)

    def path(self, name):
        scope, resource = self.kind["scope"], f"{self.project}{self.kind['between']}{self.id_of(name) if name else ''}"
        if not name:
            scope, resource = self.kind["all"][0], self.project + self.kind["all"][1]
        return f"_apis/securityroles/scopes/{scope}/roleassignments/resources/{resource}"

    def assigned(self, name):
        """{principal: role} of what is assigned there itself; name None: at the root."""
        rows = self.send("GET", f"{self.path(name)}?{API}")["value"]
        return {row["identity"]["displayName"]: row["role"]["name"] for row in rows if row["access"] == "assigned"}

    def key_of(self, name):
        """The storage key of a team of the project."""
        return next(row["id"] for row in self.place.ask(f"_apis/projects/{self.project}/teams?api-version=7.1")["value"]
                    if row["name"] == name)

    def assign(self, name, team, role):
        answer = self.send("PUT", f"{self.path(name)}?{API}", [{"roleName": role, "userId": self.key_of(team)}])
        check_equal(answer["count"], 1, "assignments made by hand")

    def take(self, name, team):
        self.send("DELETE", f"{self.path(name)}/{self.key_of(team)}?{API}")

    def users(self, name):
        """"all", or the ids of the pipelines that may use it."""
        value = self.send("GET", f"{self.project}/_apis/pipelines/pipelinepermissions/{self.kind['type']}/"
                                 f"{self.id_of(name)}?{API}")
        return "all" if value.get("allPipelines") else sorted(row["id"] for row in value["pipelines"])

    def open(self, name, body):
        self.send("PATCH", f"{self.project}/_apis/pipelines/pipelinepermissions/{self.kind['type']}/"
                           f"{self.id_of(name)}?{API}", body)


def team(name):
    return f"[Shop]\\{name}"


def place_with(key, charter=None, settle="60s", **more):
    return Place(seed=seed(key, **more), charter=(charter or CHARTER).format(key=key),
                 limits={"requests_per_5_minutes": "none", "removals": "none", "settle": settle})


def check_wanted(roles, key):
    check_equal(roles.assigned("red-thing"), {team("Red"): "User", team("Blue"): "Administrator"}, f"{key}: roles")
    check_equal(roles.assigned("shared-thing").get(team("Red")), "Reader", f"{key}: the role on what is only mentioned")
    check_equal(roles.assigned(None).get(team("Red")), "Creator", f"{key}: the role at the root")


def entries(place):
    return place.snapshot(sections="permissions")["permissions"]


def check_writes(place, roles):
    """Whatever was written is about the things and the root that the charter names."""
    other = str(roles.id_of("other-thing"))
    for row in place.requests(kind="write"):
        where = row["url"] + (row.get("body") or "")
        check("securityroles" in row["url"] or "accesscontrol" in row["url"], f"another kind of write: {row['url']}")
        check(f"{roles.kind['between']}{other}" not in where and f"/{other}" not in where, f"a write for other-thing: {where}")


def drift(place, roles, change, key, what):
    before = entries(place)
    change()
    check(entries(place) != before, f"{key}: {what}: nothing changed")
    place.converge()
    after = entries(place)
    check_equal((left_over(before, after), left_over(after, before)), ([], []), f"{key}: {what}: repaired")
    check_wanted(roles, key)


def round_trip(key):
    kind = KINDS[key]
    with place_with(key) as place:
        roles = Roles(place, key)
        others = roles.assigned("other-thing"), roles.assigned("shared-thing")
        place.clear_log()
        place.converge()
        check_wanted(roles, key)
        check_equal(roles.assigned("other-thing"), others[0], f"{key}: what the charter does not name")
        check(left_over(others[1].items(), roles.assigned("shared-thing").items()) == [], f"{key}: roles of others went")
        check_writes(place, roles)
        place.clear_log()
        place.expect(0, "plan")
        check_equal(place.requests(kind="write"), [], f"{key}: writes of a plan in sync")
        at = {"project": "Shop", "kind": kind["noun"], "name": "red-thing"}
        drift(place, roles, lambda: place.hand({"op": "grant", "principal": team("Red"), "allow": [kind["is_no_role"]],
                                                **at}), key, "more by the permissions API")
        drift(place, roles, lambda: place.hand({"op": "replace", "principal": team("Blue"), "deny": ["Use"], **at}), key,
              "a denial by the permissions API")
        drift(place, roles, lambda: place.hand({"op": "revoke", "principal": team("Red"), **at}), key, "an entry taken")
        drift(place, roles, lambda: place.hand({"op": "grant", "principal": "ben@contoso.com", "allow": ["Use"], **at}), key,
              "somebody else's entry")
        drift(place, roles, lambda: roles.assign("red-thing", "Red", "Administrator"), key, "another role")
        drift(place, roles, lambda: roles.take("red-thing", "Blue"), key, "a role taken")
        drift(place, roles, lambda: roles.assign("shared-thing", "Blue", "User"), key, "a role where there is none")
        check_writes(place, roles)


def test_round_trips():
    for key in KINDS:
        round_trip(key)
        print(f"     {key}: given, in sync, seven drifts repaired")


def test_definitions_are_the_services_own():
    """Each scope that a rule is about is asked once; what cannot be read is not made up."""
    with place_with("environments") as place:
        place.clear_log()
        place.expect(2, "plan")
        asked = [row["url"].split("/scopes/")[1].split("?")[0] for row in place.requests(route="roledefinitions")]
        check_equal(sorted(asked), ["distributedtask.environmentreferencerole/roledefinitions",
                                    "distributedtask.globalenvironmentreferencerole/roledefinitions"], "definitions asked for")
        place.fault("content_type", route="roledefinitions")
        place.expect(1, "apply")
        check_equal([row for row in place.requests(kind="write")], [], "writes without definitions")


def test_a_name_the_service_does_not_know():
    with place_with("environments", CHARTER.replace("role: Reader", "role: Readr")) as place:
        done = place.expect(1, "apply")
        check("did you mean `Reader`?" in done.stdout, f"the nearest name: {done.stdout}")
        check_equal(Roles(place, "environments").assigned("red-thing").get(team("Red")), "User", "the rest is done")


def test_a_missing_right_is_waited_for():
    """Administrators of a project create environments, and administer their own alone (facts §4.4)."""
    organization = seed("environments", groups=[{"name": "Project Administrators", "members": ["keeper@contoso.com"]}])
    organization["people"].append({"user": "keeper@contoso.com", "pat": "keeper"})
    organization["permissions"] = [{"principal": "keeper@contoso.com", "kind": "projects", "allow": ["GENERIC_READ"]},
                                   {"principal": "keeper@contoso.com", "kind": "all repositories", "allow": ["GenericRead"]}]
    with Place(seed=organization, charter=CHARTER.format(key="environments"), pat="keeper") as place:
        done = place.expect(1, "plan")
        check('charterd lacks "Administer Permissions" at the root of Environment in project Shop' in done.stdout,
              f"what is missing: {done.stdout}")
        place.expect(1, "apply")
        check_equal(Roles(place, "environments").assigned("red-thing").get(team("Red")), None, "a role without the right")


def test_a_yes_that_does_nothing():
    """The service answers 200 and does nothing: that is told, and not taken for done."""
    with place_with("environments", settle="2s") as place:
        place.fault("silent", route="roleassignments", method="PUT")
        done = place.expect(1, "apply")
        check("unconfirmed" in done.stdout + done.stderr or "said yes" in done.stdout + done.stderr,
              f"what is said: {done.stdout}{done.stderr[-2000:]}")
        place.clear_faults()
        place.converge()
        check_wanted(Roles(place, "environments"), "environments")


def test_inheritance():
    """Switched by the role API, which leaves every entry as it is."""
    charter = CHARTER.replace("[red-thing] }}\n        grants", "[{{ name: red-thing, inherit: false }}] }}\n        grants")
    for key, kind in KINDS.items():
        # Without what comes down, charterd itself must have something there.
        words = {"service_connections": ["ViewEndpoint", "Administer"], "agent_queues": ["View", "AdministerPermissions"]}
        mine = {"principal": "admin@contoso.com", "kind": kind["noun"], "name": "red-thing",
                "allow": words.get(key, ["View", "Administer"])}
        quiet = charter.replace("unlisted_grants: remove", "unlisted_grants: ignore")
        with place_with(key, quiet, permissions=[mine]) as place:
            place.converge()
            rows = [row for row in entries(place) if row["at"] == f"{kind['noun']} red-thing"]
            check([row for row in rows if row.get("inherit") is False], f"{key}: still inherits: {rows}")
            check([row for row in rows if row.get("principal") == "ana@contoso.com"], f"{key}: the maker's entry went")
            place.hand({"op": "set_inherit", "project": "Shop", "kind": kind["noun"], "name": "red-thing", "inherit": True})
            place.expect(0, "apply")
            rows = [row for row in entries(place) if row["at"] == f"{kind['noun']} red-thing"]
            check([row for row in rows if row.get("inherit") is False], f"{key}: not switched off again: {rows}")


PIPELINES = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  Shop:
    teams:
      Red:
        owns:
          pipeline_folders: [Red]
          {key}: [{{ name: red-thing, pipelines: {use} }}, other-thing]
        confined: true
"""


def pipelines_of(place):
    rows = place.ask(f"{place.project_id('Shop')}/_apis/build/definitions?api-version=7.1")["value"]
    return {row["path"].strip("\\") + "/" + row["name"]: row["id"] for row in rows}


def expect_users(place, roles, key, use, wanted):
    place.write_charter(PIPELINES.format(key=key, use=use))
    place.converge()
    check_equal(roles.users("red-thing"), wanted, f"{key}: pipelines: {use}")
    place.expect(0, "plan")


def test_pipelines():
    for key in KINDS:
        with place_with(key, PIPELINES.replace("{use}", "none")) as place:
            roles, ids = Roles(place, key), pipelines_of(place)
            red = sorted([ids["Red/build"], ids["Red/deploy"]])
            roles.open("red-thing", {"allPipelines": {"authorized": True},
                                     "pipelines": [{"id": ids["Blue/build"], "authorized": True}]})
            roles.open("other-thing", {"allPipelines": {"authorized": True}})
            expect_users(place, roles, key, "none", [])
            expect_users(place, roles, key, "own", red)
            expect_users(place, roles, key, "[Blue/build, Red/build]", sorted([ids["Blue/build"], ids["Red/build"]]))
            expect_users(place, roles, key, "all", "all")
            check_equal(roles.users("other-thing"), "all", f"{key}: what nobody spoke of")
            found = [row["message"] for row in place.plan()["findings"] if row["kind"] == "open_to_pipelines"]
            check(len(found) == 1 and "other-thing" in found[0] and "red-thing" not in found[0], f"{key}: findings: {found}")


def test_pipelines_in_order():
    """Let in first, then closed; each read back."""
    with place_with("environments", PIPELINES.replace("{use}", "own")) as place:
        roles, ids = Roles(place, "environments"), pipelines_of(place)
        roles.open("red-thing", {"allPipelines": {"authorized": True}})
        place.clear_log()
        place.converge()
        bodies = [json.loads(row["body"]) for row in place.requests(kind="write", route="pipelinepermissions")]
        check_equal([sorted(body) for body in bodies], [["pipelines"], ["allPipelines", "pipelines"]], "what was sent")
        check_equal(sorted(row["id"] for row in bodies[0]["pipelines"]), sorted([ids["Red/build"], ids["Red/deploy"]]),
                    "who was let in")
        steps = [row["step"] for row in place.ledger() if row["record"] == "intent"]
        check_equal([(row["verb"], row["rank"], row["after"]) for row in steps if row["verb"] == "set_pipelines"],
                    [("set_pipelines", 3, "all, by themselves Red/build, Red/deploy"),
                     ("set_pipelines", 6, "Red/build, Red/deploy")], "what the ledger says")


def test_cost():
    """A pass without drift asks for nothing by the thing."""
    names = [f"thing-{i}" for i in range(60)]
    charter = CHARTER.replace("[red-thing]", json.dumps(names).replace("{", "{{"))
    with place_with("environments", charter, environments=["shared-thing", *names]) as place:
        place.converge()
        place.clear_log()
        place.expect(0, "plan")
        n = len(place.requests())
        check(n < 45, f"{n} requests for 60 environments in sync")
        per_thing = [row for row in place.requests() if "roleassignments" in row["url"]]
        check_equal(per_thing, [], "requests for roles of single things")


if __name__ == "__main__":
    main()
