# SPDX-License-Identifier: Apache-2.0
"""A fight: somebody undoes again and again what charterd repairs. It is told as the worst there is, and never slows a
repair."""
import threading
import time

from harness import check, check_equal, free_address, main, patience, wait_until
from test_drift import DRIFTS, SECONDS_AFTER_SIGNAL, hand, in_order
from test_notify import TELL, of_event, write_command

REPAIRS = 3  # of the same within an hour
# The application of the charter was the first time for these.
APPLIED = ("a permission taken from a team", "the team put into Contributors", "a member added")
# What each of the drifts is called, and what of the other side's value must be told.
TOLD = {
    "a grant given by hand on what a team owns": ("omar@contoso.com at repository data-science-a", "Contribute: allow -> not set"),
    "a permission taken from a team": ("[MLOps]\\Data Science A at repository data-science-a", "Contribute: not set -> allow"),
    "the team put into Contributors": ("[MLOps]\\Data Science A in [MLOps]\\Contributors", "take"),
    "a member added": ("zoe@contoso.com in [MLOps]\\Data Science A", "take"),
    "inheritance switched off": ("inheritance of repository operations", "off -> on"),
}


def passes(place):
    return [row for row in place.ledger() if row["record"] == "pass"]


def fights(place):
    return [row for row in place.status()["organizations"][0]["findings"] if row["kind"] == "fight"]


def undo_all_and_repair(place, clean):
    """Seconds until all is repaired again."""
    for drift in DRIFTS.values():
        hand(place, drift)
    check(place.snapshot() != clean, "the changes by hand changed nothing")
    began = time.monotonic()
    place.reconcile()
    wait_until(lambda: place.snapshot() == clean, 20, "repaired")
    took = time.monotonic() - began
    wait_until(lambda: not place.status()["organizations"][0]["busy"], 20, "the pass has ended")
    return took


def check_told(place, n_times):
    found = fights(place)
    check_equal(len(found), len(DRIFTS), f"fights: {found}")
    check_equal(place.metric("charterd_fights"), len(DRIFTS), "charterd_fights")
    for name, (what, value) in TOLD.items():
        (finding,) = [row for row in found if what in row["message"]]
        check_equal(finding["project"], "MLOps", f"{name}: the project")
        for part in (f"repaired {n_times + (name in APPLIED)} times since 20", value, "who does it is not known"):
            check(part in finding["detail"], f"{name}: {part!r} is not told: {finding['detail']}")
    text = place.run("status").stdout
    check(all(what in text for what, _ in TOLD.values()), f"status for people: {text}")


def test_the_same_drift_again_and_again():
    with in_order({"listen": free_address()}) as place:
        place.write_settings(notify=write_command(place, TELL))
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        clean = place.snapshot()
        for n in range(1, REPAIRS + 1):
            undo_all_and_repair(place, clean)
            wanted = [name for name in DRIFTS if n + (name in APPLIED) >= REPAIRS]
            check_equal(place.metric("charterd_fights"), len(wanted), f"charterd_fights after {n} repairs")
        check_told(place, REPAIRS)
        lines = [line for line in place.log_lines() if line["message"] == "finding" and line["kind"] == "fight"]
        check_equal([line["level"] for line in lines], ["error"] * len(DRIFTS), "levels in the log")
        check(all("repaired 3 times" in line["more"] for line in lines), f"{lines}")
        # It goes on: charterd is not slower for it, and what is known already is not told again.
        took = undo_all_and_repair(place, clean)
        check(took <= SECONDS_AFTER_SIGNAL * patience(), f"repaired after {took:.1f} s")
        check_told(place, REPAIRS + 1)
        check_equal(len([row for row in place.ledger() if row["record"] == "finding" and row["kind"] == "fight"]),
                    len(DRIFTS), "fights in the ledger")
        told = wait_until(lambda: [row for row in of_event(place, "fight") if row["count"] == len(DRIFTS)], 30, "notify")
        check_equal([row["count"] for row in of_event(place, "fight")], [len(APPLIED), len(DRIFTS)], "what is notified")
        check_equal(sorted(row["message"] for row in told[0]["findings"]),
                    sorted(row["message"] for row in fights(place)), "the fights that are notified")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        check_told_after_restart(place, clean)


def check_told_after_restart(place, clean):
    """What the ledger says of repairs is known to a command and to the next daemon."""
    plan = place.plan()
    check_equal(len([row for row in plan["findings"] if row["kind"] == "fight"]), len(DRIFTS), "fights of plan")
    check("repaired 4 times since" in place.expect(0, "plan").stdout, "plan for people")
    place.start_daemon()
    wait_until(place.is_ready, 30, "ready")
    check_told(place, REPAIRS + 1)
    undo_all_and_repair(place, clean)
    check_told(place, REPAIRS + 2)
    check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


class Opponent(threading.Thread):
    """Another tool: as soon as charterd is done with what it did, it does it again, each time otherwise."""

    WORDS = ["Read", "Contribute", "Create branch"]

    def __init__(self, place):
        super().__init__()
        self.place, self.n, self.error = place, 0, None
        self.n_before = sum(row["record"] == "intent" and row["principal"] == "omar@contoso.com" for row in place.ledger())
        self.stopping = threading.Event()
        self.undo()
        self.start()

    def undo(self):
        at = {"project": "MLOps", "kind": "repository", "name": "data-science-a"}
        self.place.hand({"op": "replace", "principal": "[MLOps]\\Data Science A", **at, "allow": self.WORDS[:1 + self.n % 3]})
        self.place.hand({"op": "grant", "principal": "omar@contoso.com", **at, "allow": self.WORDS[:1 + self.n % 3]})
        self.n += 1

    def is_undone(self):
        """The surplus is taken last: its outcome is written once it has been read back."""
        rows = self.place.ledger()
        surplus = {row["change_id"] for row in rows if row["record"] == "intent" and row["principal"] == "omar@contoso.com"}
        return sum(row["record"] == "outcome" and row["change_id"] in surplus for row in rows) >= self.n + self.n_before

    def run(self):
        try:
            while not self.stopping.is_set():
                if self.is_undone():
                    self.undo()
                self.stopping.wait(0.02)
        except Exception as error:
            self.error = error

    def stop(self):
        self.stopping.set()
        self.join()
        if self.error:
            raise self.error


def test_another_tool():
    """Each pass that finds it wrong puts it right: what is missing and what is too much."""
    with in_order({"listen": free_address()}) as place:
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        wait_until(lambda: not place.status()["organizations"][0]["busy"], 20, "the first pass has ended")
        clean, n_before = place.snapshot(), len(passes(place))
        opponent = Opponent(place)
        try:
            while len(passes(place)) < n_before + 2 * REPAIRS:
                n = len(passes(place))
                place.reconcile()
                wait_until(lambda: len(passes(place)) > n, 30, "a pass")
            wait_until(lambda: place.metric("charterd_fights") == 2, 20, "two fights")
        finally:
            opponent.stop()
        found = {row["message"].rsplit(": ", 1)[1]: row["detail"] for row in fights(place)}
        for what in ("[MLOps]\\Data Science A at repository data-science-a", "omar@contoso.com at repository data-science-a"):
            check(found[what].count(" | ") >= 1, f"the values of the other side: {found[what]}")
        fought = passes(place)[n_before:]
        steps = [sum(row["record"] == "intent" and row["pass"] == one["pass"] for row in place.ledger()) for one in fought]
        lost = [one for one, n_steps in zip(fought, steps) if one["steps"] and not n_steps]
        check_equal(lost, [], "passes that saw it and did nothing")
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 20, "repaired in the end")


def test_charters_that_take_turns():
    """Who changes the charter again and again fights nobody."""
    with in_order({}) as place:
        one = place.charter_path.read_text()
        other = one.replace("members: [ana@contoso.com, ben@contoso.com]", "members: [ana@contoso.com]")
        check(one != other, "the charter has no such line")
        for text in (other, one, other, one, other):
            place.charter_path.write_text(text)
            place.expect(0, "apply")
        check_equal([row for row in place.plan()["findings"] if row["kind"] == "fight"], [], "fights")


if __name__ == "__main__":
    main()
