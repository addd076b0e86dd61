#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages: well formed, and whole: every key, command, option, finding stands in one.

usage: test_manual.py FOLDER-OF-PAGES CHARTERD
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))
from program import Program  # noqa: E402

FINDING = re.compile(r'"([a-z_]+)",\s*(?:FINDING_[A-Z]+|outlook\.level)')


def page(folder, name):
    done = subprocess.run(["mandoc", "-Tutf8", "-Owidth=200", folder / name], capture_output=True, text=True, check=True)
    return re.sub(".\x08", "", done.stdout)


def lint(folder):
    for path in sorted(folder.glob("*.[1-9]")):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True)
        if done.returncode:
            yield done.stdout.strip()


def keys_of(node):
    if isinstance(node, list):
        for each in node:
            yield from keys_of(each)
    elif isinstance(node, dict):
        yield from node.get("properties", {})
        for each in node.values():
            yield from keys_of(each)


def missing(words, text, where):
    for word in sorted(set(words)):
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            yield f"{where} does not speak of {word}"


def schemas(folder):
    for schema, name in (("settings", "charterd.yaml.5"), ("charter", "charter.5")):
        tree = json.loads((ROOT / "config" / f"{schema}.schema.json").read_text())
        yield from missing(keys_of(tree), page(folder, name), name)


def findings(folder):
    sources = [path.read_text() for layer in ("common/access", "daemon") for path in sorted((ROOT / layer).rglob("*.c"))]
    kinds = {kind for text in sources for kind in FINDING.findall(text)}
    if len(kinds) < 10:
        yield f"only {len(kinds)} kinds of findings in the sources: {sorted(kinds)}"
    told = {line.split(":")[0] for line in (ROOT / "packaging/man/findings.txt").read_text().splitlines() if line[:1] != "#"}
    yield from (f"findings.txt does not speak of {kind}" for kind in sorted(kinds - told))
    yield from (f"findings.txt speaks of {kind}, which nothing finds" for kind in sorted(told - kinds))
    yield from missing(told, page(folder, "charterd-guide.7"), "charterd-guide.7")


def commands(folder, program):
    text = page(folder, "charterd.8")
    for line in subprocess.run([program, "help"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("  charterd "):
            name = line.split()[1]
            help = subprocess.run([program, "help", name], capture_output=True, text=True, check=True).stdout
            yield from missing([f"charterd {name}", *re.findall(r"^  (-\S+)", help, re.M)], text, "charterd.8")


def metrics(folder, program):
    served = Program(program).metrics()
    if len(served) < 30:
        yield f"only {len(served)} metrics: {served}"
    yield from missing([metric.name for metric in served], page(folder, "charterd.8"), "charterd.8")
    outcomes = re.findall(r'\[REQUEST_\w+\] = "(\w+)"', (ROOT / "daemon/flow/tally.c").read_text())
    yield from missing(outcomes, page(folder, "charterd.8"), "charterd.8")


def catalogue():
    """The journal's catalogue explains what the program logs, and nothing else, in fields that stand with it."""
    rows = dict(re.findall(r'\{"([^"]+)", "([0-9a-f]{32})"\}', (ROOT / "common/base/message.c").read_text()))
    entries = dict(re.findall(r"^-- ([0-9a-f]{32})\nSubject: .+\nDefined-By: charterd\nDocumentation: man:\S+\n\n((?:(?!-- ).*\n)+)",
                              (ROOT / "systemd/charterd.catalog").read_text(), re.M))
    if len(rows) < 5 or sorted(rows.values()) != sorted(entries):
        yield f"message.c has {len(rows)} sentences, the catalogue {len(entries)} entries of theirs"
    sources = "".join(path.read_text() for path in (ROOT / "daemon").rglob("*.c"))
    for sentence, message in rows.items():
        calls = [rest.split(";\n", 1)[0] for rest in sources.split(f'"{sentence}"')[1:]]
        logged = [{name.upper() for name in re.findall(r'LOG_\w+\("(\w+)"', call)} for call in calls]
        wanted = set(re.findall(r"@CHARTERD_(\w+)@", entries.get(message, "")))
        if not calls:
            yield f"nothing logs: {sentence}"
        elif not any(wanted <= fields for fields in logged):
            yield f"the catalogue wants {sorted(wanted)} of `{sentence}`, which is logged with {[sorted(each) for each in logged]}"


def main():
    folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    mistakes = [*lint(folder), *schemas(folder), *findings(folder), *commands(folder, program),
                *metrics(folder, program), *catalogue()]
    for mistake in mistakes:
        print(mistake)
    print(f"{len(list(folder.glob('*.[1-9]')))} pages, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
