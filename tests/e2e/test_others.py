# SPDX-License-Identifier: Apache-2.0
"""Other people's permissions: what the charter does not say is left as it is."""
import random
import threading

from harness import Place, check, check_equal, main, patience, wait_until

N_ROUNDS = 100
PAUSE_SECONDS = 0.02  # between two changes by hand, at most
PERSONS = [f"h{i}@contoso.com" for i in range(40)]
WORDS = ["GenericRead", "GenericContribute", "CreateBranch", "ForcePush", "CreateTag"]

SEED = {
    "organization": "contoso",
    "people": [{"user": "admin@contoso.com", "pat": "admin", "administrator": True}] +
              [{"user": user} for user in ("ana@contoso.com", "ben@contoso.com", "cleo@contoso.com", *PERSONS)],
    "projects": [{
        "name": "MLOps", "creator": "ben@contoso.com",
        "groups": [{"name": "Auditors", "members": ["cleo@contoso.com"]},
                   {"name": "Readers", "members": ["Auditors"]}],
        "teams": [{"name": "Named", "members": ["ana@contoso.com"], "contributors": True,
                   "admins": ["ana@contoso.com"]},
                  {"name": "Bystander", "members": ["ben@contoso.com"], "contributors": True},
                  {"name": "Walled"}],
        "areas": ["Shared/Deep"], "folders": ["Shared"],
        "repositories": [{"name": "shared", "branches": ["main"], "creator": "ben@contoso.com"}, "walled"],
        "pipelines": [{"name": "nightly", "folder": "Shared", "repository": "shared"}],
        "permissions": [
            {"principal": principal, **place}
            for principal in ("Named", "Bystander", "Auditors", "cleo@contoso.com")
            for place in (
                {"kind": "project", "name": "MLOps", "allow": ["GENERIC_READ", "DELETE"], "deny": ["RENAME"]},
                {"kind": "repositories", "allow": ["GenericRead", "ForcePush"], "deny": ["CreateTag"]},
                {"kind": "repository", "name": "shared", "allow": ["GenericRead"], "deny": ["PolicyExempt"]},
                {"kind": "repository", "name": "shared", "branch": "main", "allow": ["ForcePush"]},
                {"kind": "pipeline folder", "allow": ["ViewBuilds"], "deny": ["QueueBuilds"]},
                {"kind": "pipeline folder", "name": "Shared", "allow": ["ViewBuilds", "QueueBuilds"]},
                {"kind": "pipeline", "name": "nightly", "allow": ["DeleteBuilds"]},
                {"kind": "area", "allow": ["GENERIC_READ", "WORK_ITEM_READ"]},
                {"kind": "area", "name": "Shared/Deep", "allow": ["WORK_ITEM_WRITE"], "deny": ["DELETE"]},
            )
        ] + [
            # charterd's own rights hold without what is inherited.
            {"principal": "[contoso]\\Project Collection Administrators", "kind": "repository", "name": "walled",
             "allow": ["GenericRead", "GenericContribute", "ManagePermissions"]},
        ],
    }],
}

HEAD = """
charter: 1
organization: https://dev.azure.com/contoso
"""
EVERYTHING_REMOVED = "defaults: { unlisted_grants: remove, unlisted_members: remove, below: remove, " \
                     "unlisted_areas: remove }\n"


def new_place(charter):
    return Place(seed=SEED, charter=HEAD + charter,
                 limits={"requests_per_5_minutes": "none", "removals": "none", "settle": "1s"})


def changed(before, after, section):
    """Rows that are only before, rows that are only after."""
    return ([row for row in before[section] if row not in after[section]],
            [row for row in after[section] if row not in before[section]])


def test_naming_a_team_only_to_set_its_members():
    with new_place(EVERYTHING_REMOVED + """
projects:
  MLOps:
    teams:
      Named: { members: [cleo@contoso.com, "h1@contoso.com"] }
""") as place:
        before = place.snapshot()
        place.expect(0, "apply")
        after = place.snapshot()
        check_equal(changed(before, after, "permissions"), ([], []), "the changed permissions")
        gone, new = changed(before, after, "memberships")
        check_equal(gone, [{"group": "[MLOps]\\Named", "member": "ana@contoso.com"}], "the members taken out")
        check_equal(sorted(row["member"] for row in new), ["cleo@contoso.com", "h1@contoso.com"], "the members added")
        check_equal({row["group"] for row in new}, {"[MLOps]\\Named"}, "whose members they are")
        for section in ("teams", "things", "people"):
            check_equal(changed(before, after, section), ([], []), f"the changed {section}")


RULES = {
    "the project": ("{ at: project, allow: [View project-level information, Edit project-level information] }",
                    {"project"}),
    "a root": ("{ at: { repositories: root }, allow: [Read], deny: [ForcePush] }", {"repositories"}),
    "what is only mentioned": ("{ at: { repositories: [shared] }, allow: [Contribute] }", {"repository shared"}),
    "the same as a group": ("{ at: { pipeline_folders: root }, same_as: Readers }", {"pipeline folder \\"}),
}


def test_a_rule_changes_nobody_elses_entries():
    for name, (rule, _) in RULES.items():
        with new_place(EVERYTHING_REMOVED + f"""
projects:
  MLOps:
    teams:
      Named: {{ grants: [{rule}] }}
""") as place:
            before = place.snapshot()
            place.expect(0, "apply")
            after = place.snapshot()
            gone, new = changed(before, after, "permissions")
            check(new, f"{name}: nothing was given")
            check_equal({row["principal"] for row in gone + new}, {"[MLOps]\\Named"}, f"{name}: whose entries changed")
            for section in ("memberships", "teams", "things", "people"):
                check_equal(changed(before, after, section), ([], []), f"{name}: the changed {section}")


# --- entries that change while inheritance is switched ------------------------------------------------------------------

AT_WALLED = {"project": "MLOps", "kind": "repository", "name": "walled"}


class Hands:
    """Somebody who grants and revokes at one repository without a pause, each person once, and knows what it comes to."""

    def __init__(self, place, seed):
        self.place = place
        self.random = random.Random(seed)
        self.wanted = {}   # person -> words
        self.seen = {}     # person -> number of the last request before the change; one change a person
        self.n_changes = 0
        self.unchanged = self.random.sample(PERSONS, len(PERSONS))
        granted = [{"op": "grant", "principal": person, "allow": ["GenericRead"], **AT_WALLED} for person in PERSONS[::2]]
        seen = place.hand(*granted)
        for person in PERSONS[::2]:
            self.wanted[person], self.seen[person] = {"GenericRead"}, seen
        self.stopping = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        try:
            while self.unchanged and not self.stopping.is_set():
                self.change_one(self.unchanged.pop())
                self.stopping.wait(self.random.random() * PAUSE_SECONDS)
        except Exception as error:
            self.error = error

    def change_one(self, person):
        at = {"principal": person, **AT_WALLED}
        if person in self.wanted and self.random.random() < 0.5:
            self.seen[person] = self.place.hand({"op": "revoke", **at})
            del self.wanted[person]
        else:
            words = self.random.sample(WORDS, self.random.randint(1, 3))
            self.seen[person] = self.place.hand({"op": "replace", **at, "allow": words})
            self.wanted[person] = set(words)
        self.n_changes += 1

    def stop(self):
        self.stopping.set()
        self.thread.join()
        if self.error:
            raise self.error


def entries_by_hand(place):
    return {row["principal"]: set(row.get("allow", [])) for row in place.snapshot(project="MLOps")["permissions"]
            if row["at"] == "repository walled" and row.get("principal") in PERSONS}


def repository_id(place):
    repositories = place.ask(f"{place.project_id('MLOps')}/_apis/git/repositories?api-version=7.1")["value"]
    return next(row["id"] for row in repositories if row["name"] == "walled")


def clear_by_hand(place):
    for person in entries_by_hand(place):
        place.hand({"op": "revoke", "principal": person, **AT_WALLED})


def charter_of_walled(inherit):
    return f"""
projects:
  MLOps:
    teams:
      Walled:
        owns: {{ repositories: [{{ name: walled, inherit: {inherit}, unlisted_grants: ignore }}] }}
"""


def lost_entries(place, hands):
    """Whose entry is not as it was left by hand: [(person, whether charterd could have known)]. A list can only be
    replaced whole: what is written by hand after charterd's last reading and before its request arrives leaves no
    trace that anybody could see."""
    got = entries_by_hand(place)
    rows = place.requests(route="accesscontrollists")
    posts = [row["seq"] for row in rows if row["method"] == "POST"]
    reads = [row["seq"] for row in rows if row["method"] == "GET" and place.repository_id in row["url"]]
    lost = []
    for person in sorted(set(got) | set(hands.wanted)):
        if got.get(person) == hands.wanted.get(person):
            continue
        post = min((seq for seq in posts if seq > hands.seen[person]), default=None)
        lost.append((person, post is None or any(hands.seen[person] < seq < post for seq in reads)))
    return lost


def check_read_before_switch(place):
    """The list is read by the very last request before it is replaced: how long nobody can see what others write is a
    matter of the machine, that nothing else is done meanwhile is not."""
    rows = sorted(place.requests(), key=lambda row: row["seq"])
    switches = [i for i, row in enumerate(rows) if row["method"] == "POST" and row["route"] == "accesscontrollists"]
    for i in switches:
        before = rows[i - 1]
        check(before["method"] == "GET" and before["route"] == "accesscontrollists" and place.repository_id in before["url"],
              f"right before a list was replaced: {before['method']} {before['url']}")
    return switches


def test_entries_made_while_inheritance_is_switched():
    n_switches = n_changes = n_blind = n_exit_1 = 0
    with new_place("projects: { MLOps: {} }") as place:
        place.repository_id = repository_id(place)
        for number in range(N_ROUNDS):
            place.write_charter(HEAD + charter_of_walled("false" if number % 2 == 0 else "true"))
            place.clear_log()
            hands = Hands(place, number)
            done = place.run("apply")
            hands.stop()
            check(done.returncode in (0, 1), f"exit {done.returncode}: {done.stdout}")
            n_exit_1 += done.returncode
            n_switches += len(check_read_before_switch(place))
            n_changes += hands.n_changes
            lost = lost_entries(place, hands)
            check_equal([person for person, was_seen in lost if was_seen], [], f"round {number}: what got lost")
            n_blind += len(lost)
            clear_by_hand(place)
            if number % 20 == 19:
                print(f"     {number + 1} rounds: {n_switches} switches, {n_changes} changes by hand meanwhile, "
                      f"{n_exit_1} times put off, {n_blind} between the last reading and the request", flush=True)
        place.expect(0, "apply")
    check(n_switches >= N_ROUNDS / 2, f"only {n_switches} switches in {N_ROUNDS} rounds")


def n_readings(place, since):
    return len([row for row in place.requests(route="accesscontrollists")
                if row["method"] == "GET" and row["seq"] > since and place.repository_id in row["url"]])


def test_entries_made_while_the_request_is_under_way():
    """The request takes its time: what others write meanwhile is undone by it, and restored."""
    with new_place(charter_of_walled("false")) as place:
        place.repository_id = repository_id(place)
        at = AT_WALLED
        stays, changes, goes, comes, visits = PERSONS[:5]
        for person in (stays, changes, goes):
            place.hand({"op": "grant", "principal": person, "allow": ["GenericRead"], **at})
        place.fault("late", route="accesscontrollists", on="write", ms=int(1500 * patience()), count=1)
        process = place.start("apply")
        first = wait_until(lambda: place.simulator.control("GET", "faults")[0]["applied"], 30, "the request")
        check_equal(first, 1, "requests that are late")
        seen = place.hand({"op": "grant", "principal": visits, "allow": ["CreateTag"], **at})
        wait_until(lambda: n_readings(place, seen), 30, "a reading of what was granted for a moment")
        seen = place.hand({"op": "revoke", "principal": visits, **at},
                          {"op": "grant", "principal": comes, "allow": ["CreateBranch"], **at},
                          {"op": "replace", "principal": changes, "allow": ["GenericContribute"], **at},
                          {"op": "revoke", "principal": goes, **at})
        done = place.finish(process)
        check_equal(done.returncode, 0, "exit code")
        writes = place.requests(kind="write")
        check_equal([row["method"] for row in writes if row["seq"] > seen and row["route"] == "accesscontrollists"],
                    ["POST"], "the request came after the changes by hand")
        check_equal(entries_by_hand(place), {stays: {"GenericRead"}, changes: {"GenericContribute"},
                                             comes: {"CreateBranch"}}, "the entries made by hand")
        check("restored" in done.stderr, "nothing is said of what was restored")


if __name__ == "__main__":
    main()
