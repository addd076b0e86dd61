#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guide: what CONTRIBUTING.md says is there, and its new kind comes to life when its steps are followed.

usage: test_guide.py VERSION COMPILER...
Copies the sources, applies each block of the guide, builds charterd and the simulator without optimising, and lets them
show that the new kind is taken, planned, repaired and left alone. A block that no longer fits fails, and says which.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = ROOT / "CONTRIBUTING.md"
NEW_KIND = "task groups"  # the case of tests/e2e/test_kinds.py that the guide adds
TARGETS = ["daemon/charterd", "tests/simulator/charterd-simulator",
           "tests/unit/model/test-model-kind", "tests/unit/model/test-model-permission", "tests/unit/config/test-config-words",
           "tests/unit/config/test-config-mistakes"]
BLOCK = re.compile(r"^```diff\n--- (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([\w.-]+/[\w./*-]+)")  # a path in the text
PLACEHOLDER = re.compile(r"NAME|PROJECT-ID|^x_")


def say_and_exit(message):
    sys.exit(f"guide: {message}")


# --- what it speaks of ------------------------------------------------------------------------------------------------

def check_paths(text):
    """Every file and folder of which the guide speaks is there."""
    named = {path for path in NAMED.findall(text) if not PLACEHOLDER.search(path)}
    missing = sorted(path for path in named if not list(ROOT.glob(path)))
    if len(named) < 20 or missing:
        say_and_exit(f"CONTRIBUTING.md speaks of {len(named)} paths; these are not there: {', '.join(missing) or 'none'}")


def check_version(version):
    """It stands in meson.build; what must repeat it does so."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group(1)
    image = re.search(r"image: charterd:(\S+)", (ROOT / "packaging/kubernetes/charterd.yaml").read_text()).group(1)
    if not version == newest == image:
        say_and_exit(f"meson.build has version {version}, CHANGELOG.md {newest}, packaging/kubernetes/charterd.yaml {image}")


# --- the blocks -------------------------------------------------------------------------------------------------------

def is_built(folder):
    return (folder / "meson-private").exists()


def copy_sources(to):
    """What is no build, and nothing that a tool brought."""
    def left_out(folder, names):
        here = pathlib.Path(folder)
        return [name for name in names if name in (".git", "node_modules", "__pycache__") or is_built(here / name)]
    shutil.copytree(ROOT, to, symlinks=True, ignore=left_out)


def hunks_of(block):
    """Each as the lines that are there, and those that are to be."""
    for hunk in re.split(r"^@@\n", block, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        yield ("".join(line[1:] for line in lines if line[0] in " -"), "".join(line[1:] for line in lines if line[0] in " +"))


def apply_block(root, number, path, block):
    text, at = "\n" + (root / path).read_text(), 0  # so that each line has one before it
    for before, after in hunks_of(block):
        place = text.find("\n" + before, at)
        if place < 0 or text.find("\n" + before, place + 1) >= 0:
            say_and_exit(f"block {number} of CONTRIBUTING.md does not fit {path}: these lines are "
                         f"{'not there' if place < 0 else 'there more than once'}:\n{before}")
        text = text[:place + 1] + after + text[place + 1 + len(before):]
        at = place + len(after)
    (root / path).write_text(text[1:])


def follow(root):
    blocks = BLOCK.findall(GUIDE.read_text())
    if not blocks:
        say_and_exit("CONTRIBUTING.md has no blocks to apply")
    for number, (path, block) in enumerate(blocks, 1):
        apply_block(root, number, path, block)
    print(f"{len(blocks)} blocks applied to {len({path for path, _ in blocks})} files")


# --- what comes of them -----------------------------------------------------------------------------------------------

def run(what, command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        say_and_exit(f"with the blocks of CONTRIBUTING.md applied, {what}:\n{done.stdout[-4000:]}")
    return done.stdout


def build(root, compiler):
    folder = root / "build-guide"
    environment = os.environ | {"CC": " ".join(compiler)}
    environment.pop("MALLOC_PERTURB_", None)  # of the programs under test, not of the compiler
    run("meson fails", ["meson", "setup", folder, root, "-Dtests=enabled", "-Dwerror=true", "-Dbuildtype=debug", "-Ddebug=false",
                        "-Doptimization=0"], env=environment, cwd=root)
    run("charterd does not build", ["ninja", "-C", folder, *TARGETS], env=environment)
    for target in TARGETS[2:]:
        run(f"{target} fails", [folder / target])
    os.environ["CHARTERD"], os.environ["CHARTERD_SIMULATOR"] = (str(folder / target) for target in TARGETS[:2])


def check_kind(root):
    """By the end-to-end tests of the copy, to which the guide has added a case."""
    sys.path.insert(0, str(root / "tests" / "e2e"))
    import test_kinds
    from harness import check
    case = next((case for case in test_kinds.CASES if case.name == NEW_KIND), None)
    check(case, f"the guide adds no case `{NEW_KIND}` to tests/e2e/test_kinds.py")
    where = {"project": "MLOps", "principal": test_kinds.TEAM, **case.places[0]}
    with test_kinds.in_order(case) as place:
        place.expect(0, "check")
        for change in ({"op": "revoke"}, {"op": "grant", "allow": case.other}):
            planned = place.expect(2, "plan").stdout
            check(f"at task group {where['name']}" in planned, f"the plan does not tell of the task group:\n{planned}")
            place.expect(0, "apply")
            place.expect(0, "plan")
            place.hand({**where, **change})
    test_kinds.check_case(case)


def main():
    version, *compiler = sys.argv[1:]
    check_paths(GUIDE.read_text())
    check_version(version)
    with tempfile.TemporaryDirectory(prefix="charterd-guide-") as folder:
        root = pathlib.Path(folder) / "charterd"
        copy_sources(root)
        follow(root)
        run("a layer looks up", [sys.executable, root / "tests/lint/layers", root])
        build(root, compiler)
        check_kind(root)
    print("the new kind of CONTRIBUTING.md is checked, planned, repaired and left alone")


if __name__ == "__main__":
    main()
