# SPDX-License-Identifier: Apache-2.0
"""Access over time: what passes stored of who can do what, asked for later, and what changed for whom."""
import csv
import hashlib
import io
import json

from harness import Place, check, check_equal, held_by, main, wait_until
from test_apply import CHARTER, SEED, apply_all

LEAK = {"op": "add_member", "project": "MLOps", "member": "[MLOps]\\Data Science A", "group": "[MLOps]\\Contributors"}
OTHERS = ("repositories", "data-science-b")  # what Data Science A sees only by that
SECONDS = 60


def files_of(place):
    return sorted((place.folder / "state" / "access").glob("*/*/*.jsonl"))


def lines_of(place):
    return [json.loads(line) for path in files_of(place) for line in path.read_text().splitlines()]


def heads_of(place):
    """What heads each record, oldest first."""
    return [line for line in lines_of(place) if "access" in line]


def then(place, when, *arguments):
    """The stored matrix of that time."""
    return json.loads(place.expect(0, "access", "--when", when, "-o", "json", *arguments).stdout)


def answer(matrix, principal, thing, permission):
    found = [cell["live"] for cell in matrix["cells"]
             if (cell["principal"], cell["kind"], cell["name"], cell["permission"]) == (principal, *thing, permission)]
    check_equal(len(found), 1, f"cells of {principal} at {thing}: {permission}")
    return found[0]


def rows_of(matrix):
    """What is live, without what stored ones have not."""
    keys = ("project", "principal", "kind", "name", "owner", "permission", "live")
    return [[cell[key] for key in keys] for cell in matrix["cells"]]


def read_of_others(place, when):
    return answer(then(place, when), "Data Science A", OTHERS, "Read")


def changes_of(place, *arguments):
    return json.loads(place.expect(0, "access", "-o", "json", *arguments).stdout)["changes"]


def leak_and_repair(place):
    """Times of the records before, while and after Data Science A was in Contributors."""
    apply_all(place)
    before = heads_of(place)
    place.hand(LEAK)
    place.expect(0, "apply")
    new = heads_of(place)[len(before):]
    check_equal([head["access"] for head in new], ["changes", "changes"], "records of a leak that was repaired")
    return before[-1]["time"], new[0]["time"], new[1]["time"]


def test_leak():
    """Before, between and after; each pass that stored something is one of the ledger's."""
    with Place(seed=SEED, charter=CHARTER) as place:
        before, leak, after = leak_and_repair(place)
        place.clear_log()
        check_equal([read_of_others(place, when) for when in (before, leak, after, "0s")],
                    ["closed", "open", "closed", "closed"], "Read of Data Science A at data-science-b")
        matrix = then(place, leak)
        check_equal(matrix["stored"][0]["time"], leak, "when the matrix was stored")
        check_equal(matrix["stored"][0]["until"], after, "until when it was so")
        ends = [row["time"] for row in place.ledger() if row["record"] == "pass"]
        check_equal(then(place, "0s")["stored"][0]["confirmed"], ends[-1], "the last pass that saw it so")
        check_equal({cell["desired"] for cell in matrix["cells"]}, {None}, "what the charter wanted is not stored")
        changes = [change for change in changes_of(place, "--since", before)
                   if (change["principal"], change["kind"], change["name"]) == ("Data Science A", *OTHERS)]
        read = [change for change in changes if change["permission"] == "Read"]
        check_equal([(change["time"], change["before"], change["after"]) for change in read],
                    [(leak, "closed", "open"), (after, "open", "closed")], "changes of Read")
        check_equal(changes_of(place, "--since", before, "--when", before), [], "changes in no time")
        once = changes_of(place, "--since", before, "--when", leak)
        check_equal({change["time"] for change in once}, {leak}, "times of changes up to the leak")
        rows = list(csv.DictReader(io.StringIO(place.expect(0, "access", "--since", before, "-o", "csv").stdout)))
        check_equal([{**row, "before": row["before"] or None, "after": row["after"] or None} for row in rows],
                    changes_of(place, "--since", before), "changes as CSV")
        rows = list(csv.DictReader(io.StringIO(place.expect(0, "access", "--when", leak, "-o", "csv").stdout)))
        check_equal([row["live"] for row in rows], [cell["live"] for cell in matrix["cells"]], "the matrix as CSV")
        place.expect(64, "access", "--when", leak, "-o", "html")
        text = place.expect(0, "access", "--since", before, "--team", "Data Science A", "--at",
                            "repositories:data-science-b").stdout
        check("Data Science A at repository data-science-b: gained " in text, f"who gained: {text}")
        check("Data Science A at repository data-science-b: lost " in text, f"who lost: {text}")
        check_equal(place.requests(), [], "requests of questions about what is stored")
        passes = {row["pass"] for row in place.ledger() if row["record"] == "pass"}
        for head in heads_of(place):
            check(head["pass"] in passes, f"the ledger has no pass {head['pass']}")


def test_live_and_stored_agree():
    """Every permission of everybody everywhere is stored as it is live."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        live = json.loads(place.expect(0, "access", "-o", "json").stdout)
        stored = then(place, "0s")
        check_equal(rows_of(stored), rows_of(live), "the stored matrix")
        one = ("--team", "Data Science A", "--at", "repositories:data-science-a")
        live = json.loads(place.expect(0, "access", "-o", "json", *one).stdout)
        stored = then(place, "0s", *one)
        check_equal(rows_of(stored), rows_of(live), "the stored explanation")


def test_nothing_changed():
    """A pass that sees what is stored writes nothing, also after a restart."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        before = [(path.name, path.read_text()) for path in files_of(place)]
        place.expect(0, "apply")
        place.expect(0, "plan")
        check_equal([(path.name, path.read_text()) for path in files_of(place)], before, "files after quiet passes")


def test_left():
    """A project that is in the charter no more is not shown as it once was; of the time before it still is."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        before = heads_of(place)[-1]["time"]
        place.write_charter("charter: 1\norganization: https://dev.azure.com/contoso\nprojects: {}\n")
        done = place.run("apply")
        place.expect(0, "apply", "--release", held_by(done), "--reason", "it is meant")
        done = place.expect(1, "access", "--when", "0s")
        check("project MLOps is not in the charter since " in done.stderr, f"a project that left: {done.stderr}")
        check_equal(read_of_others(place, before), "closed", "while it was in the charter")


def test_no_answer():
    """Errors say what is stored instead."""
    with Place(seed=SEED, charter=CHARTER) as place:
        done = place.expect(1, "access", "--when", "2026-03-03")
        check("no access is stored in" in done.stderr, f"an empty state directory: {done.stderr}")
        apply_all(place)
        first = heads_of(place)[0]["time"]
        done = place.expect(1, "access", "--when", "2020-03-03")
        check(f"nothing is stored of 2020-03-03T00:00:00.000Z; the first pass that stored its access did so at {first}"
              in done.stderr, f"before the first record: {done.stderr}")
        check_equal(done.stdout, "", "what is printed of what is not stored")
        done = place.expect(0, "access", "--since", "2020-03-03")
        check("the first pass" in done.stderr, f"changes since before the first record: {done.stderr}")
        done = place.expect(1, "access", "--when", "0s", "--project", "Other")
        check("no access of a project `Other` is stored" in done.stderr, f"another project: {done.stderr}")
        place.expect(64, "access", "--when", "yesterday")
        place.expect(64, "access", "--since", "1h", "--when", "2h")
        place.expect(64, "access", "--when", "0s", "--team", "Nobody")


def test_daemon():
    """The daemon stores what it sees too, and what `apply` stored goes on in it."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        before = heads_of(place)
        place.start_daemon()
        place.hand(LEAK)
        place.reconcile()
        wait_until(lambda: len(heads_of(place)) >= len(before) + 2, SECONDS, "the leak and its end in access/")
        place.stop_daemon()
        leak, after = [head["time"] for head in heads_of(place)[len(before):]][:2]
        check_equal([read_of_others(place, when) for when in (before[-1]["time"], leak, after)],
                    ["closed", "open", "closed"], "Read of Data Science A at data-science-b")


def test_torn():
    """A crash in the middle of a record: what was before still answers, a note says what is lost, the next pass stores
    it anew in a file of its own."""
    with Place(seed=SEED, charter=CHARTER) as place:
        before, leak, _ = leak_and_repair(place)
        path = files_of(place)[-1]
        whole = path.read_text()
        for end in ("{\"lines\"", "{\"at\"", "{\"access\": \"changes\""):
            path.write_text(whole[:whole.rindex(end) + 5])
            check_equal(read_of_others(place, leak), "open", f"cut off at {end}")
            done = place.expect(0, "access", "--when", "0s")
            check("ends in the middle of a record" in done.stderr, f"a torn end is not told: {done.stderr}")
        n = len(files_of(place))
        place.expect(0, "apply")
        check_equal(len(files_of(place)), n + 1, "files after the next pass")
        check_equal([read_of_others(place, when) for when in (before, leak, "0s")], ["closed", "open", "closed"],
                    "Read of Data Science A at data-science-b")
        leftovers = path.parent / (path.name + ".new")
        leftovers.write_text("{")
        place.hand(LEAK)
        place.expect(0, "apply")
        check(not leftovers.exists(), "what a crash left half made is still there")


def test_damaged():
    """What was changed afterwards is refused with its place, up to the next file; before it is answered."""
    with Place(seed=SEED, charter=CHARTER) as place:
        before, leak, _ = leak_and_repair(place)
        path = files_of(place)[-1]
        text = path.read_text()
        lines = text.splitlines(keepends=True)
        heads = [n for n, line in enumerate(lines) if line.startswith('{"access"')]
        lines[heads[-2] + 1] = lines[heads[-2] + 1].replace('"exists": true', '"exists": false')
        path.write_text("".join(lines))
        done = place.expect(1, "access", "--when", leak)
        check(f"{path}:{heads[-1]}: " in done.stderr, f"where it is damaged: {done.stderr}")
        check_equal(done.stdout, "", "what is printed of what is damaged")
        if heads[-2] > 0:
            place.expect(1, "access", "--since", before)
        place.expect(0, "apply")
        check_equal(read_of_others(place, "0s"), "closed", "after the next pass")
        place.expect(1, "access", "--when", leak)


def forge(lines):
    """Of one record, what ends it as if it had been written so."""
    digest = ""
    for line in lines:
        digest = hashlib.sha256((digest + line).encode()).hexdigest()
    return json.dumps({"lines": len(lines) - 1, "digest": digest})


def test_forged():
    """What was altered so that it fits together is told by the ledger, which has its digest too."""
    with Place(seed=SEED, charter=CHARTER) as place:
        _, leak, _ = leak_and_repair(place)
        path = files_of(place)[-1]
        lines = path.read_text().splitlines()
        begin = max(n for n, line in enumerate(lines) if line.startswith('{"access"'))
        stored = [row for record in place.ledger() for row in record.get("access", ())]
        end = json.loads(lines[-1])
        check_equal(stored[-1], {"project": "MLOps", "digest": end["digest"]}, "what the ledger has of it")
        forged = [line.replace('["Data Science A", 0, 0]', '["Data Science A", 2, 0]') for line in lines[begin:-1]]
        check(forged != lines[begin:-1], "the record has nothing that could be forged")
        path.write_text("\n".join([*lines[:begin], *forged, forge(forged)]) + "\n")
        done = place.expect(1, "access", "--when", "0s")
        check("the ledger has another digest of it" in done.stderr, f"a forged record: {done.stderr}")
        check_equal(read_of_others(place, leak), "open", "before the forged record")


def test_old_state():
    """A state directory from before access was stored, and one that cannot take it."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        folder = place.folder / "state" / "access"
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
        place.expect(0, "apply")
        check_equal([head["access"] for head in heads_of(place)], ["whole"], "the first record")
        for path in files_of(place):
            path.unlink()
            path.parent.rmdir()
        organisation = next(folder.iterdir())
        organisation.rmdir()
        organisation.write_text("not a folder")
        done = place.expect(0, "apply")
        check("access over time could not be stored" in done.stderr, f"a folder that cannot be made: {done.stderr}")


def test_renamed():
    """A project and a team by other names: governed on by their ids, and found by either name."""
    with Place(seed=SEED, charter=CHARTER) as place:
        apply_all(place)
        first = heads_of(place)[-1]
        place.hand({"op": "rename_project", "name": "MLOps", "to": "Machines"})
        place.run("apply")
        check_equal({path.parent.name for path in files_of(place)}, {first["project_id"]}, "folders of projects")
        check_equal(answer(then(place, "0s", "--project", "MLOps"), "Data Science A", OTHERS, "Read"), "closed",
                    "by the charter's name")
        place.write_charter(CHARTER.replace("  MLOps:\n", "  Machines:\n"))
        place.run("apply")
        check_equal({path.parent.name for path in files_of(place)}, {first["project_id"]}, "folders of projects")
        check_equal({head["project"] for head in heads_of(place)}, {"MLOps", "Machines"}, "names over time")
        for name in ("MLOps", "Machines"):
            matrix = then(place, first["time"], "--project", name)
            check_equal(matrix["stored"][0]["project"], "MLOps", f"what {name} was called then")


if __name__ == "__main__":
    main()
