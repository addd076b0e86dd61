# SPDX-License-Identifier: Apache-2.0
"""`charterd undo`: what a change took is there again, mask by mask; what others changed since stays."""
import json

from harness import Place, check, check_equal, main, wait_until
from test_apply import SEED, apply_all
from test_drift import WATCHED_CHARTER, hand
from test_roles import Roles, seed

TEAM = "[MLOps]\\Data Science A"


def in_order(**settings):
    place = Place(seed=SEED, charter=WATCHED_CHARTER, **settings)
    try:
        apply_all(place)
    except BaseException:
        place.close()
        raise
    return place


def history(place):
    return json.loads(place.expect(0, "history", "-o", "json").stdout)


def only_change(place, known, **wanted):
    """The one change since whose step is so."""
    found = [row for row in history(place) if row["change_id"] not in known and
             all(row["step"].get(key) == value for key, value in wanted.items())]
    check_equal(len(found), 1, f"changes like {wanted}: {found}")
    return found[0]


def known(place):
    return {row["change_id"] for row in history(place)}


def plan_of_undo(place, change_id, exit_code=2):
    return json.loads(place.expect(exit_code, "undo", change_id, "-o", "json").stdout)


def redone(plan):
    return [finding for finding in plan["findings"] if finding["kind"] == "redo"]


def test_removed_entry():
    """An entry given by hand, with a Deny, that the next pass takes: its Allow is put back beside its Deny."""
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a",
                     "allow": ["Read", "Contribute"], "deny": ["ForcePush"]})
        given = place.snapshot()
        place.expect(0, "apply")
        taken = place.snapshot()
        check(taken != given, "nothing was taken")
        change = only_change(place, before, principal="omar@contoso.com")
        place.clear_log()
        plan = plan_of_undo(place, change["change_id"])
        check_equal([row for row in place.requests(kind="write")], [], "writes of an undo that is only shown")
        check_equal(len(plan["steps"]), 1, "steps of the undo")
        check_equal(plan["steps"][0]["why"], f"undo of {change['change_id']}", "why")
        check_equal(len(redone(plan)), 1, "the charter redoes it")
        check(f"{place.charter_path}:" in redone(plan)[0]["message"], f"no line of the charter: {redone(plan)}")
        done = place.expect(0, "undo", change["change_id"], "--yes")
        check("1 step done" in done.stdout and "will redo this" in done.stdout, done.stdout)
        check_equal(place.snapshot(), given, "the entry as it was")
        undone = only_change(place, before | {change["change_id"]}, principal="omar@contoso.com")
        check_equal(undone["undo"], change["change_id"], "what history says of it")
        check_equal(undone["result"], "done", "its result")
        # As it was said, and an undo of the undo is one, too.
        check_equal(place.expect(0, "undo", change["change_id"], "--yes").stdout.count("nothing is left to undo"), 1,
                    "undone twice")
        place.expect(0, "undo", undone["change_id"], "--yes")
        check_equal(place.snapshot(), taken, "the entry as the charter wants it")
        place.expect(0, "plan")


def test_whole_entry_of_somebody_else():
    """The last thing that named a person: who it was is found again by the storage key."""
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "grant", "principal": "zoe@contoso.com", "kind": "area", "name": "Data Science B",
                     "allow": ["WORK_ITEM_READ"]})
        given = place.snapshot()
        place.expect(0, "apply")
        change = only_change(place, before, principal="zoe@contoso.com")
        check_equal(change["step"]["verb"], "remove_entry", "what the pass did")
        place.expect(0, "undo", change["change_id"], "--yes")
        check_equal(place.snapshot(), given, "the entry as it was")


def test_membership():
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "add_member", "member": "zoe@contoso.com", "group": TEAM})
        given = place.snapshot()
        place.expect(0, "apply")
        taken = place.snapshot()
        change = only_change(place, before, principal="zoe@contoso.com", verb="remove_member")
        check_equal(len(redone(plan_of_undo(place, change["change_id"]))), 1, "the charter redoes it")
        place.expect(0, "undo", change["change_id"], "--yes")
        check_equal(place.snapshot(), given, "the membership as it was")
        undone = only_change(place, before, principal="zoe@contoso.com", verb="add_member")
        place.expect(0, "undo", undone["change_id"], "--yes")
        check_equal(place.snapshot(), taken, "the membership as the charter wants it")


def test_inherit_held():
    """The switch that charterd's own rights hang on: held, and let go by the plan id."""
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "set_inherit", "kind": "repository", "name": "operations", "inherit": False})
        given = place.snapshot()
        place.expect(0, "apply")
        in_force = place.snapshot()
        change = only_change(place, before, verb="set_inherit")
        plan = plan_of_undo(place, change["change_id"], 3)
        check_equal([step["brake"] for step in plan["held"]], ["own_rights"], "brakes")
        done = place.expect(3, "undo", change["change_id"], "--yes")
        let_go = f"charterd undo {change['change_id']} --yes --release {plan['plan_id']}"
        check(let_go in done.stdout, f"how it is let go: {done.stdout}")
        place.expect(64, "undo", change["change_id"], "--yes", "--release", plan["plan_id"])
        place.expect(1, "undo", change["change_id"], "--yes", "--release", "0123456789ab", "--reason", "not this one")
        check_equal(place.snapshot(), in_force, "what was held")
        place.expect(0, "undo", change["change_id"], "--yes", "--release", plan["plan_id"], "--reason", "a test")
        check_equal(place.snapshot(), given, "the switch as it was")


EVERYTHING = """
charter: 1
organization: https://dev.azure.com/contoso
defaults: { unlisted_grants: remove, unlisted_members: remove, unlisted_areas: remove }
projects:
  Shop:
    teams:
      Red:
        members: [ben@contoso.com]
        admins: [ana@contoso.com]
        member_of: []
        owns:
          areas: [Red]
          repositories: [{ name: red, inherit: false }]
          environments: [{ name: red-thing, pipelines: own }]
          pipeline_folders: [Red]
        grants:
          - { at: { environments: own }, role: User }
          - { at: { environments: root }, role: Creator }
          - { at: { repositories: own }, same_as: Contributors }
          - { at: { repositories: root }, deny: [ForcePush] }
"""


def everything_else():
    """An organisation that has whatever that charter makes, and none of it as it wants it."""
    whole = seed("environments", repositories=["red"], areas=["Red", "Old"], permissions=[
        {"principal": "ana@contoso.com", "kind": "repository", "name": "red", "allow": ["Read"], "deny": ["ForcePush"]},
        {"principal": "[Shop]\\Blue", "kind": "repository", "name": "red", "allow": ["Read"]},
        {"principal": "[Shop]\\Red", "kind": "repository", "name": "red", "deny": ["Contribute"]}])
    whole["projects"][0]["teams"] = [
        {"name": "Red", "members": ["ana@contoso.com"], "admins": ["ben@contoso.com"], "contributors": True,
         "areas": ["Old", {"path": "Red", "children": False}]}, "Blue"]
    return whole


VERBS = ["add_member", "remove_member", "set_entry", "remove_entry", "set_inherit", "set_role", "remove_role", "set_areas",
         "set_admin", "remove_admin", "set_pipelines"]


def undo(place, row):
    answer = place.run("undo", row["change_id"], "--yes", "-o", "json")
    check(answer.stdout, f"undo of {row['step']}: exit {answer.returncode}, {answer.stderr[-2000:]}")
    if answer.returncode == 3:
        answer = place.run("undo", row["change_id"], "--yes", "--release", json.loads(answer.stdout)["plan_id"],
                           "--reason", "a test")
    check_equal(answer.returncode, 0, f"undo of {row['step']}: {answer.stdout}{answer.stderr[-2000:]}")
    return json.loads(answer.stdout)


def undo_everything(charter_then):
    """All that an application did, of every verb but one, undone from the last to the first: all is as it was."""
    with Place(seed=everything_else(), charter=EVERYTHING,
               limits={"requests_per_5_minutes": "none", "removals": "none"}) as place:
        roles = Roles(place, "environments")
        roles.open("red-thing", {"allPipelines": {"authorized": True}, "pipelines": []})
        before, users = place.snapshot(), roles.users("red-thing")
        apply_all(place)
        check(place.snapshot() != before and roles.users("red-thing") != users, "nothing was applied")
        done = history(place)
        check_equal(set(VERBS) - {row["step"]["verb"] for row in done}, set(), "verbs that are not among what was done")
        if charter_then:
            place.write_charter(charter_then)
        plans = [undo(place, row) for row in reversed(done)]
        check_equal(roles.users("red-thing"), users, "pipelines that may use it")
        place.check_snapshot(before)
        return plans


def test_everything():
    check(all(redone(plan) for plan in undo_everything(charter_then=None)), "something is not told to be redone")


def test_everything_that_is_governed_no_more():
    """The charter that did it says nothing of all that any more: whatever is not read for it is read for the undo."""
    plans = undo_everything(EVERYTHING[:EVERYTHING.index("    teams:")] + "    teams: { Red: {} }\n")
    check_equal([redone(plan) for plan in plans if redone(plan)], [], "what is told to be redone")


def test_changed_by_others_since():
    """Of what the change took, one permission was given again by hand, and others were added: they stay."""
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a",
                     "allow": ["Read", "Contribute"]})
        place.expect(0, "apply")
        change = only_change(place, before, principal="omar@contoso.com")
        hand(place, {"op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a",
                     "allow": ["CreateBranch"], "deny": ["Read"]})
        plan = plan_of_undo(place, change["change_id"])
        words = [(row["word"], row["before"], row["after"]) for step in plan["steps"] for row in step["permissions"]]
        check_equal(words, [("Contribute", "not set", "allow")], "what is put back")
        check(any("changed by others since" in finding["message"] for finding in plan["findings"]), f"{plan['findings']}")
        place.expect(0, "undo", change["change_id"], "--yes")
        rows = [row for row in place.snapshot()["permissions"]
                if row.get("principal") == "omar@contoso.com" and row.get("at") == "repository data-science-a"]
        check_equal([(row["allow"], row["deny"]) for row in rows], [(["GenericContribute", "CreateBranch"], ["GenericRead"])],
                    "the entry")


def test_creation():
    with in_order() as place:
        made = [row for row in history(place) if row["step"]["verb"] == "create" and row["step"]["kind"] == "repositories"]
        check(made, "no repository was made")
        snapshot = place.snapshot()
        done = place.expect(1, "undo", made[0]["change_id"], "--yes")
        check("charterd deletes nothing" in done.stdout, done.stdout)
        check_equal(place.snapshot(), snapshot, "the organisation")


def states(place):
    """What the daemon says of its own passes."""
    return [{key: organization[key] for key in ("url", "mode", "state", "held", "findings", "last_pass")}
            for organization in place.status()["organizations"]]


def taken_from_omar(place):
    """What a pass took that was given by hand: its change, the organisation before and after."""
    before = known(place)
    hand(place, {"op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a",
                 "allow": ["Read", "Contribute"]})
    given = place.snapshot()
    place.expect(0, "apply")
    return only_change(place, before, principal="omar@contoso.com"), given, place.snapshot()


def wait_until_idle(place):
    wait_until(lambda: any(row["record"] == "pass" and row.get("reason") == "interval" for row in place.ledger()), 60,
               "the first pass")


def test_beside_a_daemon():
    """It does it, and says of its own passes what it said before; the next one follows the charter."""
    with in_order() as place:
        change, given, in_force = taken_from_omar(place)
        place.start_daemon()
        wait_until_idle(place)
        said = states(place)
        place.expect(2, "undo", change["change_id"])
        check_equal(place.snapshot(), in_force, "what is only shown")
        done = place.expect(0, "undo", change["change_id"], "--yes")
        check("1 step done" in done.stdout and "will redo this" in done.stdout, done.stdout)
        check_equal(place.snapshot(), given, "the entry as it was")
        check_equal(states(place), said, "what the daemon says of its passes")
        done = place.expect(0, "undo", change["change_id"], "--yes", "-o", "json")
        check_equal(json.loads(done.stdout)["undo"], change["change_id"], "as JSON")
        done = place.expect(1, "undo", "0123", "--yes")
        check("the ledger has no change `0123`" in done.stdout + done.stderr, done.stdout + done.stderr)
        place.reconcile()
        wait_until(lambda: place.snapshot() == in_force, 60, "the charter in force again")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        place.expect(0, "history", "--verify")


def test_held_beside_a_daemon():
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "set_inherit", "kind": "repository", "name": "operations", "inherit": False})
        given = place.snapshot()
        place.expect(0, "apply")
        change = only_change(place, before, verb="set_inherit")
        place.start_daemon()
        wait_until_idle(place)
        plan_id = json.loads(place.expect(3, "undo", change["change_id"], "--yes", "-o", "json").stdout)["plan_id"]
        done = place.expect(1, "undo", change["change_id"], "--yes", "--release", "0123456789ab", "--reason", "not this one")
        check("nothing is held under 0123456789ab" in done.stdout + done.stderr, done.stdout + done.stderr)
        place.expect(0, "undo", change["change_id"], "--yes", "--release", plan_id, "--reason", "a test")
        check_equal(place.snapshot(), given, "the switch as it was")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_killed():
    """The write arrived, its answer did not: the next pass reads what became of it, and follows the charter."""
    with in_order(limits={"requests_per_5_minutes": "none", "settle": "1s"}) as place:
        change, given, in_force = taken_from_omar(place)
        place.fault("held", on="write", count=1)
        process = place.start("undo", change["change_id"], "--yes")
        wait_until(lambda: place.simulator.control("GET", "faults")[0]["applied"] > 0, 60, "the write")
        wait_until(lambda: place.snapshot() == given, 60, "the write arrived")
        process.kill()
        place.finish(process)
        place.clear_faults()
        undone = only_change(place, {change["change_id"]}, principal="omar@contoso.com", cause=f"undo of {change['change_id']}")
        check_equal(undone["result"], None, "its result before the next pass")
        done = place.expect(1, "undo", undone["change_id"], "--yes")
        check("still open" in done.stderr, done.stderr)
        place.expect(0, "apply")
        undone = only_change(place, {change["change_id"]}, principal="omar@contoso.com", cause=f"undo of {change['change_id']}")
        check_equal(undone["result"], "done", "its result")
        check_equal(place.snapshot(), in_force, "the charter in force")


def test_not_where_nothing_is_written():
    """mode: observe, in the settings or in the charter, and a suspension."""
    with in_order() as place:
        change, _, in_force = taken_from_omar(place)
        suspend = "    suspend: { until: 2099-01-01, reason: a test }\n"
        for charter in ("    mode: observe\n", suspend):
            place.write_charter(WATCHED_CHARTER.replace("  MLOps:\n", "  MLOps:\n" + charter))
            plan = json.loads(place.expect(2, "undo", change["change_id"], "--yes", "-o", "json").stdout)
            check_equal(redone(plan), [], "what is not done is not redone")
            check_equal(place.snapshot(), in_force, f"with {charter}")
        place.write_charter(WATCHED_CHARTER)
        place.write_settings(mode="observe")
        place.expect(2, "undo", change["change_id"], "--yes")
        check_equal(place.snapshot(), in_force, "under mode: observe")


def test_not_redone():
    """What the charter says nothing of any more stays undone."""
    with in_order() as place:
        change, given, _ = taken_from_omar(place)
        place.write_charter(WATCHED_CHARTER.replace("unlisted_grants: remove", "unlisted_grants: ignore"))
        done = place.expect(0, "undo", change["change_id"], "--yes")
        check("redo" not in done.stdout, done.stdout)
        place.expect(0, "apply")
        check_equal(place.snapshot(), given, "the entry as it was")


def test_somebody_who_left():
    """Who is not in the organisation any more is not brought back."""
    with in_order() as place:
        before = known(place)
        hand(place, {"op": "add_member", "member": "zoe@contoso.com", "group": TEAM})
        place.expect(0, "apply")
        change = only_change(place, before, principal="zoe@contoso.com", verb="remove_member")
        hand(place, {"op": "remove_person", "user": "zoe@contoso.com"})
        snapshot = place.snapshot()
        done = place.expect(1, "undo", change["change_id"], "--yes")
        check("charterd brings nobody back" in done.stdout, done.stdout)
        check_equal(place.snapshot(), snapshot, "the organisation")


def test_project_that_left():
    with in_order() as place:
        change, _, _ = taken_from_omar(place)
        place.write_charter("charter: 1\norganization: https://dev.azure.com/contoso\nprojects: {}\n")
        done = place.expect(1, "undo", change["change_id"], "--yes")
        check("which the charter does not have any more" in done.stderr, done.stderr)


def test_wrong_ids():
    with in_order() as place:
        done = place.expect(1, "undo", "0123", "--yes")
        check("the ledger has no change `0123`" in done.stderr, done.stderr)
        first = history(place)[0]["change_id"]
        done = place.expect(1, "undo", first[:11])
        check("write more of it" in done.stderr, done.stderr)
        place.expect(64, "undo")
        place.expect(64, "undo", first, "--release", "x", "--reason", "y")


if __name__ == "__main__":
    main()
