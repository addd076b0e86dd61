# SPDX-License-Identifier: Apache-2.0
"""The browser notices what a page must not do."""
from browser import HERE, run
from harness import check, check_equal, main


def test_what_a_page_asks_for():
    done = run("outline.mjs", HERE / "bites.html")
    check_equal(done.returncode, 1, "exit code")
    check('heading "A page that asks for more" [level=1]' in done.stdout, f"no heading: {done.stdout}{done.stderr}")
    check("asks for http://example.com/dot.png" in done.stdout, f"not noticed: {done.stdout}")


if __name__ == "__main__":
    main()
