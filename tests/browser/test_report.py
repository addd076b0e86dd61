# SPDX-License-Identifier: Apache-2.0
"""The page of `charterd report`, of a ledger with hostile names."""
import shutil

from browser import look
from harness import FIXTURES, ROOT, Place, main

WEEK = FIXTURES.parent / "report" / "week"


def test_report():
    with Place(FIXTURES / "mlops.json", charter=(ROOT / "config" / "examples" / "charter.yaml").read_text()) as place:
        shutil.copytree(WEEK, place.folder / "state", ignore=lambda folder, names: [n for n in names if n.startswith("report")])
        page = place.folder / "report.html"
        page.write_text(place.expect(0, "report", "--since", "2026-03-30", "-o", "html").stdout)
        look("report.mjs", page)


if __name__ == "__main__":
    main()
