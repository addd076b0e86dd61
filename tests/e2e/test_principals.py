# SPDX-License-Identifier: Apache-2.0
"""Who can be named in a charter: groups of the organisation, groups and service principals of Entra, administrators."""
from harness import Place, check, check_equal, main, wait_until
from test_language import HEAD, NO_BRAKE, findings, writes

PEOPLE, OTHERS = "7d0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a10", "5a0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a11"
UNMET = "6b0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a12"
KEEPER, RUNNER = "5b0f6a52-7c1d-4e5b-9a60-2d3c4b5a6f01", "5b0f6a52-7c1d-4e5b-9a60-2d3c4b5a6f02"
ODD = "o'brien+ado@contoso.com"  # as addresses may be
SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
               {"user": "ana@contoso.com", "pat": "ana"}, {"user": "ben@contoso.com", "pat": "ben"}, {"user": ODD}],
    "service_principals": [{"name": "keeper", "pat": "keeper", "object_id": KEEPER},
                           {"name": "runner", "pat": "runner", "object_id": RUNNER}],
    "entra_groups": [{"name": "people", "object_id": PEOPLE, "members": ["ben@contoso.com"]},
                     {"name": "others", "object_id": OTHERS}],
    "groups": [{"name": "Outsiders", "members": ["[TEAM FOUNDATION]\\others"]},
               {"name": "Old", "members": ["ben@contoso.com"]}],
    "projects": [{"name": "Shop"}],
}
MAY = {"organization": True}
GROUPS = """defaults: { unlisted_members: remove }
groups:
  Auditors:
    members: [ana@contoso.com, { group: Inner, of: organization }]
    member_of: []
    grants: [{ at: organization, allow: [View audit log] }]
  Inner: { members: [ben@contoso.com] }
  Old: { members: [] }
projects:
  Shop:
    teams:
      Red: { member_of: [{ group: Auditors, of: organization }], members: [] }
"""


def members(place, group):
    return sorted(row["member"] for row in place.snapshot()["memberships"] if row["group"] == group)


def test_an_address_with_punctuation():
    charter = HEAD + f'projects: {{ Shop: {{ teams: {{ Red: {{ members: ["{ODD}"], member_of: [] }} }} }} }}\n'
    with Place(seed=SEED, charter=charter, limits=NO_BRAKE) as place:
        place.expect(0, "check")
        place.expect(0, "apply")
        check_equal(members(place, "[Shop]\\Red"), [ODD], "members")
        place.expect(0, "plan")
        check(f'members: ["{ODD}"]' in place.expect(0, "export", "--url", place.url).stdout, "export cannot name it")


def test_groups_of_the_organisation():
    with Place(seed=SEED, charter=HEAD + GROUPS, limits=NO_BRAKE, may=MAY) as place:
        done = place.run("apply")
        check_equal(done.returncode, 0, f"apply: {done.stdout} {done.stderr[-2000:]}")
        check_equal(members(place, "[contoso]\\Auditors"), ["[Shop]\\Red", "[contoso]\\Inner", "ana@contoso.com"], "Auditors")
        check_equal(members(place, "[contoso]\\Inner"), ["ben@contoso.com"], "Inner")
        check_equal(members(place, "[contoso]\\Old"), [], "Old")
        check([row for row in place.snapshot()["permissions"] if row.get("principal") == "[contoso]\\Auditors"],
              "nothing at the organisation")
        place.clear_log()
        place.expect(0, "plan")
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes in sync")
        # Drift: a member beyond, a member less, a permission more.
        place.hand({"op": "add_member", "member": "ben@contoso.com", "group": "[contoso]\\Auditors"},
                   {"op": "remove_member", "member": "[Shop]\\Red", "group": "[contoso]\\Auditors"},
                   {"op": "grant", "principal": "[contoso]\\Auditors", "kind": "organization", "allow": ["GENERIC_WRITE"]})
        before = place.snapshot()
        place.expect(2, "plan")
        check_equal(place.snapshot(), before, "what a plan changed")
        place.expect(0, "apply")
        check_equal(members(place, "[contoso]\\Auditors"), ["[Shop]\\Red", "[contoso]\\Inner", "ana@contoso.com"], "Auditors")
        access = place.expect(0, "access").stdout
        check("Auditors" not in access and "Red" in access, f"the picture of projects: {access}")
        check("the organisation: add ana@contoso.com to [contoso]\\Auditors" in place.expect(0, "history").stdout, "history has no name for it")
        place.start_daemon()
        wait_until(lambda: place.status()["organizations"][0]["state"] == "in_sync", 20, "the daemon finds it in sync")
        check("the organisation: in sync" in place.run("status").stdout, "status has no name for it")
        place.stop_daemon()
        # One project alone: the groups are read with it and left as they are.
        place.expect(0, "plan", "--project", "Shop")
        # A group that is gone is not made again by itself.
        place.hand({"op": "delete_group", "name": "[contoso]\\Inner"})
        place.simulator.control("POST", "clock", {"on_ms": 120000})
        done = place.run("apply")
        check(done.returncode in (1, 3), f"a group that is gone: {done.returncode} {done.stdout}")
        check("[contoso]\\Inner" not in str(place.snapshot()["memberships"]), "it was made again")
        # Out of the charter: told once, with what it has.
        place.write_charter(HEAD + "projects:\n  Shop:\n    teams:\n      Red: { members: [] }\n")
        place.expect(3, "apply")


def test_out_of_reach():
    with Place(seed=SEED, charter=HEAD + GROUPS) as place:
        done = place.expect(1, "check")
        check("may: { organization: false }" in done.stderr, f"the reason: {done.stderr}")
        place.expect(1, "apply")
        check_equal(writes(place), [], "writes out of reach")


def charter(text):
    return f"{HEAD}defaults: {{ unlisted_members: remove }}\nprojects:\n  Shop:\n    teams:\n      Red: {text}\n"


def test_of_entra():
    named = charter(f"{{ members: [{{ entra_group: {PEOPLE} }}, {{ entra_group: others }}, {{ service_principal: {KEEPER} }}] }}")
    with Place(seed=SEED, charter=named, limits=NO_BRAKE) as place:
        done = place.run("apply")
        check_equal(done.returncode, 0, f"apply: {done.stdout} {done.stderr[-2000:]}")
        check_equal(members(place, "[Shop]\\Red"), ["[TEAM FOUNDATION]\\others", "[TEAM FOUNDATION]\\people", "keeper"], "Red")
        place.clear_log()
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes in sync")
        check("graph/serviceprincipals" not in str([row["route"] for row in place.requests()]), "listed though seen")
        place.hand({"op": "remove_member", "member": "keeper", "group": "[Shop]\\Red"},
                   {"op": "add_member", "member": "runner", "group": "[Shop]\\Red"})
        place.expect(0, "apply")
        check_equal(members(place, "[Shop]\\Red"), ["[TEAM FOUNDATION]\\others", "[TEAM FOUNDATION]\\people", "keeper"], "Red")
        # Nobody has met this one.
        place.write_charter(charter("{ members: [{ service_principal: 00000000-0000-4000-8000-000000000001 }] }"))
        place.expect(0, "apply")
        check_equal(len(findings(place, "missing")), 1, "findings of nobody")


def test_entra_cannot_be_read():
    """503 for whoever may not read the directory: said so, and done once it answers."""
    with Place(seed=SEED, charter=charter(f"{{ members: [{{ entra_group: {UNMET} }}] }}"), limits=NO_BRAKE) as place:
        place.fault("503", route="graph/groups", method="POST")
        done = place.run("apply")
        check_equal(done.returncode, 1, f"exit code: {done.stdout}")
        check("may not read the directory" in done.stderr, f"503 is not explained: {done.stderr[-3000:]}")
        place.clear_faults()
        place.expect(0, "apply")
        check_equal(len(members(place, "[Shop]\\Red")), 1, "Red")
        place.clear_log()
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes in sync")


def admins(place):
    return sorted(row["principal"] for row in place.snapshot()["permissions"]
                  if row["at"] == "team Red" and not row["principal"].startswith("["))


def test_administrators():
    text = charter("{ members: [], admins: [ana@contoso.com] }")
    with Place(seed=SEED, charter=text, limits=NO_BRAKE) as place:
        place.expect(0, "apply")
        check_equal(admins(place), ["ana@contoso.com"], "administrators")
        place.hand({"op": "add_admin", "project": "Shop", "team": "Red", "person": "ben@contoso.com"},
                   {"op": "remove_admin", "project": "Shop", "team": "Red", "person": "ana@contoso.com"})
        place.expect(2, "plan")
        place.expect(0, "apply")
        check_equal(admins(place), ["ana@contoso.com"], "administrators after drift")
        place.write_charter(text.replace("admins: [ana@contoso.com]", "admins: []"))
        place.expect(0, "apply")
        check_equal(admins(place), [], "administrators of none")


if __name__ == "__main__":
    main()
