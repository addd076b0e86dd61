# SPDX-License-Identifier: Apache-2.0
"""What charterd says of its own command line: the tables that manual pages and completions are made from."""
import re
import subprocess
from typing import NamedTuple

OPTION = re.compile(r"  (-\S+) +(?:([A-Z][A-Z:-]*) +)?(\S.*)")


class Option(NamedTuple):
    flag: str
    value: str  # or None
    does: str


class Command(NamedTuple):
    name: str
    usage: str  # what follows the name
    does: str
    options: list

    def formats(self):
        """What follows -o."""
        match = re.search(r"-o ([a-z|]+)", self.usage)
        return match[1].split("|") if match else []


class Metric(NamedTuple):
    name: str
    type: str
    labels: list
    help: str


class Program:
    def __init__(self, path):
        self.path = path

    def run(self, *arguments):
        return subprocess.run([self.path, *arguments], capture_output=True, text=True, check=True).stdout

    def version(self):
        return self.run("version").split()[1]

    def commands(self):
        names = [line.split()[1] for line in self.run("help").splitlines() if line.startswith("  charterd ")]
        return [self.command(name) for name in names]

    def command(self, name):
        usage, _, does, *options = self.run("help", name).splitlines()
        return Command(name, usage.removeprefix(f"charterd {name}").strip(), does,
                       [Option(*OPTION.fullmatch(line).groups()) for line in options])

    def metrics(self):
        """What /metrics serves: name, type, labels, help of each."""
        rows = re.findall(r"^  (\w+) (gauge|counter)(?: \((.+)\))?\n +(.+)$", self.run("help", "metrics"), re.M)
        return [Metric(name, type, labels.split(", ") if labels else [], help) for name, type, labels, help in rows]

    def kinds(self):
        """Kinds with the lines about their permissions."""
        blocks = [block.strip("\n").splitlines() for block in self.run("help", "permissions").split("\n\n")[1:]]
        return {kind: [line.strip() for line in lines] for kind, *lines in blocks}
