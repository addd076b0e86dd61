# SPDX-License-Identifier: Apache-2.0
"""Names from the service that would move a cursor, begin a line or turn the direction of writing, in everything that is
printed, logged, recorded, served and told: they are shown escaped, and JSON gives them back as they are."""
import json
import os
import pty
import re
import subprocess
import threading

from harness import FIXTURES, ROOT, Place, binary, check, check_equal, free_address, main, wait_until

CHARTER = (ROOT / "config" / "examples" / "charter.yaml").read_text()
FORGED = "held: 000000000000"
# A title of the window, a forged line, an override of direction, the eight-bit form of ESC [, an isolate, a tag.
GROUP = f"Evil\x1b]0;owned\x07\n{FORGED}\u202e\u009b31m\u2066\U000e0041"
USER = "eve\x1b[2J\u202e\u009b31m@contoso.com"
SHOWN_GROUP = r"Evil\x1b]0;owned\x07\x0aheld: 000000000000\u202e\u009b31m\u2066\U000e0041"
SHOWN_USER = r"eve\x1b[2J\u202e\u009b31m@contoso.com"
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
OWN_COLOURS = re.compile("\x1b\\[(0|1|31|32|33)m")
LIMIT_SECONDS = 60
TELL = """#!/bin/sh
cat >> $(dirname "$0")/told.jsonl
"""


def hostile_place(**settings):
    seed = json.loads((FIXTURES / "mlops.json").read_text())
    project = seed["projects"][0]
    seed["people"].append({"user": USER, "name": "Eve\x1b[2J"})
    project["groups"] = [{"name": GROUP, "members": ["[MLOps]\\Data Science A"]}]
    project["teams"][0]["members"].append(USER)
    project["permissions"] += [{"principal": who, "kind": "repository", "name": "operations", "allow": ["Read"]}
                               for who in (GROUP, USER)]
    limits = {"requests_per_5_minutes": "none", "removals": "none"}
    return Place(seed, charter=CHARTER, limits=limits, **settings)


def check_shown(text, what, *wanted):
    """Nothing of it does something to a terminal; the names stand there escaped."""
    found = HIDDEN.search(text)
    check(not found, f"{what}: {found and ascii(text[max(0, found.start() - 60):found.end() + 20])}")
    for line in text.splitlines():
        check(not line.startswith(FORGED), f"{what}: a forged line: {line}")
    for name in wanted:
        check(name in text, f"{what} has no {name}:\n{text[-2000:]}")


def values_of(value):
    if isinstance(value, dict):
        value = value.values()
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        return [text for inner in value for text in values_of(inner)]
    return [value] if isinstance(value, str) else []


def check_json(text, what, *wanted):
    """Escaped so that it can be shown, and faithful: each name stands in a value as it is."""
    check_shown(text, what)
    try:
        values = values_of(json.loads(text))
    except ValueError:
        values = [value for line in text.splitlines() for value in values_of(json.loads(line))]
    for name in wanted:
        check(any(name in value for value in values), f"{what} has no value with {name!r}")


def on_terminal(place, *arguments):
    """What a person at a terminal sees of a command, the log as text included; the colours taken out."""
    settings = place.folder / "charterd.yaml"
    settings.write_text(settings.read_text().replace("format: json", "format: text"))
    ours, theirs = pty.openpty()
    seen = []

    def read():
        try:
            while piece := os.read(ours, 65536):
                seen.append(piece)
        except OSError:  # the other side has closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    process = subprocess.Popen([binary("CHARTERD"), *arguments, "-c", str(settings)], stdin=theirs, stdout=theirs,
                               stderr=theirs, env={**place.environment(), "TERM": "xterm", "NO_COLOR": ""})
    os.close(theirs)
    process.wait(timeout=LIMIT_SECONDS * 5)
    reader.join()
    os.close(ours)
    text = b"".join(seen).decode().replace("\r\n", "\n")  # the terminal's own line ends
    check(OWN_COLOURS.search(text), f"{arguments}: no colour on a terminal: {text[-500:]}")
    return OWN_COLOURS.sub("", text)


def test_printed():
    with hostile_place() as place:
        check_shown(place.run("plan").stdout, "plan", SHOWN_GROUP, SHOWN_USER)
        check_json(place.run("plan", "-o", "json").stdout, "plan -o json", GROUP, USER)
        check_shown(on_terminal(place, "plan"), "plan on a terminal", SHOWN_GROUP, SHOWN_USER)
        check_shown(on_terminal(place, "access"), "access on a terminal", SHOWN_GROUP)
        check_json(place.run("access", "-o", "json").stdout, "access -o json", GROUP)


def test_applied():
    """What is written on the way: the log as text, the ledger, the history."""
    with hostile_place() as place:
        check_shown(on_terminal(place, "apply"), "apply on a terminal")
        place.expect(0, "plan")
        state = place.folder / "state"
        check_json((state / "ledger.jsonl").read_text(), "the ledger", GROUP, USER)
        check_json((state / "known.json").read_text(), "known.json")
        place.expect(0, "history", "--verify")
        check_shown(place.run("history").stdout, "history", SHOWN_GROUP, SHOWN_USER)
        check_json(place.run("history", "-o", "json").stdout, "history -o json", GROUP, USER)


def test_served():
    """By the daemon: its log, its status, metrics, and what it tells a program; in observe mode all of it stays."""
    with hostile_place(mode="observe", listen=free_address()) as place:
        tell = place.folder / "tell"
        tell.write_text(TELL)
        tell.chmod(0o755)
        place.write_settings(notify=tell)
        place.start_daemon()
        wait_until(lambda: (place.metric("charterd_passes_total") or 0) > 0, LIMIT_SECONDS, "the first pass")
        check_shown(place.run("status").stdout, "status", SHOWN_GROUP, SHOWN_USER)
        check_json(place.run("status", "-o", "json").stdout, "status -o json", GROUP, USER)
        for path in ("/metrics", "/readyz", "/healthz"):
            check_shown(place.served(path)[2], path)
        told = place.folder / "told.jsonl"
        wait_until(told.exists, LIMIT_SECONDS, "the program is told of the leak")
        check_json(told.read_text(), "notify", GROUP)
        check_equal(place.stop_daemon(), 0, "the daemon's exit code")
        check_shown((place.folder / "charterd.log").read_text(), "the daemon's log")


if __name__ == "__main__":
    main()
