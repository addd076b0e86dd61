# SPDX-License-Identifier: Apache-2.0
"""A charter or settings that change while the daemon runs: good ones are taken, bad ones leave the old in force, in
mid-copy nothing is taken; and one organisation that fails holds up no other."""
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import time

from harness import ROOT, Place, binary, check, check_equal, free_address, main, wait_until
from test_apply import CHARTER, SEED
from test_drift import DRIFTS, WATCHED_CHARTER, hand, in_order

FOLDER = ROOT / "config" / "examples" / "folder"
CHARTER_SECONDS = 10  # 2 s of quiet, the poll, a pass
BAD = WATCHED_CHARTER.replace("owns:", "owms:", 1)
# Cleo joins a team.
MORE = WATCHED_CHARTER.replace("members: [ana@contoso.com, ben@contoso.com]",
                               "members: [ana@contoso.com, ben@contoso.com, cleo@contoso.com]")


def members(place):
    return [row for row in place.snapshot()["memberships"] if "cleo@contoso.com" in json.dumps(row)
            and "Data Science A" in json.dumps(row)]


def said(place, sentence):
    return [line for line in place.log_lines() if line.get("message") == sentence]


def charters_taken(place):
    return len(said(place, "the charter is in force"))


def text_for(place, text):
    return text.replace("https://dev.azure.com/contoso", place.url)


def passes(place):
    return place.metric("charterd_passes_total") or 0


@contextlib.contextmanager
def running(charter_path=None):
    """An organisation in order with its daemon, after the first pass."""
    with in_order({"listen": free_address()}) as place:
        if charter_path:
            charter_path(place)
            place.write_settings()
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        yield place


def rename_over(place, text):
    new = place.charter_path.with_suffix(".new")
    new.write_text(text_for(place, text))
    new.rename(place.charter_path)


def edit_in_place(place, text):
    with open(place.charter_path, "r+") as file:
        file.write(text_for(place, text))
        file.truncate()


def as_volume(place):
    """As Kubernetes lays out a volume: the file is a link into a link that is swapped."""
    volume = place.folder / "volume"
    (volume / "..1").mkdir(parents=True)
    shutil.copy(place.charter_path, volume / "..1" / "charter.yaml")
    (volume / "..data").symlink_to("..1")
    (volume / "charter.yaml").symlink_to("..data/charter.yaml")
    place.charter_path = volume / "charter.yaml"


def swap_volume(place, text):
    volume = place.charter_path.parent
    (volume / "..2").mkdir()
    (volume / "..2" / "charter.yaml").write_text(text_for(place, text))
    (volume / "..data_tmp").symlink_to("..2")
    (volume / "..data_tmp").rename(volume / "..data")
    shutil.rmtree(volume / "..1")


def take_new_charter(way, layout=None):
    with running(layout) as place:
        check_equal(members(place), [], "members before")
        way(place, MORE)
        wait_until(lambda: members(place), CHARTER_SECONDS, f"{way.__name__}: the new charter is taken")
        wait_until(place.is_ready, 5, "ready")
        check_equal(charters_taken(place), 2, "charters taken")


def test_rename_over():
    take_new_charter(rename_over)


def test_edit_in_place():
    take_new_charter(edit_in_place)


def test_swap_of_symbolic_links():
    take_new_charter(swap_volume, as_volume)


def test_bad_new_charter():
    """The old one stays in force, that is said everywhere, and it goes on being kept."""
    with running() as place:
        clean = place.snapshot()
        rename_over(place, BAD)
        wait_until(lambda: not place.is_ready(), CHARTER_SECONDS, "not ready")
        status, _, text = place.served("/readyz")
        check_equal(status, 503, "status of /readyz")
        check(place.url in text and "charter is not valid" in text, text)
        (line,) = said(place, "the new charter is not taken; the old one stays in force")
        check("owms" in line["error"] and "charter.yaml:" in line["error"], f"{line}")
        organization = place.status()["organizations"][0]
        check("owms" in organization["charter_error"] and not organization["ready"], f"{organization}")
        place.expect(1, "status", "--health")
        check_equal(place.metric("charterd_charter_valid"), 0, "charterd_charter_valid")
        check_equal(place.served("/healthz")[0], 200, "/healthz")
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 10, "drift repaired by the old charter")
        rename_over(place, MORE)
        wait_until(lambda: members(place), CHARTER_SECONDS, "mended")
        wait_until(place.is_ready, 5, "ready again")
        check_equal(place.metric("charterd_charter_valid"), 1, "charterd_charter_valid")


def test_charter_goes_away():
    """A missing file is not an empty one."""
    with running() as place:
        clean = place.snapshot()
        place.charter_path.rename(place.folder / "elsewhere")
        wait_until(lambda: not place.is_ready(), CHARTER_SECONDS, "not ready")
        n = passes(place)
        place.reconcile()
        wait_until(lambda: passes(place) > n, 10, "a pass by the old charter")
        check(place.snapshot() == clean, "something was changed without a charter")
        (place.folder / "elsewhere").rename(place.charter_path)
        wait_until(place.is_ready, CHARTER_SECONDS, "ready again")


def start_without(text):
    with Place(seed=SEED, listen=free_address()) as place:
        if text is not None:
            place.write_charter(text)
        place.start_daemon()
        wait_until(lambda: said(place, "there is no charter yet; waiting for one"), 10, "said in the log")
        check_equal(place.served("/healthz")[0], 200, "/healthz")
        status, _, text = place.served("/readyz")
        check_equal(status, 503, "status of /readyz")
        check("no valid charter" in text, text)
        check_equal(place.metric("charterd_charter_valid"), 0, "charterd_charter_valid")
        place.reconcile()
        time.sleep(0.5)
        check_equal(place.requests(), [], "requests without a charter")
        place.write_charter(CHARTER)
        wait_until(lambda: place.requests(kind="write"), CHARTER_SECONDS, "it works")
        wait_until(place.is_ready, 20, "ready")
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")


def test_no_charter_at_start():
    start_without(None)


def test_bad_charter_at_start():
    start_without(BAD)


def write_part(place, name):
    (place.charter_path / name).write_text(text_for(place, (FOLDER / name).read_text()))


def test_folder_in_mid_copy():
    """Each file by itself would be a charter with fewer teams: it is taken when no more comes for 2 s."""
    with Place(seed=SEED, listen=free_address()) as place:
        place.charter_path = place.folder / "charter"
        place.charter_path.mkdir()
        place.write_settings()
        names = sorted(file.name for file in FOLDER.glob("*.yaml"))
        for name in names:
            write_part(place, name)
        place.start_daemon()
        wait_until(place.is_ready, 30, "ready")
        whole = said(place, "the charter is in force")[0]["sha256"]
        for n in range(2):  # the folder is emptied, then copied anew, slowly
            for name in names:
                (place.charter_path / name).unlink()
            for name in names:
                time.sleep(1)
                write_part(place, name)
        time.sleep(CHARTER_SECONDS / 2)
        taken = {line["sha256"] for line in said(place, "the charter is in force")}
        check_equal(taken, {whole}, "charters taken")
        check_equal(said(place, "the new charter is not taken; the old one stays in force"), [], "refused in mid-copy")
        with open(place.charter_path / names[-1], "a") as file:
            file.write("# one more line\n")
        wait_until(lambda: len({line["sha256"] for line in said(place, "the charter is in force")}) == 2,
                   CHARTER_SECONDS, "the changed folder is taken")


def test_bad_new_settings():
    with running() as place:
        settings = place.folder / "charterd.yaml"
        good = settings.read_text()
        settings.write_text(good.replace("interval:", "intervall:"))
        place.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: said(place, "the new settings are not taken; the old ones stay in force"), 10, "said")
        check_equal(place.metric("charterd_settings_valid"), 0, "charterd_settings_valid")
        done = place.expect(1, "status", "-o", "json")  # of the daemon, though the file cannot be taken
        check("intervall" in json.loads(done.stdout)["settings_error"], "status says nothing of it")
        check("charterd.yaml:" in done.stderr and "SIGHUP" in done.stderr, f"what is wrong, what to do: {done.stderr}")
        place.expect(0, "status", "--health")
        check(place.is_ready(), "by the old settings it is ready")
        settings.write_text(good)
        clean = place.snapshot()
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 10, "drift repaired by the old settings")
        place.write_settings(mode="observe")
        place.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: place.status()["organizations"][0]["mode"] == "observe", 10, "new settings are taken")
        check_equal(place.metric("charterd_settings_valid"), 1, "charterd_settings_valid")
        check_equal(place.status()["settings_error"], None, "settings error")
        wait_until(place.is_ready, 20, "ready")
        hand(place, DRIFTS["a member added"])
        n = passes(place)
        place.reconcile()
        wait_until(lambda: passes(place) > n, 10, "a pass that observes")
        check(place.snapshot() != clean, "mode: observe wrote")
        check_equal(place.metric("charterd_steps", state="pending"), 1, "pending steps")


def test_status_of_a_daemon_whose_settings_went_bad():
    """It is asked where it may listen; another daemon's answer is not taken for its own."""
    with in_order({}) as place:
        settings = place.folder / "charterd.yaml"
        good = settings.read_text()
        place.settings["environment"] = {"RUNTIME_DIRECTORY": f"/nonexistent:{place.folder}"}
        place.start_daemon()
        wait_until(lambda: place.run("status").returncode == 0, 30, "in sync")
        for bad in (good + "nonsense: 1\n", good.replace("socket:", "sokket:"), good + "]", good.replace("charterd.sock", "other.sock")):
            settings.write_text(bad)
            done = place.run("status")
            check(place.url in done.stdout and str(place.folder / "charterd.sock") in done.stderr, f"{done}")
            check_equal(done.returncode, 0 if "other.sock" in bad else 1, f"exit: {done.stderr}")
            place.expect(0, "status", "--health")
        (place.folder / "moved.yaml").write_text(bad)
        other = subprocess.run([binary("CHARTERD"), "status", "-c", place.folder / "moved.yaml"], capture_output=True, text=True,
                               env=place.environment())
        check(other.returncode == 1 and not other.stdout and "has other settings" in other.stderr, f"{other}")
        place.kill_daemon()
        done = place.expect(1, "status")
        check(not done.stdout and "other.sock" in done.stderr and "no daemon answers at" in done.stderr, f"{done.stderr}")
        place.expect(1, "status", "--health")


def other_organisation(place, url, name):
    charter = place.folder / f"{name}.yaml"
    charter.write_text(CHARTER.replace("https://dev.azure.com/contoso", url))
    return [f"  - url: {url}", f"    charter: {charter}", "    mode: enforce", "    first_pass: apply",
            "    credential: { pat: { file: pat } }"]


def states_by_url(place, in_sync):
    """Of all organisations, once that one is in sync."""
    states = {row["url"]: row["state"] for row in place.status()["organizations"]}
    return states if states[in_sync] == "in_sync" else None


def test_organisations_side_by_side():
    """Nobody listens at one, one never answers, one has no charter: the fourth is kept as if it were alone."""
    with socket.socket() as silent, in_order({"listen": free_address()}) as place:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        gone = f"http://{free_address()}/gone"
        mute = f"http://127.0.0.1:{silent.getsockname()[1]}/mute"
        empty = f"{place.simulator.url}/empty"
        lines = other_organisation(place, gone, "gone") + other_organisation(place, mute, "mute")
        lines += other_organisation(place, empty, "empty")
        (place.folder / "empty.yaml").unlink()
        place.write_settings(organizations=lines)
        place.start_daemon()
        clean = place.snapshot()
        wait_until(lambda: place.metric("charterd_ready", organization=place.url), 30, "the good one is ready")
        began = time.monotonic()
        hand(place, DRIFTS["a member added"])
        place.reconcile()
        wait_until(lambda: place.snapshot() == clean, 5, "drift repaired")
        check(time.monotonic() - began < 5, "held up")
        status, _, text = place.served("/readyz")
        check_equal(status, 503, "status of /readyz")
        check_equal(sorted(line.split(": ")[0] for line in text.splitlines()), sorted([gone, mute, empty]), "not ready")
        states = wait_until(lambda: states_by_url(place, place.url), 10, "in sync")
        check_equal(states[empty], "no_charter", f"states: {states}")
        began = time.monotonic()
        check_equal(place.stop_daemon(), 0, "exit code after SIGTERM")
        check(time.monotonic() - began < 5, "the silent one held up the end")


if __name__ == "__main__":
    main()
