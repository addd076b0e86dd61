# SPDX-License-Identifier: Apache-2.0
"""Browser: what a test here needs beside the harness of tests/e2e: a script that looks at a page.

A test file is one of tests/e2e's kind. It makes a page with the real charterd and has `NAME.mjs` look at it:

    from browser import look
    from harness import Place, main
    look("access.mjs", path_of_the_page)
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from harness import COMMAND_SECONDS, check, patience  # noqa: E402 (its folder is known only now)


def folder():
    """Where npm's modules are kept: below the build folder, when meson runs the test."""
    return os.environ.get("BROWSER_MODULES") or os.path.join(tempfile.gettempdir(), f"charterd-browser-{os.getuid()}")


def run(script, *arguments):
    return subprocess.run([HERE / "run", folder(), script, *map(str, arguments)], capture_output=True, text=True,
                          timeout=COMMAND_SECONDS * patience())


def look(script, *arguments):
    """Fails with what the script complains about; what it prints."""
    done = run(script, *arguments)
    check(done.returncode == 0, f"{script}: {done.stdout}{done.stderr}")
    return done.stdout
