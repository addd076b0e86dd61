# SPDX-License-Identifier: Apache-2.0
"""The article's charter in a collection of an Azure DevOps Server: one address with a virtual directory, no Graph, accounts
and groups of Active Directory."""
import json

from harness import FIXTURES, Place, check, check_equal, left_over, main
from test_apply import CHARTER, GOLDEN, SEED, apply_all, lines_of

AD_GROUP = "[TEAM FOUNDATION]\\Data Scientists B"  # as the fixture and the snapshot call it
SHOWN = "[CONTOSO]\\Data Scientists B"  # as the server does
# A server finds groups of Active Directory by name, among those that it has.
SERVER_CHARTER = CHARTER.replace("entra_group: 7d0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a10", f"entra_group: '{SHOWN}'")
CHARTER_OF_MEMBERS = SERVER_CHARTER.replace(
    "  unlisted_grants: remove ", "  unlisted_members: remove\n  unlisted_grants: remove ")
ONCE_IN_READERS = {"group": "[MLOps]\\Readers", "member": AD_GROUP}


def server_place(charter=SERVER_CHARTER, **settings):
    seed = json.loads(SEED.read_text())
    seed["projects"][0]["groups"] = [{"name": "Readers", "members": ["Data Scientists B"]}]
    return Place(seed=seed, charter=charter, arguments=["--server"], limits={"requests_per_5_minutes": "none"}, **settings)


def test_article():
    with server_place() as place:
        apply_all(place)
        text = lines_of(place.snapshot()).splitlines()
        golden = GOLDEN.read_text().splitlines()
        check_equal(left_over(golden, text), [], "what the service has and the server has not")
        check_equal(left_over(text, golden), [json.dumps(ONCE_IN_READERS, sort_keys=True)],
                    "what the server has and the service has not")
        place.clear_log()
        place.expect(0, "apply")
        check_equal([row for row in place.requests(kind="write")], [], "writes of an application in sync")
        check_equal([row for row in place.requests() if "/_apis/graph/" in row["url"].lower()], [], "requests to Graph")


def test_members():
    with server_place(CHARTER_OF_MEMBERS) as place:
        apply_all(place)
        wanted = place.snapshot()["memberships"]
        for change in ({"op": "remove_member", "member": "ben@contoso.com", "group": "[MLOps]\\Data Science A"},
                       {"op": "add_member", "member": "omar@contoso.com", "group": "[MLOps]\\Data Science A"}):
            place.simulator.control("POST", "hand", {"as": "admin@contoso.com", "project": "MLOps", **change})
            apply_all(place)
            check_equal(place.snapshot()["memberships"], wanted, f"members after {change['op']}")
        puts = [row for row in place.requests(kind="write") if row["route"] == "identities/members"]
        check(puts, "no membership was written through the identity service")


def test_what_it_cannot_make():
    charter = SERVER_CHARTER.replace("    asserts:", "    groups:\n      Reviewers: { members: [ana@contoso.com] }\n    asserts:", 1)
    with server_place(charter) as place:
        place.run("apply")
        told = [row["message"] for row in place.plan()["findings"] if "Reviewers" in row["message"]]
        check(told, "nothing is told of the group that cannot be made")
        check({"group": "[MLOps]\\Reviewers"} not in place.snapshot()["people"], "a group was made")


if __name__ == "__main__":
    main()
