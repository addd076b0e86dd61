# SPDX-License-Identifier: Apache-2.0
"""The demonstration: plan, apply, release, drift repaired while the daemon runs, and who can reach what in the end."""
import base64
import json
import pathlib
import sys
import time

from harness import Failure, Place, binary, check, wait_until
from test_apply import SEED
from test_drift import DRIFTS, WATCHED_CHARTER, hand

GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
BUILD = "33344d9c-fc72-4d6f-aba5-fa317101a7e9"
CSS = "83e28ad4-2d72-4ceb-97b0-c7726d5502c3"
# Namespace, read bit, write bit (facts of the service), and their words in the portal.
KINDS = {
    "repository": (GIT, 2, 4, "Read, Contribute"),
    "pipeline folder": (BUILD, 1, 128, "View builds, Queue builds"),
    "area": (CSS, 16, 32, "View, Edit work items"),
}
PEOPLE = [("ana@contoso.com", "ana", "Data Science A"), ("cleo@contoso.com", "cleo", "Data Science B"),
          ("omar@contoso.com", "omar", "Operations")]
OWNERS = {"Data Science A": ("data-science-a", "Data Science A"), "Data Science B": ("data-science-b", "Data Science B"),
          "Operations": ("operations", "Operations")}
COLOURS = sys.stdout.isatty()
GREEN, RED, BOLD = "32", "31", "1"


def paint(text, colour):
    return f"\033[{colour}m{text}\033[0m" if COLOURS else text


def title(text):
    print("\n" + paint(f"== {text}", BOLD), flush=True)


def show(place, exit_code, *arguments):
    print(f"$ charterd {' '.join(arguments)}")
    done = place.expect(exit_code, *arguments)
    print(done.stdout.replace(str(place.folder) + "/", "").rstrip())
    print(f"(exit {done.returncode})", flush=True)
    return done


def service(place, person, method, path, body=None):
    """A request to the service as a person, with that person's own token."""
    token = base64.b64encode(f":{person}".encode()).decode()
    status, _, value = place.simulator.request(method, f"/contoso/{path}", body,
                                               {"Authorization": "Basic " + token})
    check(status == 200, f"{method} {path} as {person}: {status} {value}")
    return value


def nodes(node, tokens, above=""):
    token = above + ("" if not above else ":") + "vstfs:///Classification/Node/" + node["identifier"]
    tokens[node["name"]] = token
    for child in node.get("children", []):
        nodes(child, tokens, token)


def tokens_of(place):
    """Security tokens of what the teams own, by kind and team."""
    project = next(row["id"] for row in service(place, "admin", "GET", "_apis/projects?api-version=7.1")["value"]
                   if row["name"] == "MLOps")
    repositories = {row["name"]: row["id"] for row in
                    service(place, "admin", "GET", "MLOps/_apis/git/repositories?api-version=7.1")["value"]}
    areas = {}
    nodes(service(place, "admin", "GET", "MLOps/_apis/wit/classificationnodes/areas?$depth=5&api-version=7.1"), areas)
    found = {}
    for team, (repository, folder) in OWNERS.items():
        found["repository", team] = f"repoV2/{project}/{repositories[repository]}"
        found["pipeline folder", team] = f"{project}/{folder}"
        found["area", team] = areas[team]
    return found


def ask(place, person, tokens):
    """Both bits of each thing, in one evaluation call for the caller."""
    keys = [(kind, team, bit) for kind, team in tokens for bit in KINDS[kind][1:3]]
    body = {"alwaysAllowAdministrators": False,
            "evaluations": [{"securityNamespaceId": KINDS[kind][0], "token": tokens[kind, team], "permissions": bit}
                            for kind, team, bit in keys]}
    answer = service(place, person, "POST", "_apis/security/permissionevaluationbatch?api-version=7.1", body)
    return {key: row["value"] for key, row in zip(keys, answer["evaluations"])}


def table(place):
    """Who can read and contribute to what; the number of cells that are not as the article draws them."""
    tokens, wrong = tokens_of(place), 0
    print(f"{'':34}" + "".join(f"{team:24}" for _, _, team in PEOPLE))
    print(f"{'':34}" + "".join(f"{user:24}" for user, _, _ in PEOPLE))
    answers = {team: ask(place, pat, tokens) for _, pat, team in PEOPLE}
    for kind, (_, read, write, words) in KINDS.items():
        print(f"{kind} ({words})")
        for owner, names in OWNERS.items():
            row = f"  {names[0] if kind == 'repository' else names[1]:32}"
            for _, _, team in PEOPLE:
                can = answers[team][kind, owner, read], answers[team][kind, owner, write]
                wanted = team == owner or team == "Operations"  # Operations is an ordinary contributor
                wrong += can != (wanted, wanted)
                cell = {(True, True): "read, contribute", (True, False): "read", (False, True): "contribute",
                        (False, False): "nothing"}[can]
                row += paint(f"{cell:24}", GREEN if any(can) else RED)
            print(row)
    return wrong


def drift(place):
    for name, change in DRIFTS.items():
        clean = place.snapshot()
        n_log = len(place.log_lines())
        hand(place, change)
        place.reconcile()
        began = time.monotonic()
        wait_until(lambda: place.snapshot() == clean, 10, f"{name}: repaired")
        took = time.monotonic() - began

        def line():
            return next((row for row in place.log_lines()[n_log:] if row["message"] == "changed"), None)
        row = wait_until(line, 10, f"{name}: its log line")
        print(f"{name}: repaired in {took:.2f} s")
        print(f"    {json.dumps({key: row[key] for key in ('time', 'level', 'message', 'project', 'change', 'result')})}",
              flush=True)


def write_page(place):
    """Beside the program, where it stays."""
    page = pathlib.Path(binary("CHARTERD")).resolve().parents[1] / "access.html"
    page.write_text(place.expect(0, "access", "-o", "html").stdout)
    return page


def main():
    with Place(seed=SEED, charter=WATCHED_CHARTER) as place:
        title("The charter")
        print(place.charter_path.read_text().rstrip())
        title("An organisation set up by hand, untidily: what would be done")
        show(place, 3, "plan")
        title("Applied, but for what a brake holds")
        plan_id = json.loads(place.run("plan", "-o", "json").stdout)["plan_id"]
        show(place, 3, "apply")
        held = json.loads(place.run("plan", "-o", "json").stdout)["plan_id"]
        check(plan_id and held, "no brake tripped")
        title("A person has looked, and lets it go")
        show(place, 0, "release", held, "--reason", "the organisation was set up by hand")
        show(place, 0, "apply")
        title("The daemon runs; five kinds of drift")
        place.start_daemon()
        drift(place)
        show(place, 0, "plan")
        show(place, 0, "history", "--verify")
        place.stop_daemon()
        title("Who can do what, asked of the service by a member of each team")
        wrong = table(place)
        if wrong:
            raise Failure(f"{wrong} cells are not as the charter wants them")
        print("\nevery cell is as the charter wants it")
        title("The same as a page, to be opened in a browser")
        page = write_page(place)
        print(f"$ charterd access -o html > {page}")
        print("\nnothing is left running")


if __name__ == "__main__":
    main()
