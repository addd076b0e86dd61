# SPDX-License-Identifier: Apache-2.0
"""The article's charter applied to an untidy organisation: what is there in the end, and what was left alone."""
import json
import os

from harness import FIXTURES, ROOT, Place, check, check_equal, main

SEED = FIXTURES / "mlops.json"
CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
GOLDEN = FIXTURES / "mlops-applied.txt"
PROJECT = "aaaaaaaa-0000-4000-8000-000000000001"
# What LEAST RIGHTS of charterd-guide(7) says is enough: the place, as the simulator calls it, and the permissions.
LEAST_RIGHTS = [
    ({"kind": "projects"}, ["View project-level information"]),
    ({"kind": "all repositories"}, ["Read"]),
    ({"kind": "project"}, ["View project-level information", "Edit project-level information"]),
    ({"kind": "repositories"}, ["Read", "Manage permissions", "Create repository"]),
    ({"kind": "pipeline folder"}, ["View builds", "View build pipeline", "Administer build permissions"]),
    ({"kind": "area"}, ["View permissions for this node", "Edit this node", "Create child nodes"]),
    ({"kind": "iteration"}, ["View permissions for this node", "Edit this node", "Create child nodes"]),
    ({"kind": "query"}, ["Read", "Manage permissions"]),
    ({"namespace": "Identity", "token": PROJECT}, ["View identity information", "Manage group membership",
                                                   "Delete identity information"]),
    ({"kind": "service connection"}, ["View Service Connection", "Administer"]),
]
ORGANIZATION_KINDS = ["projects", "all repositories"]
# Whose entries at the roots of a project must stay as they were, mask by mask.
BUILT_IN = ["Contributors", "Readers", "Build Administrators", "Project Administrators", "Project Valid Users"]


def lines_of(snapshot):
    """One entry a line, as the simulator writes them."""
    out = []
    for section in ("memberships", "teams", "things", "permissions"):
        out.append(f"# {section}")
        out += [json.dumps(row, sort_keys=True) for row in snapshot[section]]
    return "\n".join(out) + "\n"


def root_entries(snapshot):
    """Entries of the built-in groups of the project, wherever they stand."""
    principals = {f"[MLOps]\\{name}" for name in BUILT_IN}
    return [row for row in snapshot["permissions"] if row.get("principal") in principals]


def apply_all(place):
    """Applies, releases what a brake holds, applies again; the plan ids released."""
    released = []
    done = place.run("apply")
    while done.returncode == 3 and len(released) < 3:
        plan_id = place.plan()["plan_id"]
        place.expect(0, "release", plan_id, "--reason", "the fixture is untidy on purpose")
        released.append(plan_id)
        done = place.run("apply")
    check_equal(done.returncode, 0, f"exit code of apply: {done.stdout}\n{done.stderr[-3000:]}")
    return released


def least_rights_seed():
    """The article's organisation with one more person, who has the least rights and no more."""
    seed = json.loads(SEED.read_text())
    entries = [{"principal": "keeper@contoso.com", "allow": allow, **where} for where, allow in LEAST_RIGHTS]
    seed["people"].append({"user": "keeper@contoso.com", "name": "Keeper", "pat": "keeper"})
    seed["projects"][0]["id"] = PROJECT
    seed["projects"][0]["permissions"] += [row for row in entries if row.get("kind") not in ORGANIZATION_KINDS]
    seed["permissions"] = [row for row in entries if row.get("kind") in ORGANIZATION_KINDS]
    return seed


def test_least_rights():
    guide = (ROOT / "packaging/man/charterd-guide.7.in").read_text()
    section = " ".join(guide.split(".Sh LEAST RIGHTS", 1)[1].split(".Sh FINDINGS", 1)[0].split())
    for _, allow in LEAST_RIGHTS:
        for word in allow:
            check(word in section, f"LEAST RIGHTS of charterd-guide(7) does not speak of {word}")
    with Place(seed=least_rights_seed(), charter=CHARTER, pat="keeper", limits={"removals": "none"}) as place:
        apply_all(place)
        place.expect(0, "plan")


def test_article():
    with Place(seed=SEED, charter=CHARTER) as place:
        before = root_entries(place.snapshot())
        check(before, "the fixture has no entries of built-in groups")
        released = apply_all(place)
        check_equal(len(released), 1, "brakes that tripped")
        after = place.snapshot()
        check_equal(root_entries(after), before, "entries of built-in groups")
        text = lines_of(after)
        if os.environ.get("UPDATE_GOLDEN"):
            GOLDEN.write_text(text)
        golden = GOLDEN.read_text()
        if text != golden:
            missing = sorted(set(golden.splitlines()) - set(text.splitlines()))
            surplus = sorted(set(text.splitlines()) - set(golden.splitlines()))
            raise AssertionError("the organisation is not as in " + str(GOLDEN) + "\nmissing:\n" +
                                 "\n".join(missing) + "\nsurplus:\n" + "\n".join(surplus))
        place.clear_log()
        plan = place.expect(0, "plan")
        check("in sync" in plan.stdout, f"plan does not say in sync: {plan.stdout}")
        writes = [row for row in place.requests(kind="write")]
        check_equal(writes, [], "writes of a plan in sync")
        place.expect(0, "apply")
        check_equal([row for row in place.requests(kind="write")], [], "writes of an application in sync")


def test_ledger_tells_all():
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        ledger = place.ledger()
        intents = {row["change_id"]: row for row in ledger if row["record"] == "intent"}
        outcomes = {row["change_id"]: row for row in ledger if row["record"] == "outcome"}
        check(intents, "no intents")
        check_equal(set(intents), set(outcomes), "intents and outcomes")
        for change, outcome in outcomes.items():
            check_equal(outcome["result"], "done", f"result of {intents[change]}")
        for intent in intents.values():
            for key in ("pass", "time", "organization", "project", "step"):
                check(key in intent, f"an intent lacks {key}: {intent}")
        place.expect(0, "history", "--verify")
        history = json.loads(place.expect(0, "history", "-o", "json").stdout)
        check_equal(len(history), len(intents), "changes in history")
        text = place.expect(0, "history", "--no-persons").stdout
        check("@contoso.com" not in text, f"--no-persons names persons: {text}")


def test_project_made():
    """A project that the charter makes, and all that follows once it is there."""
    charter = CHARTER.replace("  MLOps:\n", "  New Unit:\n    create_project: { process: Agile }\n")
    with Place(seed=SEED, charter=charter, arguments=["--option", "operation_polls=3"]) as place:
        plan = place.plan()
        check_equal(plan["steps"][0]["kind"], "project", "the first step")
        apply_all(place)
        place.expect(0, "plan")
        things = [row for row in place.snapshot()["things"] if row.get("project") == "New Unit"]
        for name in ("data-science-a", "data-science-b", "operations"):
            check_equal(len([row for row in things if row.get("repository") == name and len(row) == 2]), 1,
                        f"repositories {name}")


def test_observe_never_writes():
    with Place(seed=SEED, charter=CHARTER, mode="observe") as place:
        place.expect(3, "apply")  # the brake is held under observe too
        check_equal([row for row in place.requests(kind="write")], [], "writes under observe")


def test_branches_in_another_teams_repository():
    """What a member has there by making branches is told once, however many they are, and goes with the last."""
    def make(number):
        return {"op": "create_branch", "project": "MLOps", "name": "data-science-b", "branch": f"feature/{number}"}

    def told(place):
        plan = place.plan()
        check_equal(plan["steps"], [], "steps")
        return [finding["path"][-1] for finding in plan["findings"] if finding["kind"] == "member"]

    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        check_equal(told(place), [], "members' own ways before there are branches")
        place.hand(make(1), **{"as": "ana@contoso.com", "force": True})
        one = told(place)
        check_equal(len(one), 1, "members' own ways by one branch")
        place.hand(*[make(number) for number in range(2, 7)], **{"as": "ana@contoso.com", "force": True})
        check_equal(told(place), one, "members' own ways by six branches")
        place.hand(*[{"op": "revoke", "principal": "ana@contoso.com", "project": "MLOps", "kind": "repository",
                      "name": "data-science-b", "branch": f"feature/{number}"} for number in range(1, 6)])
        check_equal(len(told(place)), 1, "members' own ways by the branch that is left")


if __name__ == "__main__":
    main()
