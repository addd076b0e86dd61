# SPDX-License-Identifier: Apache-2.0
"""What a plan says of who gains and loses is what the service's own evaluation says before and after it is applied."""
import demo
import matrix
from harness import Place, check, check_equal, main
from test_apply import CHARTER, SEED, apply_all

NO_LIMITS = {"requests_per_5_minutes": "none", "removals": "none", "settle": "1s"}
NAMED_MAX = 5  # names of a row
PEOPLE = [user for user in matrix.PEOPLE if user != "admin@contoso.com"]  # charterd is no one of them
# As a plan's `kind` and `root`, and as the simulator asks.
ROOTS = {"project": "project", "repositories": "repositories", "pipeline_folders": "pipeline folder", "areas": "area",
         "service_connections": "service connection"}
THINGS = {"repositories": "repository", "pipeline_folders": "pipeline folder", "areas": "area",
          "service_connections": "service connection"}
NAMESPACES = {"project": "52d39943-cb85-4d7f-8fa8-c6baac873819", "repositories": "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87",
              "pipeline_folders": "33344d9c-fc72-4d6f-aba5-fa317101a7e9", "areas": "83e28ad4-2d72-4ceb-97b0-c7726d5502c3",
              "service_connections": "49b48001-ca20-4adc-8111-5b60c903a50c"}
NAMES = {"repositories": ["MLOps", "operations", "sandbox", "data-science-a", "data-science-b"],
         "pipeline_folders": matrix.TEAMS, "areas": matrix.TEAMS, "service_connections": ["azure-production"]}
# What charterd does not want: entries of a person and of groups, one taken away, a member more, a member less. One who
# may do something by two ways loses nothing by losing one.
DEEDS = [
    {"op": "grant", "principal": "cleo@contoso.com", "kind": "repository", "name": "data-science-a",
     "allow": ["Read", "Contribute"]},
    {"op": "grant", "principal": "[MLOps]\\Data Science A", "kind": "pipeline folder", "name": "Operations",
     "allow": ["View builds"]},
    {"op": "grant", "principal": "[MLOps]\\Data Science A", "kind": "repository", "name": "operations", "allow": ["Read"]},
    {"op": "revoke", "principal": "[MLOps]\\Data Science A", "kind": "area", "name": "Data Science A",
     "permissions": ["View work items in this node"]},
    {"op": "add_member", "group": "[MLOps]\\Contributors", "member": "[MLOps]\\Data Science A"},
    {"op": "remove_member", "group": "[MLOps]\\Data Science A", "member": "ana@contoso.com"},
    {"op": "grant", "principal": "omar@contoso.com", "kind": "repository", "name": "data-science-a", "allow": ["Read"]},
]


def places():
    for kind, word in ROOTS.items():
        yield (kind, None), {"kind": word}
    for kind, names in NAMES.items():
        for name in names:
            yield (kind, name), {"kind": THINGS[kind], "name": name}


def words_of(place):
    """By kind what people call the service's permissions."""
    answer = demo.service(place, "admin", "GET", "_apis/securitynamespaces?api-version=7.1")
    actions = {row["namespaceId"]: row["actions"] for row in answer["value"]}
    return {kind: {row["name"]: row["displayName"] or row["name"] for row in actions[namespace]}
            for kind, namespace in NAMESPACES.items()}


def access(place, words):
    """By person and place what the simulator evaluates, in these words."""
    keys = [(user, key) for user in PEOPLE for key, _ in places()]
    questions = [{"principal": user, "project": "MLOps", **where} for user in PEOPLE for _, where in places()]
    answers = place.simulator.control("POST", "access", {"questions": questions})
    check_equal(len(answers), len(keys), "answers")
    return {key: {words[key[1][0]][name] for name in answer["allow"]} for key, answer in zip(keys, answers)}


def told(plan):
    """By person and place what the plan says they gain and lose, and what is not known of them there."""
    out = {}
    for row in plan["people"]:
        check(max(row["n_known"], row["n_things"]) <= NAMED_MAX and row["each"] == row["n_things"], f"too much: {row}")
        for user in row["known"]:
            for name in row["things"]:
                said = out.setdefault((user, (row["kind"], None if row["root"] else name)), (set(), set(), set()))
                said[{"gain": 0, "lose": 1, "lose_all": 1}.get(row["verb"], 2)].update(row["permissions"])
    return out


def check_told(what, plan, before, after):
    """What differs at a kind's root and comes down to its things need not be told of each."""
    said, n_told = told(plan), 0
    for (user, (kind, name)), had in before.items():
        has = after[user, (kind, name)]
        gains, loses, unknown = said.get((user, (kind, name)), (set(), set(), set()))
        if gains or loses:
            check_equal((gains, loses), (has - had - unknown, had - has - unknown),
                        f"{what}: what {user} gains and loses at {kind} {name}")
            n_told += 1
        elif (has ^ had) - unknown:
            root = before[user, (kind, None)] ^ after[user, (kind, None)]
            check(name and has ^ had <= root, f"{what}: {user} has {has} of {had} at {kind} {name}; nothing is told")
    return n_told


def test_what_is_told_comes_true():
    with Place(seed=SEED, charter=CHARTER, limits=NO_LIMITS) as place:
        apply_all(place)
        words = words_of(place)
        for deed in DEEDS:
            place.hand({"project": "MLOps", **deed})
            before, plan = access(place, words), place.plan()
            check("token" not in "".join(row["sentence"] for row in plan["people"]), f"a place has no name: {plan['people']}")
            check(plan["steps"] or plan["held"], f"{deed} is nothing to charterd")
            apply_all(place)
            n_told = check_told(deed, plan, before, access(place, words))
            check_equal(n_told > 0, deed is not DEEDS[-1], f"{deed}: somebody is told of: {plan['people']}")


if __name__ == "__main__":
    main()
