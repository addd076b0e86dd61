# SPDX-License-Identifier: Apache-2.0
"""What the charter's words do over time: suspended, renamed, retired, released, excepted; a folder of files."""
from harness import Place, check, check_equal, main

HEAD = "charter: 1\norganization: https://dev.azure.com/contoso\n"
SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True},
               {"user": "ana@contoso.com", "pat": "ana"}, {"user": "ben@contoso.com", "pat": "ben"},
               {"user": "cleo@contoso.com", "pat": "cleo"}],
    "projects": [{"name": "Shop"}],
}
NO_BRAKE = {"requests_per_5_minutes": "none", "removals": "none"}


def team(text, more=""):
    return f"{HEAD}defaults: {{ unlisted_grants: remove, unlisted_members: remove }}\nprojects:\n  Shop:\n{more}    teams:\n{text}"


def writes(place):
    return [row for row in place.requests(kind="write")]


def findings(place, kind):
    return [finding["message"] for finding in place.plan()["findings"] if finding["kind"] == kind]


def entries(place, principal):
    return [row for row in place.snapshot()["permissions"] if row.get("principal") == principal]


RED = "      Red: { members: [ana@contoso.com], owns: { repositories: [red], areas: [Red] }, grants: [{ at: own, same_as: Contributors }] }\n"
BLUE = "      Blue: { members: [ben@contoso.com], owns: { repositories: [blue] }, grants: [{ at: own, same_as: Contributors }] }\n"


def test_suspended():
    suspended = RED.replace("{ members", "{ suspend: { until: 2999-12-31, reason: the audit is under way }, members", 1)
    with Place(seed=SEED, charter=team(suspended), limits=NO_BRAKE) as place:
        done = place.expect(2, "apply")
        check("the audit is under way" in done.stdout, f"the reason is not told: {done.stdout}")
        check_equal(writes(place), [], "writes in a suspended scope")
        check_equal({step["suspended_until"] for step in place.plan()["steps"]}, {"2999-12-31"}, "steps")
        # The rest of the project goes on.
        place.write_charter(team(suspended + BLUE))
        place.expect(2, "apply")
        check(entries(place, "[Shop]\\Blue"), "the team beside was not served")
        check_equal(entries(place, "[Shop]\\Red"), [], "entries of the suspended team")
        # Drift on what is suspended is found and left.
        place.write_charter(team(RED + BLUE))
        place.expect(0, "apply")
        place.write_charter(team(suspended + BLUE))
        place.expect(0, "apply")
        place.hand({"op": "grant", "principal": "cleo@contoso.com", "kind": "repository", "project": "Shop",
                    "name": "red", "allow": ["Read"]})
        place.clear_log()
        place.expect(2, "apply")
        check_equal(writes(place), [], "writes on what the suspended team owns")
        # Over at midnight of its day.
        place.write_charter(team(suspended.replace("2999-12-31", "2020-01-01") + BLUE))
        place.expect(0, "apply")
        check_equal(entries(place, "cleo@contoso.com"), [], "the drift")
        check_equal(findings(place, "suspended"), [], "findings of a suspension that is over")


def test_renamed_in_the_charter():
    """`was`: nothing is made a second time, before the live rename and after it."""
    scarlet = (RED.replace("Red: {", "Scarlet: { was: Red,", 1)
               .replace("repositories: [red], areas: [Red]",
                        "repositories: [{ name: scarlet, was: red }], areas: [{ name: Scarlet, was: Red }]"))
    with Place(seed=SEED, charter=team(RED), limits=NO_BRAKE) as place:
        place.expect(0, "apply")
        before = place.snapshot()
        place.clear_log()
        place.write_charter(team(scarlet))
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes for a name")
        place.check_snapshot(before)
        check_equal(len(findings(place, "renamed")), 3, "renames still to be made")
        check_equal(findings(place, "released"), [], "released")
        # Governed under the name it has: drift is repaired, the areas of the team too.
        place.hand({"op": "grant", "principal": "cleo@contoso.com", "kind": "repository", "project": "Shop",
                    "name": "red", "allow": ["Read"]},
                   {"op": "remove_member", "member": "ana@contoso.com", "group": "[Shop]\\Red"},
                   {"op": "set_team_areas", "project": "Shop", "team": "Red", "areas": ["/"]})
        place.expect(0, "apply")
        place.hand({"op": "rename_team", "project": "Shop", "name": "Red", "to": "Scarlet"},
                   {"op": "rename_repository", "project": "Shop", "name": "red", "to": "scarlet"})
        place.clear_log()
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes after the rename")
        check_equal(len(findings(place, "renamed")), 1, "renames still to be made: the area's")
        place.hand({"op": "rename_area", "project": "Shop", "name": "Red", "to": "Scarlet"})
        place.converge()
        check_equal(findings(place, "renamed"), [], "renames still to be made")
        check(not any("red" in row.values() for row in place.snapshot()["things"]), "the old repository is back")


def test_retired_then_released():
    with Place(seed=SEED, charter=team(RED + BLUE), limits=NO_BRAKE) as place:
        place.expect(0, "apply")
        place.hand({"op": "add_member", "member": "[Shop]\\Red", "group": "[Shop]\\Readers"})
        place.write_charter(team(RED.replace("{ members", "{ retired: true, members", 1) + BLUE))
        place.expect(0, "apply")
        check_equal(entries(place, "[Shop]\\Red"), [], "entries of the retired team")
        left = [row for row in place.snapshot()["memberships"] if "[Shop]\\Red" in (row["group"], row["member"])]
        check_equal(left, [], "memberships of the retired team")
        check("Red" in str(place.snapshot()["teams"]), "the team itself is gone")
        place.clear_log()
        place.expect(0, "apply")
        check_equal(writes(place), [], "writes when all is taken")
        # It leaves the charter without a word, for it has nothing; the other one leaves with what it has.
        place.write_charter(team("      {}\n"))
        place.expect(3, "apply")
        place.expect(0, "apply", "--release", place.plan()["plan_id"], "--reason", "on purpose")


def test_released_is_told_once():
    with Place(seed=SEED, charter=team(RED + BLUE), limits=NO_BRAKE) as place:
        place.expect(0, "apply")
        place.write_charter(team(RED))
        done = place.expect(0, "apply")
        told = [line for line in done.stdout.splitlines() if "released" in line]
        check_equal(len(told), 2, f"what has left: {done.stdout}")
        check(any("keeps its entries at repository blue" in line for line in told), f"its rights: {told}")
        check_equal(findings(place, "released"), [], "told a second time")
        check(entries(place, "[Shop]\\Blue"), "what left the charter was taken away")


def test_excepted():
    more = "    except: [\"*@contoso.com\"]\n"
    grant = {"op": "grant", "kind": "repository", "project": "Shop", "name": "red", "allow": ["Read"]}
    with Place(seed=SEED, charter=team(RED, more), limits=NO_BRAKE) as place:
        place.expect(0, "apply")
        place.hand({**grant, "principal": "cleo@contoso.com"}, {**grant, "principal": "[Shop]\\Readers"},
                   {"op": "add_member", "member": "ben@contoso.com", "group": "[Shop]\\Red"})
        place.expect(0, "apply")
        check_equal(len(entries(place, "cleo@contoso.com")), 1, "the excepted person's entry")
        check_equal([row for row in entries(place, "[Shop]\\Readers") if row.get("repository") == "red"], [],
                    "the entry of whoever is not excepted")
        place.write_charter(team(RED))
        place.expect(0, "apply")
        check_equal(entries(place, "cleo@contoso.com"), [], "the entry once nobody is excepted")
        check(not any(row["member"] == "ben@contoso.com" for row in place.snapshot()["memberships"]
                      if row["group"] == "[Shop]\\Red"), "the member once nobody is excepted")


def test_folder():
    """One charter in many files, assertions beside the projects in a file of their own."""
    files = {
        "00-organization.yaml": HEAD + "defaults: { unlisted_grants: remove }\n",
        "kits.yaml": "charter: 1\nkits:\n  plain: { grants: [{ at: own, same_as: Contributors }] }\n"
                     "  reader: { grants: [{ at: { repositories: [\"{of}\"] }, allow: [Read] }] }\n",
        "red.yaml": "charter: 1\nprojects:\n  Shop:\n    teams:\n      Red: { kit: plain, member_of: [], owns: { repositories: [red] } }\n",
        "blue.yaml": "charter: 1\nprojects:\n  Shop:\n    teams:\n      Blue: { member_of: [], kit: [plain, { name: reader, with: { of: red } }], "
                     "owns: { repositories: [blue] } }\n",
        "asserts.yaml": "charter: 1\nasserts:\n  - { project: Shop, team: Blue, can: Read, at: { repositories: { owned_by: Red } } }\n"
                        "  - { project: Shop, team: Red, cannot: Read, at: { repositories: [blue] } }\n",
    }
    with Place(seed=SEED, limits=NO_BRAKE) as place:
        place.charter_path = place.folder / "charter.d"
        place.charter_path.mkdir()
        for name, text in files.items():
            (place.charter_path / name).write_text(text.replace("https://dev.azure.com/contoso", place.url))
        place.write_settings()
        place.expect(0, "check")
        place.expect(0, "apply")
        place.expect(0, "plan", "--strict")
        place.hand({"op": "grant", "principal": "[Shop]\\Red", "kind": "repositories", "project": "Shop", "allow": ["Read"]})
        plan = place.plan()
        check_equal(len([row for row in plan["findings"] if row["kind"] == "assertion"]), 1, "broken assertions")


if __name__ == "__main__":
    main()
