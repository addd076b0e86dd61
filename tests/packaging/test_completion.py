#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion: what the shells really offer.

usage: test_completion.py BASH-FILE ZSH-FILE
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

CASES = [  # words up to the cursor, what is offered among others, what is not
    (["charterd", "ex"], {"export"}, {"plan"}),
    (["charterd", "plan", "--s"], {"--strict"}, {"--settings"}),
    (["charterd", "check", "--"], {"--settings"}, {"--strict"}),
    (["charterd", "-c", "x.yaml", "history", "--v"], {"--verify"}, set()),
    (["charterd", "status", "-o", ""], {"text", "json"}, {"csv"}),
    (["charterd", "access", "--at", "repos"], {"repositories:"}, {"areas:"}),
    (["charterd", "help", "perm"], {"permissions"}, set()),
    (["charterd", "help", "met"], {"metrics"}, set()),
]
SECONDS = 60  # for a shell to answer on a busy machine


def offered_by_bash(file, words):
    script = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _charterd; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script, "bash", file, *words], capture_output=True, text=True)
    if done.stderr or done.returncode:
        raise SystemExit(f"bash, {words}: {done.stderr}")
    return set(done.stdout.split())


def check_bash(file):
    for words, wanted, unwanted in CASES:
        offered = offered_by_bash(file, words)
        if not wanted <= offered or unwanted & offered:
            yield f"bash offers for {words}: {sorted(offered)}"
    for command in ("bash -n", "shellcheck -s bash"):
        done = subprocess.run([*command.split(), file], capture_output=True, text=True)
        if done.returncode:
            yield f"{command}: {done.stdout}{done.stderr}"


class Zsh:
    """An interactive shell behind a terminal of its own."""

    def __init__(self, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb", "PS1": "", "LC_ALL": "C.UTF-8"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 200, 0, 0))
        self.send(f"unsetopt zle_bracketed_paste beep; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; "
                  "LISTMAX=1000; print RE''ADY\n")
        self.read(lambda text: "READY" in text)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def read(self, is_enough):
        """What it shows until that is enough, or the time is over."""
        shown, end = "", time.monotonic() + SECONDS
        while not is_enough(shown) and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                shown += re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", os.read(self.terminal, 65536).decode(errors="replace"))
        return shown

    def offered(self, words, wanted):
        self.send(" ".join(words) + "\t\t")
        shown = self.read(lambda text: all(word in text for word in wanted))
        self.send("\x15")  # the next case begins with an empty line
        return shown

    def end(self):
        os.close(self.terminal)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def check_zsh(file):
    shell = Zsh(pathlib.Path(file).resolve().parent)
    for words, wanted, _ in CASES:
        shown = shell.offered(words, wanted)
        if not all(word in shown for word in wanted):
            yield f"zsh shows for {words}: {shown!r}"
    shell.end()
    done = subprocess.run(["zsh", "-n", file], capture_output=True, text=True)
    if done.returncode:
        yield f"zsh -n: {done.stderr}"


def main():
    bash_file, zsh_file = sys.argv[1:3]
    mistakes = [*check_bash(bash_file), *check_zsh(zsh_file)]
    for mistake in mistakes:
        print(mistake)
    print(f"{len(CASES)} cases, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
