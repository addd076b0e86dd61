#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The comparison of replay.py notices what it is there to notice."""
import unittest

import replay

NODE = {"id": 7, "identifier": "57ea440f-8c59-4131-bdb1-20dcc51e3af2", "name": "A", "hasChildren": False,
        "url": "http://127.0.0.1:1/contoso/57ea440f-8c59-4131-bdb1-20dcc51e3af2/_apis/x/7?revision=4", "parent": None}
OTHER_GUID = "0d1dd52a-b038-4e99-9d68-57ff2b1c0835"
LIST = {"count": 2, "value": [{"name": "a", "bit": 1}, {"name": "b", "bit": 2}]}


def changed(tree, **fields):
    return {**tree, **fields}


def without(tree, name):
    return {key: value for key, value in tree.items() if key != name}


def places(recorded, answered, **fixture):
    comparison = replay.Comparison(fixture)
    comparison.compare("", recorded, answered)
    return [place for place, _, _ in comparison.found]


class Compare(unittest.TestCase):
    def test_what_varies_is_no_difference(self):
        for answered in (
                NODE,
                changed(NODE, id=8),
                changed(NODE, identifier=OTHER_GUID),
                changed(NODE, url="http://127.0.0.1:1/contoso/%s/_apis/x/12?revision=9" % OTHER_GUID),
        ):
            self.assertEqual(places(NODE, answered), [], answered)

    def test_differences(self):
        for answered, place in (
                (without(NODE, "parent"), ""),
                (changed(NODE, more=1), ""),
                (dict(reversed(NODE.items())), ""),
                ({"Name" if name == "name" else name: value for name, value in NODE.items()}, ""),
                (changed(NODE, id="7"), "id"),
                (changed(NODE, identifier="7"), "identifier"),
                (changed(NODE, name="B"), "name"),
                (changed(NODE, name=None), "name"),
                (changed(NODE, hasChildren=True), "hasChildren"),
                (changed(NODE, hasChildren=0), "hasChildren"),
                (changed(NODE, parent={}), "parent"),
                (changed(NODE, url=NODE["url"].replace("/x/", "/y/")), "url"),
                ([], ""),
        ):
            self.assertEqual(places(NODE, answered), [place], answered)

    def test_lists(self):
        for answered, found, fixture in (
                (LIST, [], {}),
                (changed(LIST, value=LIST["value"][:1]), ["value"], {}),
                (changed(LIST, value=LIST["value"][::-1]), ["value.*.name", "value.*.bit"] * 2, {}),
                (changed(LIST, value=LIST["value"][::-1]), [], {"rows": {"value": "name"}}),
                (changed(LIST, value=LIST["value"] + [{"name": "c", "bit": 3}]), [], {"rows": {"value": "name"}}),
                (changed(LIST, value=LIST["value"] + [{"bit": 3}]), ["value.*"], {"rows": {"value": "name"}}),
                (changed(LIST, value=LIST["value"][:1]), ["value"], {"rows": {"value": "name"}}),
                (changed(LIST, value=[{"name": "a", "bit": 1}, {"name": "b", "bit": 4}]), ["value.*.bit"], {}),
        ):
            self.assertEqual(places(LIST, answered, **fixture), found, answered)

    def test_exact(self):
        self.assertEqual(places(NODE, changed(NODE, identifier=OTHER_GUID), exact=True), ["identifier"])

    def test_headers(self):
        recorded = {"content-type": "application/json; charset=utf-8; api-version=5.0", "activityid": OTHER_GUID}
        for answered, found in (
                (recorded, []),
                (changed(recorded, activityid="x"), []),
                (without(recorded, "activityid"), ["header activityid"]),
                (changed(recorded, **{"content-type": "application/json; charset=utf-8"}), ["header content-type"]),
        ):
            comparison = replay.Comparison({})
            replay.compare_headers(comparison, recorded, answered)
            self.assertEqual([place for place, _, _ in comparison.found], found, answered)

    def test_every_route_is_read(self):
        self.assertIn(("GET", "_apis/projects/{project}", "core"), replay.routes())
        self.assertIn(("DELETE", "_apis/graph/groups/{descriptor}", "graph"), replay.routes())
        self.assertIn(("OPTIONS", "_apis/{area?}", "core"), replay.routes())


if __name__ == "__main__":
    unittest.main()
