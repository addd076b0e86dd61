#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays exchanges against the simulator: its answers have the recorded shape.

A fixture is one exchange in the shape of a recording: request and response, before it the requests that bring the
organisation to where the recording began. Compared are the status, the headers, and the body field by field: names,
their order, types, nulls, texts and masks. What differs from run to run (GUIDs, times, descriptors, addresses, numbers
that are handed out) is compared by its form. Each fixture gets a simulator of its own.

usage: replay.py SIMULATOR FOLDER [NAME]...
"""
import base64
import http.client
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROUTES_SOURCE = HERE.parent / "simulator" / "route.c"
ORGANIZATION = "contoso"
TOKEN = "avery"
ANSWER_SECONDS = 20

# Numbers that are handed out or grow: only their type is compared.
NUMBERS_THAT_VARY = {"id", "revision", "content-length"}

# Headers whose value differs each time: only that they are there.
HEADERS_THAT_VARY = {"activityid", "date", "x-tfs-processid", "x-tfs-session", "x-vss-e2eid", "content-length"}

GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# What a text is reduced to before it is compared, in this order.
FORMS = (
    (re.compile(r"\b(vssgp|aad|scp|s2s|svc|msa|aadgp|aadsp)\.[A-Za-z0-9_-]{16,}"), r"\1.<descriptor>"),
    (re.compile(r"S-1-9(-[0-9]+)+"), "<sid>"),
    (re.compile(GUID, re.I), "<guid>"),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$"), "<time>"),
    (re.compile(r"(?<=[/=])\d+(?=$|[/?&])"), "<number>"),
)

# Where the simulator differs on purpose or the service leaves it open. Each is seen at least once, or it goes:
# fixture, place in the answer ("*" for an index), what the recording has, what the simulator has, why.
DIFFERENCES = json.loads((HERE / "differences.json").read_text())


class Simulator:
    """One process with the seeded organisation."""

    def __init__(self, program):
        command = [program, "--quiet", "--seed", str(HERE / "seed.json")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        if len(line) < 4:
            raise SystemExit("conformance: the simulator did not start")
        self.core, self.graph = line[1] + "/" + ORGANIZATION, line[3] + "/" + ORGANIZATION
        self.control = line[1] + "/_simulator"

    def close(self):
        self.process.terminate()
        self.process.stdout.close()
        if self.process.wait() != 0:
            raise SystemExit("conformance: the simulator ended with %d" % self.process.returncode)

    def ask(self, request):
        """(status, headers as a dict in lower case, body bytes)"""
        url = urllib.parse.urlsplit(request["url"])
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=ANSWER_SECONDS)
        headers = dict(request.get("headers", {}))
        if headers.pop("authorization", None) != "none":
            headers["authorization"] = "Basic " + base64.b64encode((":" + TOKEN).encode()).decode()
        body = None if request.get("body") is None else json.dumps(request["body"])
        path = url.path + ("?" + url.query if url.query else "")
        connection.request(request["method"], path, body=body, headers=headers)
        reply = connection.getresponse()
        answer = (reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        connection.close()
        return answer


def fill(value, words):
    """Puts words in the place of {name} in every text of a tree; a text that is but one becomes what it stands for."""
    if isinstance(value, str):
        if value[1:-1] in words and value == "{%s}" % value[1:-1]:
            return words[value[1:-1]]
        return re.sub(r"\{(\w+)\}", lambda match: str(words[match[1]]) if match[1] in words else match[0], value)
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    if isinstance(value, dict):
        return {fill(name, words): fill(item, words) for name, item in value.items()}
    return value


def value_at(tree, path):
    """What stands at "value.name=Readers.descriptor": a field, or the row of a list whose field has the value."""
    for part in path.split("."):
        if isinstance(tree, list):
            field, value = part.split("=")
            tree = next(row for row in tree if row[field] == value)
        else:
            tree = tree[part]
    return tree


def parse(body):
    """(the tree or the text, whether a byte order mark stood before it)"""
    bom = body.startswith(b"\xef\xbb\xbf")
    text = body[3:].decode() if bom else body.decode()
    if not text:
        return None, bom
    try:
        return json.loads(text), bom
    except ValueError:
        return text, bom


def form(text):
    for pattern, replacement in FORMS:
        text = pattern.sub(replacement, text)
    return text


class Comparison:
    """Of one answer with what was recorded; collects (place, recorded, answered)."""

    def __init__(self, fixture):
        # {place of a list: the field that names a row}: at least these rows, in any order
        self.rows = fixture.get("rows", {})
        self.form = str if fixture.get("exact") else form  # exact: GUIDs too are the service's own
        self.found = []

    def differ(self, place, recorded, answered):
        self.found.append((place, recorded, answered))

    def compare(self, place, recorded, answered):
        if type(recorded) is not type(answered) and not (is_number(recorded) and is_number(answered)):
            self.differ(place, kind(recorded), kind(answered))
        elif isinstance(recorded, dict):
            self.compare_objects(place, recorded, answered)
        elif isinstance(recorded, list):
            self.compare_lists(place, recorded, answered)
        elif isinstance(recorded, str):
            if self.form(recorded) != self.form(answered):
                self.differ(place, self.form(recorded), self.form(answered))
        elif recorded != answered and not (is_number(recorded) and self.varies(place)):
            self.differ(place, recorded, answered)

    def varies(self, place):
        name = place.rsplit(".", 1)[-1]
        return name in NUMBERS_THAT_VARY or (name == "count" and "value" in self.rows)

    def compare_objects(self, place, recorded, answered):
        names, answers = [form(name) for name in recorded], [form(name) for name in answered]
        if names != answers:
            self.differ(place, "fields " + ",".join(names), "fields " + ",".join(answers))
        pairs = dict(zip(answers, answered.values())) if len(set(answers)) == len(answers) else None
        for at, (name, value) in enumerate(recorded.items()):
            below = (place + "." + form(name)).lstrip(".")
            if pairs is None and at < len(answered):
                self.compare(below, value, list(answered.values())[at])
            elif pairs is not None and form(name) in pairs:
                self.compare(below, value, pairs[form(name)])

    def compare_lists(self, place, recorded, answered):
        field = self.rows.get(place)
        if field is None and len(recorded) != len(answered):
            self.differ(place, "%d rows" % len(recorded), "%d rows" % len(answered))
        for at, row in enumerate(recorded):
            other = answered[at:at + 1] if field is None else [one for one in answered if one.get(field) == row[field]]
            if other:
                self.compare("%s.*" % place, row, other[0])
            elif field is not None:
                self.differ(place, "%s %s" % (field, row[field]), "no such row")
        if field is not None and recorded:
            for row in answered:
                if list(row) != list(recorded[0]):
                    self.differ("%s.*" % place, "fields " + ",".join(recorded[0]), "fields " + ",".join(row))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def kind(value):
    names = {dict: "object", list: "array", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")


def compare_headers(comparison, recorded, answered):
    for name, value in recorded.items():
        place = "header " + name
        if name not in answered:
            comparison.differ(place, "there", "missing")
        elif name not in HEADERS_THAT_VARY and form(value) != form(answered[name]):
            comparison.differ(place, form(value), form(answered[name]))
    if "content-type" not in recorded and "content-type" in answered:
        comparison.differ("header content-type", "missing", answered["content-type"])


def bring_about(simulator, fixture, words):
    """What stands before the exchange; its answers give the words that the exchange needs."""
    for step in fixture.get("before", []):
        status, _, body = simulator.ask(fill(step, words))
        if status >= 400:
            raise SystemExit("conformance: %s %s: %d %s" % (step["method"], step["url"], status, body.decode()))
        for word, path in step.get("keep", {}).items():
            words[word] = value_at(json.loads(body), path)


def replay(program, fixture):
    """The differences of one fixture."""
    simulator = Simulator(program)
    host = simulator.core.split("/")[2]
    words = {"core": simulator.core, "graph": simulator.graph, "control": simulator.control, "host": host}
    try:
        bring_about(simulator, fixture, words)
        status, headers, body = simulator.ask(fill(fixture["request"], words))
    finally:
        simulator.close()
    recorded = fixture["response"]
    comparison = Comparison(fixture)
    if status != recorded["status"]:
        comparison.differ("status", recorded["status"], status)
    compare_headers(comparison, fill(recorded["headers"], words), headers)
    tree, bom = parse(body)
    if bom != recorded["bodyHadUtf8Bom"]:
        comparison.differ("byte order mark", recorded["bodyHadUtf8Bom"], bom)
    comparison.compare("", fill(recorded["body"], words), tree)
    rows = tree.get("value") if isinstance(tree, dict) else None
    if isinstance(rows, (list, dict)) and tree.get("count") != len(rows):
        comparison.differ("count", len(rows), tree.get("count"))
    return comparison.found


def routes():
    """(method, pattern, service) of every route of the simulator, from its table."""
    row = re.compile(r'^\s+(READ|ASK|WRITE)\((\w+), (?:([A-Z]+), )?"([^"]+)"'
                     r'|^\s+\{SERVICE_(\w+), METHOD_(\w+), "([^"]+)"', re.M)
    found = []
    for verb, service, method, pattern, *other in row.findall(ROUTES_SOURCE.read_text()):
        if verb:
            found.append(({"READ": "GET", "ASK": "POST"}.get(verb) or method, pattern, service.lower()))
        else:
            found.append((other[1], other[2], other[0].lower()))
    if len(found) < 100:
        raise SystemExit("conformance: %s: only %d routes can be read from it" % (ROUTES_SOURCE.name, len(found)))
    return found


def matcher(pattern):
    text = ""
    for part in pattern.split("/"):
        if part.startswith("{*"):
            text += "(/.*)?"
        elif part.endswith("?}"):
            text += "(/[^/]+)?"
        elif part.startswith("{"):
            text += "/(?!_apis)[^/]+"
        else:
            text += "/" + re.escape(part)
    return re.compile(text + "/?$", re.I)


def route_of(request, table):
    service, path = re.match(r"\{(\w+)\}([^?]*)", request["url"]).groups()
    method = {"HEAD": "GET"}.get(request["method"], request["method"])
    for route in table:
        if route[0] == method and route[2] == service and matcher(route[1]).match(path):
            return route
    return None


def print_coverage(fixtures):
    table, covered = routes(), set()
    for fixture in fixtures.values():
        covered.add(route_of(fixture["request"], table))
    open_routes = [route for route in table if route not in covered]
    print("\n%d fixtures; %d of %d routes have one. Routes without a fixture (no exchange was recorded):" % (
        len(fixtures), len(table) - len(open_routes), len(table)))
    for method, pattern, service in open_routes:
        print("  %-7s %s%s" % (method, pattern, "" if service == "core" else "  (%s)" % service))
    missing = json.loads((HERE / "not-covered.json").read_text())
    print("\n%d recorded exchanges are not replayed:" % len(missing))
    for name, why in missing.items():
        print("  %s: %s" % (name, why))
    both = sorted(set(missing) & set(fixtures))
    return ["%s: is replayed, and yet listed in not-covered.json" % name for name in both]


def explain(name, found, seen):
    """Lines for what no row of the table explains; marks the rows that are seen."""
    lines = []
    for place, recorded, answered in found:
        match = [at for at, row in enumerate(DIFFERENCES)
                 if re.fullmatch(row["fixture"], name) and row["place"] == place
                 and row["recorded"] == recorded and row["simulator"] == answered]
        seen.update(match)
        if not match:
            lines.append("%s: %s: recorded %s, answered %s" % (name, place or "body", recorded, answered))
    return lines


def main():
    program, folder, only = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    fixtures = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    if not fixtures:
        raise SystemExit("conformance: no fixtures in %s" % folder)
    wrong, seen = [], set()
    for name, fixture in fixtures.items():
        if only and name not in only:
            continue
        lines = explain(name, replay(program, fixture), seen)
        print("%-70s %s" % (name, "as recorded" if not lines else "DIFFERS"))
        wrong += lines
    if not only:
        wrong += print_coverage(fixtures)
        print("\n%d differences are known and left:" % len(DIFFERENCES))
        for at, row in enumerate(DIFFERENCES):
            print("  %s, %s: %s" % (row["fixture"], row["place"], row["why"]))
            if at not in seen:
                wrong.append("differences.json: %s, %s: is not seen any more" % (row["fixture"], row["place"]))
    for line in wrong:
        print("conformance: " + line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
