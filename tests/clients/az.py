# SPDX-License-Identifier: Apache-2.0
"""Az: Microsoft's command line run against a simulator, its answers held against the snapshot."""
import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from commands import BODY, COMMANDS
from harness import ROOT, Failure, Simulator, build_release, check, check_equal, left_over

SEED = pathlib.Path(__file__).resolve().parent / "seed.json"
ORGANIZATION = "contoso"
TOKEN = "admin"
COMMAND_SECONDS = 120
SCHEMES = ("http", "https", "server")  # the last is an Azure DevOps Server, over HTTP
SECTIONS = "people,memberships,teams,things,permissions"


class Authority:
    """A certificate authority with a server's certificate of it, PEM files in a folder."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.certificate, key = folder / "authority.crt", folder / "authority.key"
        self.server_certificate, self.server_key = folder / "server.crt", folder / "server.key"
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.openssl(*new, "-subj", "/CN=authority", "-keyout", key, "-x509", "-days", 2, "-out", self.certificate,
                     "-addext", "keyUsage=critical,keyCertSign")
        self.openssl(*new, "-subj", "/CN=simulator", "-keyout", self.server_key, "-out", folder / "request")
        (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        self.openssl("x509", "-req", "-in", folder / "request", "-CA", self.certificate, "-CAkey", key, "-CAcreateserial",
                     "-days", 2, "-extfile", folder / "extensions", "-out", self.server_certificate)

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Snapshot:
    """The organisation in words: (section, row) in an order of its own."""

    def __init__(self, simulator):
        tree = simulator.control("GET", "snapshot?sections=" + SECTIONS)
        self.rows = [(section, row) for section in SECTIONS.split(",") for row in tree[section]]

    def values(self, section, key, **same):
        """Of the rows of a section that have the key, and these other values: None stands for "not there"."""
        return sorted(row[key] for at, row in self.rows
                      if at == section and key in row and all(row.get(name) == value for name, value in same.items()))


class Session:
    """One simulator, and az with folders and an environment of its own."""

    def __init__(self, folder, scheme):
        self.folder, self.scheme = pathlib.Path(folder), scheme
        arguments = ["--seed", SEED]
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "AZURE_DEVOPS_EXT_PAT": TOKEN,
            "AZURE_CONFIG_DIR": str(self.folder / "config"),
            "AZURE_DEVOPS_CACHE_DIR": str(self.folder / "cache"),  # it keeps what OPTIONS answered
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
        }
        if scheme == "server":
            arguments.append("--server")
        if scheme == "https":
            authority = Authority(self.folder)
            arguments += ["--tls", authority.server_certificate, authority.server_key]
            self.environment["REQUESTS_CA_BUNDLE"] = str(authority.certificate)
        self.simulator = Simulator(self.folder, *arguments)
        self.kept = {"base": f"{self.simulator.url}/{ORGANIZATION}",
                     "basic": base64.b64encode(f":{TOKEN}".encode()).decode()}

    def close(self):
        self.simulator.stop()

    def run(self, command):
        """The decoded answer of one command."""
        words = [word.format(**self.kept) for word in command.words]
        if command.body is not None:
            body = self.folder / "body.json"
            body.write_text(json.dumps(command.body) % self.kept)
            words = [word.replace(BODY, str(body)) for word in words]
        if words[0] != "rest":
            words += ["--org", self.kept["base"], "--detect", "false"]
        done = subprocess.run(["az", *words, "--output", "json", "--only-show-errors"], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            raise Failure(f"exit {done.returncode}: {done.stderr.strip()}")
        try:
            return json.loads(done.stdout) if done.stdout.strip() else None
        except ValueError:
            return done.stdout.strip()  # what is deleted has a sentence

    def carry_out(self, command):
        before = Snapshot(self.simulator)
        answer = self.run(command)
        after = Snapshot(self.simulator)
        for what, rows, wanted in (("new rows", left_over(after.rows, before.rows), command.made),
                                   ("rows that went", left_over(before.rows, after.rows), command.gone)):
            if callable(wanted):
                check(wanted(rows), f"{what}: {rows}")
            else:
                check_equal(rows, wanted, what)
        for name, take in command.keep.items():
            self.kept[name] = take(answer)
        if command.told:
            check_equal(command.told(answer), command.known(after), "what it told")


def run_all(scheme):
    """The number of commands, and of those that failed."""
    folder = tempfile.mkdtemp(prefix="charterd-clients-")
    session = Session(folder, scheme)
    commands = [command for command in COMMANDS if scheme != "server" or not command.needs_graph()]
    n_failed = 0
    try:
        for command in commands:
            start = time.monotonic()
            try:
                session.carry_out(command)
                mark = "ok  "
            except (Failure, KeyError, TypeError, ValueError, IndexError, subprocess.TimeoutExpired) as failure:
                n_failed += 1
                mark = "FAIL"
                print(f"     {type(failure).__name__}: {failure}", flush=True)
            print(f"{mark} {scheme:6} az {' '.join(command.words)} ({time.monotonic() - start:.1f} s)", flush=True)
    finally:
        session.close()
        shutil.rmtree(folder)
    return len(commands), n_failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build-release")
    parser.add_argument("--only", choices=SCHEMES)
    arguments = parser.parse_args()
    if subprocess.run([ROOT / "packaging" / "install-dependencies", "clients"]).returncode != 0:
        sys.exit("az is not here: packaging/install-dependencies clients")
    build_release(arguments.build)
    schemes = [arguments.only] if arguments.only else SCHEMES
    counts = {scheme: run_all(scheme) for scheme in schemes}
    for scheme, (n_commands, n_failed) in counts.items():
        print(f"{scheme}: {n_commands} commands, {n_failed} failed")
    sys.exit(any(n_failed for _, n_failed in counts.values()))
