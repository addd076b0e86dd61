# SPDX-License-Identifier: Apache-2.0
"""People who get another name or another tenant while lists keep the descriptor from before, or who go: charterd sees one
principal in them all, and what is left of the last."""
from harness import Place, check, check_equal, main
from test_apply import CHARTER, SEED, apply_all

ANA, ANNA = "ana@contoso.com", "anna@contoso.com"
TENANT = "0b9ff614-8b2c-4a0e-9d6f-5a6b7c8d9e0f"
NO_LIMITS = {"requests_per_5_minutes": "none", "removals": "none"}


def hand(place, **change):
    place.simulator.control("POST", "hand", {"as": "admin@contoso.com", **change})


def give(place):
    """An entry by hand on what a team owns, which the charter takes away."""
    hand(place, op="grant", project="MLOps", principal=ANA, kind="repository", name="operations", allow=["Read"])


def entries_of(place, user):
    return [row for row in place.snapshot()["permissions"] if row.get("principal") == user and row["project"] == "MLOps"]


def check_in_sync(place, what):
    place.expect(0, "plan")
    check_equal(place.plan()["steps"], [], what)


def test_renamed():
    with Place(seed=SEED, charter=CHARTER, limits=NO_LIMITS) as place:
        apply_all(place)
        check_in_sync(place, "after the first application")
        give(place)
        hand(place, op="rename_person", user=ANA, to=ANNA)
        check(entries_of(place, ANNA), "the hand gave nothing")
        place.write_charter(CHARTER.replace(ANA, ANNA))
        apply_all(place)
        check_in_sync(place, "under the new name")
        check_equal(entries_of(place, ANNA), [], "entries under the former descriptor")
        check({"group": "[MLOps]\\Data Science A", "member": ANNA} in place.snapshot()["memberships"], "she is a member still")


def test_moved_tenant():
    with Place(seed=SEED, charter=CHARTER, limits=NO_LIMITS) as place:
        apply_all(place)
        before = place.snapshot()
        hand(place, op="move_tenant", tenant=TENANT)
        check_in_sync(place, "in another tenant")
        check_equal(place.snapshot(), before, "the organisation in another tenant")
        give(place)
        apply_all(place)
        check_equal(place.snapshot(), before, "the organisation after a repair there")


def test_gone():
    with Place(seed=SEED, charter=CHARTER, limits=NO_LIMITS) as place:
        apply_all(place)
        hand(place, op="grant", project="MLOps", principal="omar@contoso.com", kind="repository", name="operations",
             allow=["Read"])
        hand(place, op="remove_person", user="omar@contoso.com")
        left = entries_of(place, "omar@contoso.com")
        check(left, "the hand gave nothing")
        apply_all(place)
        check_in_sync(place, "with somebody gone")
        check_equal(entries_of(place, "omar@contoso.com"), left, "the entries of who is gone")
        told = [row["message"] for row in place.plan()["findings"] if row["kind"] == "identity"]
        check(len(told) == 1 and "repository operations" in told[0] and "omar@contoso.com" in told[0], f"told: {told}")


if __name__ == "__main__":
    main()
