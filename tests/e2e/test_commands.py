# SPDX-License-Identifier: Apache-2.0
"""What a person at a shell sees: exit codes told apart, mistakes with their places, words mistyped."""
import json
import re

from harness import FIXTURES, ROOT, Place, check, check_equal, main
from test_apply import CHARTER, SEED

MISTAKES = FIXTURES / "twenty-mistakes.yaml"
PENDING = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Operations: { grants: [{ at: project, allow: [View project-level information] }] }
"""
WAITING = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams:
      Operations: { grants: [{ at: { repositories: root }, same_as: Nobody Has This Name }] }
"""
HELD = """
charter: 1
organization: https://dev.azure.com/contoso
defaults: { unlisted_grants: remove }
projects:
  MLOps:
    repositories: { operations: {} }
"""
BROKEN = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps:
    teams: { Data Science A: {} }
    asserts: [{ team: Data Science A, cannot: Read, at: { repositories: [operations] } }]
"""
IN_SYNC = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  MLOps: {}
"""
ABSENT = """
charter: 1
organization: https://dev.azure.com/contoso
projects:
  No Such Project: {}
"""
# The charter, the exit code of plan, of plan --strict, the list its one step stands in, the project's state.
CODES = [
    ("in sync", IN_SYNC, 0, 0, None, "in_sync"),
    ("pending", PENDING, 2, 2, "steps", "pending"),
    ("held", HELD, 3, 3, "held", "held"),
    ("waiting", WAITING, 1, 1, "waiting", "waiting"),
    ("an assertion that the live organisation breaks", BROKEN, 0, 4, None, "in_sync"),
    ("a project that is not seen", ABSENT, 1, 1, None, "failed"),
]
STEP_KEYS = ["id", "rank", "verb", "project", "kind", "name", "principal", "permissions", "before", "after", "why",
             "cause"]


def test_exit_codes():
    with Place(seed=SEED, charter=IN_SYNC, limits={"requests_per_5_minutes": "none", "removals_floor": 1}) as place:
        for name, charter, plain, strict, section, state in CODES:
            place.write_charter(charter)
            place.expect(plain, "plan")
            place.expect(strict, "plan", "--strict")
            plan = place.plan()
            for key in ("organization", "plan_id", "in_sync", "steps", "held", "waiting", "findings", "projects"):
                check(key in plan, f"{name}: the plan lacks {key}")
            for key in ("steps", "held", "waiting"):
                check_equal(bool(plan[key]), key == section, f"{name}: something in {key}")
            check_equal(plan["projects"][0]["state"], state, f"{name}: state of the project")
            check_equal(plan["plan_id"] is not None, section == "held", f"{name}: a plan id")
            for step in plan["steps"] + plan["held"] + plan["waiting"]:
                check_equal([key for key in STEP_KEYS if key not in step], [], f"{name}: keys missing of a step")
            for step in plan["held"]:
                check("brake" in step and plan["plan_id"] in step["release"], f"{name}: a held step tells no release")
            for step in plan["waiting"]:
                check(step["for"], f"{name}: a waiting step does not say for what")
            text = place.run("plan").stdout
            if section == "held":
                last = text.rstrip().splitlines()[-1]
                check(re.fullmatch(r'held: [0-9a-f]{12}: \d+ steps?: .+; charterd release [0-9a-f]{12} --reason "\.\.\."',
                                   last), f"{name}: last line {last}")
            check_equal([row for row in place.requests(kind="write")], [], f"{name}: writes of plan")


def test_twenty_mistakes():
    with Place(seed=SEED, charter=MISTAKES.read_text()) as place:
        place.clear_log()
        done = place.expect(1, "check")
        places = re.findall(r"^.*charter\.yaml:(\d+):(\d+): error: (.*)$", done.stderr, re.M)
        check(len({(line, column) for line, column, _ in places}) >= 20,
              f"{len(places)} mistakes named:\n{done.stderr}")
        check("did you mean `repositories`?" in done.stderr, f"no nearest key in:\n{done.stderr}")
        place.expect(1, "plan")
        place.expect(1, "apply")
        check_equal(place.requests(), [], "requests with a bad charter")


def test_another_organisation():
    with Place(seed=SEED, charter=CHARTER) as place:
        place.charter_path.write_text(CHARTER)  # of dev.azure.com, not of this simulator
        place.clear_log()
        for command in (["check"], ["plan"], ["apply"], ["access"]):
            done = place.expect(1, *command)
            check("the settings are for" in done.stderr, f"{command}: {done.stderr}")
        check_equal(place.requests(), [], "requests for a charter of another organisation")


def test_mistyped():
    with Place(seed=SEED, charter=CHARTER) as place:
        for words, nearest in ((["aply"], "apply"), (["plan", "--strct"], "--strict"), (["plan", "-o", "jsn"], "json"),
                               (["plan", "--project", "MLOp"], "MLOps"),
                               (["access", "--at", "repositorys:x"], "repositories")):
            done = place.expect(64, *words)
            check_equal(len(done.stderr.strip().splitlines()), 1, f"{words}: lines on stderr: {done.stderr}")
            check(nearest in done.stderr, f"{words}: {done.stderr}")
            check_equal(done.stdout, "", f"{words}: stdout")
        for words, said in ((["plan", "--project", "MLOps", "--project", "Other"], "twice: `--project`"),
                            (["plan", "-o"], "missing after `-o`"), (["plan", "--project", "--strict"], "missing after `--project`"),
                            (["plan", "-o", "csv"], "-o text|json]"), (["history", "-o", "nonsense"], "-o text|json]"),
                            (["apply", "--reason", "why"], "belongs to --release"),
                            (["undo", "0123", "--yes", "--reason", "why"], "belongs to --release"),
                            (["pl\x1b[31man"], "`pl\\x1b[31man`")):
            done = place.expect(64, *words)
            check(said in done.stderr and len(done.stderr.strip().splitlines()) == 1, f"{words}: {done.stderr}")
        for words in (["plan", "--help"], ["--help", "plan"], ["plan", "--strict", "-h"]):
            check_equal(place.expect(0, *words).stdout, place.expect(0, "help", "plan").stdout, f"{words}")
        check("  -o           FORMAT     text, json, csv, html\n" in place.expect(0, "help", "access").stdout, "formats of access")
        done = place.expect(1, "export", "--url", "https://me:secret@dev.azure.com/contoso")
        check("secret" not in done.stderr and "***@dev" in done.stderr, f"what an address is told as: {done.stderr}")
        place.expect(64, "release", "0123456789ab")
        place.expect(1, "release", "0123456789ab", "--reason", "none such")
        place.expect(0, "help")
        place.expect(0, "help", "plan")
        words = place.expect(0, "help", "permissions").stdout
        check("\nrepositories\n" in words and "  Contribute  " in words and "GenericContribute" in words, "the words: " + words)
        place.expect(0, "version")


def test_figures_of_one_change():
    with Place(seed=SEED, charter=PENDING, limits={"requests_per_5_minutes": "none"}) as place:
        place.expect(0, "apply")
        text = place.expect(0, "report").stdout
        check("\n1 change, 1 done;" in text and " changes" not in text.split("\n\n")[0], text)


def test_places_that_cannot_be_written():
    with Place(seed=SEED, charter=IN_SYNC) as place:
        check_equal(place.expect(0, "history").stdout, "the ledger holds no change yet\n", "history of nothing")
        settings = place.folder / "charterd.yaml"
        text = settings.read_text()
        for setting in ("state_directory", "socket"):
            bad = place.folder / "pat" / setting  # below a file
            settings.write_text(re.sub(rf"{setting}: .*", f"{setting}: {bad}", text))
            done = place.run(*(["run"] if setting == "socket" else ["apply"]))
            check_equal(done.returncode, 1, f"exit code with {setting} below a file")
            check(f"{bad}: Not a directory; `{setting}` of the settings" in done.stderr, f"{setting}: {done.stderr}")


def test_credential():
    with Place(seed=SEED, charter=CHARTER, pat="not-a-token") as place:
        done = place.expect(1, "plan")
        check("not-a-token" not in done.stdout + done.stderr, "the credential is printed")
        check("401" in done.stdout + done.stderr or "credential" in done.stdout + done.stderr, done.stderr)
        place.write_pat("admin")
        (place.folder / "pat").chmod(0o644)
        done = place.expect(1, "plan")
        check("0600" in done.stderr + done.stdout or "others" in done.stderr + done.stdout,
              f"a secret that others can read: {done.stdout}{done.stderr}")


def test_access():
    with Place(seed=SEED, charter=CHARTER) as place:
        done = place.run("access", "-o", "json")
        check_equal(done.returncode, 4, f"exit code of access with leaks: {done.stderr[-2000:]}")
        matrix = json.loads(done.stdout)
        check(matrix["broken"], "nothing broken in an untidy organisation")
        cell = matrix["cells"][0]
        for key in ("project", "principal", "kind", "name", "permission", "live", "desired", "path", "reason"):
            check(key in cell, f"a cell lacks {key}")
        one = place.run("access", "--team", "Data Science A", "--at", "repositories:operations")
        check("Contributors" in one.stdout, f"the explanation of a cell names no path: {one.stdout}{one.stderr}")
        other = place.run("access", "--team", "Data Science A", "--at", "organization")
        check("entries of organization are not read: the charter gives nothing there" in other.stdout, other.stdout)


def test_status_without_a_daemon():
    with Place(seed=SEED, charter=CHARTER) as place:
        done = place.expect(1, "status")
        check("charterd run" in done.stderr, done.stderr)


def test_status_and_socket():
    with Place(seed=SEED, charter=CHARTER, first_pass="hold") as place:
        place.start_daemon()
        from harness import wait_until
        wait_until(lambda: json.loads(place.run("status", "-o", "json").stdout or "{}").get("organizations", [{}])[0]
                   .get("last_pass"), 20, "the first pass")
        status = json.loads(place.expect(3, "status", "-o", "json").stdout)
        organization = status["organizations"][0]
        for key in ("url", "mode", "state", "last_pass", "next_pass", "projects", "held", "findings", "budget"):
            check(key in organization, f"status lacks {key}")
        check_equal(organization["state"], "held", "state under first_pass: hold")
        check_equal([row for row in place.requests(kind="write")], [], "writes of a held first pass")
        place.expect(0, "status", "--health")
        # Beside a running daemon the release goes over its socket, and a pass follows at once.
        place.expect(0, "release", organization["plan_id"], "--reason", "the first pass was looked at")
        wait_until(lambda: place.run("plan").returncode == 0, 20, "in sync after the release")
        place.expect(0, "apply")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


if __name__ == "__main__":
    main()
