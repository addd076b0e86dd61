# SPDX-License-Identifier: Apache-2.0
"""The page of `charterd access -o html`, of an organisation as it is and of what unit tests hold."""
import csv
import json

from browser import HERE, look
from harness import Place, check, check_equal, main
from test_apply import SEED, apply_all
from test_drift import DRIFTS, WATCHED_CHARTER, hand

PAGES = HERE.parent / "fixtures" / "access" / "article"


def page_of(place, name, exit_code):
    path = place.folder / f"{name}.html"
    path.write_text(place.expect(exit_code, "access", "-o", "html").stdout)
    return path


def test_live():
    with Place(seed=SEED, charter=WATCHED_CHARTER) as place:
        apply_all(place)
        wanted = page_of(place, "as_wanted", 0)
        hand(place, DRIFTS["the team put into Contributors"])
        look("access.mjs", wanted, "access-as-wanted.txt", page_of(place, "drift", 4), "access-drift.txt")


def test_held_pages():
    """Names with markup in them are text; many teams of one kit are one."""
    look("access.mjs", PAGES / "page-names.html", "access-names.spoken.txt",
         PAGES / "page-many.html", "access-many.spoken.txt")


def test_one_cell():
    """The same answer in all formats."""
    asked = ("access", "--team", "Data Science A", "--at", "repositories:operations")
    reason = "the root of repositories in MLOps: Allow Read"
    with Place(seed=SEED, charter=WATCHED_CHARTER) as place:
        apply_all(place)
        hand(place, DRIFTS["the team put into Contributors"])
        said = {output: place.expect(4, *asked, "-o", output).stdout for output in ("text", "json", "csv", "html")}
    cell = next(row for row in json.loads(said["json"])["cells"] if row["permission"] == "Read")
    row = next(row for row in csv.DictReader(said["csv"].splitlines()) if row["permission"] == "Read")
    check_equal((cell["live"], cell["desired"], cell["path"][-1]), ("open", "closed", reason), "JSON")
    check_equal((row["live"], row["desired"], row["path"]), ("open", "closed", " > ".join(cell["path"])), "CSV")
    check(reason in said["text"] and reason in said["html"], "no reason")


if __name__ == "__main__":
    main()
