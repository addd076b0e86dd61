# SPDX-License-Identifier: Apache-2.0
"""What is told before any request: mistakes of settings and charters, a charter for another organisation."""
import re

from harness import FIXTURES, ROOT, Place, check, check_equal, main

EXAMPLES = ROOT / "config" / "examples"
MISTAKES = ROOT / "tests" / "fixtures" / "config" / "mistakes"
PLACE = re.compile(r"^(\S+\.yaml:\d+:\d+): error: ")


def places_of(done):
    """The places named on stderr, each once."""
    return {match[1] for match in map(PLACE.match, done.stderr.splitlines()) if match}


def requests_made(place):
    return len(place.requests())


def test_the_examples_are_in_order():
    with Place() as place:
        files = sorted(EXAMPLES.iterdir())
        check(len(files) > 0, "there are examples")
        place.expect(0, "check", *files)


def test_the_example_of_all_settings_goes_with_the_example_of_a_charter():
    with Place() as place:
        for name in ("charterd.yaml", "charter.yaml"):
            (place.folder / name).write_text((EXAMPLES / name).read_text())
        place.expect(0, "check")


def test_twenty_mistakes_name_twenty_places():
    with Place() as place:
        done = place.expect(1, "check", MISTAKES / "charter" / "shape" / "twenty.yaml")
        check(len(places_of(done)) >= 20, f"twenty places: {done.stderr}")
        check_equal(done.stdout, "", "what is on stdout")
        check("did you mean `members`?" in done.stderr, f"the nearest valid key: {done.stderr}")


def test_all_files_are_told_of_at_once():
    with Place() as place:
        done = place.expect(1, "check", MISTAKES / "settings" / "meaning" / "ranges.yaml", EXAMPLES / "charter.yaml",
                            MISTAKES / "charter" / "meaning" / "owner_twice.yaml", place.folder / "none.yaml")
        names = {name.rsplit("/", 1)[-1].split(":")[0] for name in places_of(done)}
        check_equal(names, {"ranges.yaml", "owner_twice.yaml"}, "files with mistakes")
        check("none.yaml: error: cannot be read: No such file or directory" in done.stderr, done.stderr)


def test_settings_alone():
    with Place() as place:
        place.expect(1, "check")  # its charter is not there
        place.expect(0, "check", "--settings")
        done = place.expect(64, "check", "--settings", EXAMPLES / "charter.yaml")
        check("-c FILE" in done.stderr, f"what --settings is about: {done.stderr}")


def test_unknown_permissions_are_for_check_alone():
    """The service's own list settles them for everybody else."""
    charter = (EXAMPLES / "charter.yaml").read_text().replace("View project-level information", "Levitate")
    with Place(seed=FIXTURES / "mlops.json", charter=charter) as place:
        done = place.expect(1, "check")
        check("no permission `Levitate` in Project" in done.stderr, done.stderr)


def test_a_charter_for_another_organisation_makes_no_request():
    charter = (EXAMPLES / "charter.yaml").read_text()
    with Place(seed=FIXTURES / "mlops.json") as place:
        place.charter_path.write_text(charter)  # for dev.azure.com, the settings are for the simulator
        place.clear_log()
        for command in ("check", "plan", "apply"):
            done = place.expect(1, command)
            check("this charter is for https://dev.azure.com/contoso, the settings are for " + place.url in done.stderr,
                  f"{command} says why: {done.stderr}")
        check_equal(requests_made(place), 0, "requests made")
        # The log does count: the right charter is asked about.
        place.write_charter(charter)
        place.run("plan")
        check(requests_made(place) > 0, "requests of a plan")


if __name__ == "__main__":
    main()
