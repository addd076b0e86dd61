# SPDX-License-Identifier: Apache-2.0
"""A sample of the fault matrix: each kind of fault at requests all over the application (tests/matrix runs the whole)."""
import matrix
from harness import Failure, at_once, check, main, share

ONCE, FROM = 3, 1  # cases of each kind
# From then on these are asked again and again, for most of a minute: left to the whole.
LONG = ("500", "503", "reset", "lost", "cut", "cut_chunked", "stall", "held", "429", "slow")


def spread(kinds, each):
    """So many requests of each kind, no two kinds at the same ones."""
    for i, (kind, n) in enumerate(kinds.items()):
        for j in range(each):
            yield kind, 1 + (n * (j * len(kinds) + i)) // (each * len(kinds))


def test_sample():
    clean = matrix.undisturbed()
    cells = [matrix.Cell(kind, "once", k) for kind, k in spread(clean["cells"], ONCE)]
    cells += [matrix.Cell(kind, "from", k) for kind, k in spread(clean["cells"], FROM) if kind not in LONG]
    print(f"     {len(clean['cells'])} kinds of fault, {len(cells)} cases", flush=True)
    matrix.run_cells(clean, cells[::share()], at_once(matrix.SIDE_BY_SIDE))


# --- the checks fail when they should -----------------------------------------------------------------------------------

def fails(function, *arguments):
    try:
        function(*arguments)
    except Failure as failure:
        return str(failure)
    return None


ROW = {"project": "MLOps", "principal": "[MLOps]\\Contributors", "kind": "repositories"}

# What somebody else does past charterd, and the check that is to see it.
DEEDS = {
    "lost access": ([{"op": "revoke", "permissions": ["Contribute"], **ROW}, {"op": "grant", "allow": ["Contribute"], **ROW}],
                    lambda place, clean: matrix.check_access(place, None)),
    "too much access": ([{"op": "grant", "allow": ["ForcePush"], **ROW}],
                        lambda place, clean: matrix.check_access(place, clean["ceiling"])),
    "another's entry": ([{"op": "revoke", **ROW}], matrix.check_others),
    "another's member": ([{"op": "remove_member", "group": "[MLOps]\\Operations", "member": "omar@contoso.com"}],
                         matrix.check_others),
}


def test_what_is_wrong_is_seen():
    clean = matrix.undisturbed()
    for name, (changes, look) in DEEDS.items():
        with matrix.new_place() as place:
            matrix.watch(place)
            place.converge()
            look(place, clean)
            for change in changes:
                place.hand(change)
            check(fails(look, place, clean), f"{name} is not seen")


def test_a_write_without_records_is_seen():
    with matrix.new_place() as place:
        place.converge()
        matrix.check_records(place)
        path = place.folder / "state" / "ledger.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        last = max(i for i, line in enumerate(lines) if '"record": "intent"' in line)
        change = place.ledger()[last]["change_id"]
        path.write_text("".join(line for line in lines if change not in line))
        check("outside of its records" in (fails(matrix.check_records, place) or ""), "a write without records is not seen")


if __name__ == "__main__":
    main()
