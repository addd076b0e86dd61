#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Alert rules and dashboard: they ask for what a daemon serves, each alert is tested when it is due, and explained.

usage: test_monitoring.py CHARTERD
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))
from program import Program  # noqa: E402

FOLDER = ROOT / "packaging/prometheus"
METRIC = re.compile(r"\b(charterd_[a-z0-9_]+)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
RATES = re.compile(r"\b(rate|increase|resets|irate)\((charterd_\w+)")
NAMING = re.compile(r"charterd_[a-z0-9]+(_[a-z0-9]+)*")
UNITS = re.compile(r"_(milliseconds|ms|minutes|hours|days|kilobytes|kib|mb|percent)(_|$)")
SCRAPED = {"instance", "job"}  # labels Prometheus itself adds


def naming(metrics):
    """Base units, `_total` for what only grows, `_info` for what is 1 and has its news in labels, a help text."""
    for metric in metrics:
        if not NAMING.fullmatch(metric.name) or UNITS.search(metric.name):
            yield f"{metric.name}: not a name by the conventions"
        if (metric.type == "counter") != metric.name.endswith("_total"):
            yield f"{metric.name} is a {metric.type}"
        if metric.help[-1] != "." or metric.help.strip() != metric.help:
            yield f"{metric.name}: its help is no sentence: {metric.help!r}"
    families = [metric.name.removesuffix("_total") for metric in metrics]
    yield from (f"{name}: two metrics of one family" for name in families if families.count(name) > 1)


def asked(where, expression, by_name):
    for name, matchers in METRIC.findall(expression):
        if name not in by_name:
            yield f"{where} asks for {name}, which nothing serves"
            continue
        unknown = set(MATCHER.findall(matchers)) - set(by_name[name].labels) - SCRAPED
        if unknown:
            yield f"{where}: {name} has no label {', '.join(sorted(unknown))}"
    for function, name in RATES.findall(expression):
        if name in by_name and by_name[name].type != "counter":
            yield f"{where}: {function}() of {name}, which is no counter"


def expressions():
    rules = (FOLDER / "charterd.rules.yml").read_text()
    for alert, expression in re.findall(r"^ *- alert: (\w+)\n +expr: (.+(?:\n {10}.+)*)", rules, re.M):
        yield alert, expression
    dashboard = json.loads((FOLDER / "grafana.json").read_text())
    for variable in dashboard["templating"]["list"]:
        yield f"variable {variable['name']}", variable["query"]
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']!r}", target["expr"]


def alerts():
    wanted = re.findall(r"^ *- alert: (\w+)", (FOLDER / "charterd.rules.yml").read_text(), re.M)
    if len(wanted) < 10:
        yield f"only {len(wanted)} alerts: {wanted}"
    tested = (FOLDER / "charterd.rules.test.yml").read_text()
    guide = (ROOT / "packaging/man/charterd-guide.7.in").read_text()
    told = set(re.findall(r"\bCharterd[A-Z]\w+", guide))
    for alert in wanted:
        if not re.search(rf"alertname: {alert}\n +exp_alerts:\n", tested):
            yield f"{alert} is never due in charterd.rules.test.yml"
        if not re.search(rf"alertname: {alert}, exp_alerts: \[\]", tested):
            yield f"{alert} is always due in charterd.rules.test.yml"
    yield from (f"charterd-guide(7) does not say what to do with {alert}" for alert in sorted(set(wanted) - told))
    yield from (f"charterd-guide(7) speaks of {alert}, which is no alert" for alert in sorted(told - set(wanted)))


def panels():
    dashboard = json.loads((FOLDER / "grafana.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids) or len(ids) < 12:
        yield f"panels of the dashboard: {ids}"
    cells = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if own & cells or at["x"] + at["w"] > 24:
            yield f"panel {panel['title']!r} lies on another one, or outside"
        cells |= own


def main():
    metrics = Program(sys.argv[1]).metrics()
    by_name = {metric.name: metric for metric in metrics}
    mistakes = [*naming(metrics), *alerts(), *panels()]
    n = 0
    for where, expression in expressions():
        n += 1
        mistakes += asked(where, expression, by_name)
    for mistake in mistakes:
        print(mistake)
    print(f"{len(metrics)} metrics, {n} expressions, {len(mistakes)} mistakes")
    return 1 if mistakes or n < 25 else 0


if __name__ == "__main__":
    sys.exit(main())
