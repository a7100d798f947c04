"""What happens to the daemon: folders that go, disks that fill, limits that are reached, clocks that jump, signals."""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_distributor.state import OriginState
from matrix_distributor.watch.edits.events import Events


def generations(site):
    with OriginState(site.folder / ".matrix") as state:
        return state.current_number()


def test_a_folder_that_is_renamed_and_made_anew_is_followed(site):
    site.watch()
    site.await_weight(1)
    for weight in (2, 3):
        site.folder.rename(site.folder.with_name(f"old-{weight}"))
        shutil.copytree(site.folder.with_name(f"old-{weight}"), site.folder)
        site.rewrite(weight)
        site.await_weight(weight)
    site.rewrite(4)
    site.await_weight(4)


def test_a_link_to_the_folder_may_be_pointed_elsewhere(site):
    """As a deployment does that makes a release beside the last one: `ln -sfn release-2 current`."""
    current = site.folder.with_name("current")
    current.symlink_to(site.folder)
    site.watch(path=current / "MATRIX", MATRIX_STATE=str(site.folder.with_name("state")))
    site.await_weight(1)
    for weight in (2, 3):
        release = site.folder.with_name(f"release-{weight}")
        shutil.copytree(current.resolve(), release)
        (release / "MATRIX").write_text(site.matrix.read_text().replace("weight=1", f"weight={weight}"))
        subprocess.run(["ln", "-sfn", str(release), str(current)], check=True)
        site.await_weight(weight)


def test_the_text_may_be_away_for_a_while(site):
    site.watch()
    site.await_weight(1)
    site.matrix.unlink()
    assert "what was good stays in force" in site.await_event("text-wrong")["message"]
    site.rewrite(2)
    site.await_weight(2)
    assert site.await_event("text-good")


def test_includes_are_watched_from_when_they_join(site):
    site.watch()
    site.await_weight(1)
    other = site.folder.with_name("other")
    other.mkdir()
    (other / "x.matrix").write_text("@property note2 text\n")
    site.matrix.write_text(site.matrix.read_text().replace("@include", "@include ../other/*.matrix\n@include", 1))
    site.await_event("generation", generation=2)
    (other / "x.matrix").write_text("w2 weight=7\n")
    site.await_event("text-wrong")  # two values for one thing: so the folder that joined is read
    (other / "x.matrix").write_text("w1 weight=7\n")
    site.await_event("generation", generation=3)
    (other / "y.matrix").write_text("# a further one that the pattern names\n")
    site.await_event("generation", generation=4)


def test_a_burst_of_a_thousand_saves_becomes_few_generations_and_the_last_one_wins(site):
    site.settings(quiet=0.3)
    site.watch()
    site.await_weight(1)
    for number in range(1000):
        site.rewrite(number % 200 + 2)
    site.rewrite(250)
    site.await_weight(250)
    assert generations(site) <= 12


def test_a_mistake_is_said_once_however_often_it_is_saved(site):
    site.settings(poll=0.1)
    site.watch()
    site.await_weight(1)
    wrong = site.matrix.read_text().replace("weight=1", "[STOPP]")
    for _ in range(5):
        site.matrix.write_text(wrong)
        time.sleep(0.15)
    site.rewrite(2)
    site.await_weight(2)
    said = site.await_event("text-wrong")["message"]
    assert "MATRIX:6:" in said
    assert "STOPP" in said
    assert len(site.events("text-wrong")) == len(site.events("text-good")) == 1


def test_what_a_writer_has_not_finished_is_not_taken_however_often_the_text_is_looked_at(site):
    """The half is a MATRIX without errors: only the rest of its writer tells it from a whole."""
    site.settings(poll=0.05, quiet=0.6)
    site.watch()
    site.await_weight(1)
    half, rest = site.matrix.read_text().replace("weight=1", "weight=3"), "@property shelf text\nw1 shelf=seven\n"
    with site.matrix.open("w") as writer:
        for part in (half, *rest.splitlines(keepends=True)):
            writer.write(part)
            writer.flush()
            time.sleep(0.3)
    site.await_true(lambda: "seven" in site.facts("w1"), "the rest")
    assert generations(site) == 2
    assert not site.events("text-wrong")


def test_events_that_the_kernel_lost_are_a_hint_and_no_foreign_line_in_the_log(tmp_path, capfd):
    (tmp_path / "MATRIX").write_text("1")
    hints = []
    events = Events(lambda: hints.append(1), tmp_path / ".matrix")
    try:
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; events were lost")
        assert hints == [1]
        assert capfd.readouterr().err == ""
    finally:
        events.close()


def fill(path):
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))


def test_when_the_disk_of_the_state_is_full_it_says_so_once_and_goes_on_when_there_is_room(site):
    require("root", "unshare")
    (site.folder / ".matrix").mkdir()
    site.settings(poll=0.2)
    small = 'mount -t tmpfs -o size=400k tmpfs "$0" && exec "$@"'
    site.watch("unshare", "-m", "sh", "-c", small, str(site.folder / ".matrix"))
    site.await_weight(1)
    disk = Path(f"/proc/{site.process.pid}/root{site.folder}/.matrix")
    fill(disk / "filler")
    site.rewrite(2)
    said = site.await_event("state")
    assert "disk" in said["message"]
    time.sleep(0.6)
    assert len(site.events("state")) == 1, "said once, though it was tried again and again"
    assert site.weight("w1") == 1
    (disk / "filler").unlink()
    site.await_weight(2)


@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_when_the_kernel_gives_no_watch_it_says_so_and_looks_more_often(site, limit):
    require("unshare")
    # The limits of a user namespace are its own: those of this machine stay as they are.
    site.watch("unshare", "-Ur", "sh", "-c", f'echo 0 >/proc/sys/user/{limit} && exec "$@"', "sh")
    assert "cannot be watched" in site.await_event("events")["message"]
    site.await_weight(1)
    site.rewrite(2)
    site.await_weight(2)
    assert len(site.events("events")) == 1


def faked(clock):
    """What an environment needs for a clock that is set by writing to a file; intervals stay real."""
    require("faketime")
    preload = subprocess.run(
        ["faketime", "-f", "+0s", "sh", "-c", "echo $LD_PRELOAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return {
        "LD_PRELOAD": preload, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def test_a_clock_that_jumps_moves_nothing(site, tmp_path_factory):
    clock = tmp_path_factory.mktemp("time") / "clock"  # not beside the site: each look at it would be an event
    clock.write_text("+0s")
    site.watch(**faked(clock))
    site.await_weight(1)
    for weight, jump in enumerate(("-9000d", "+9000d", "-1d"), start=2):
        clock.write_text(jump)
        site.rewrite(weight)
        site.await_weight(weight)
    times = [event["time"][:4] for event in site.events("generation")]
    assert times[1] < times[0] < times[2], "the clock really jumped"
    site.await_event("pushed", generation=4)
    assert all(0 <= event["seconds"] < 15 for event in site.events("pushed"))


def test_sighup_reads_the_settings_again_and_a_wrong_one_is_not_taken(site):
    site.watch()
    site.await_weight(1)
    (site.folder / "matrix.toml").write_text("[watch]\nquiett = 1\n")
    site.process.send_signal(signal.SIGHUP)
    assert "watch.quiet" in site.await_event("settings", level="error")["message"]
    site.settings(repair=True, verify=0.2)
    site.process.send_signal(signal.SIGHUP)
    site.await_event("settings", level="info")
    conf = site.fleet.roots["w1"] / "etc/dsas.conf"
    conf.write_text("by hand\n")
    site.await_true(lambda: "DSAS_GENERATION" in conf.read_text(), "repaired, as the new settings say")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(site, number):
    site.watch()
    site.await_weight(1)
    assert site.stop(number) < 5
    assert site.events()[-1]["event"] == "stopped"


def test_a_text_that_looks_everywhere_holds_it_up_neither_at_work_nor_at_its_end(site):
    site.watch()
    site.await_weight(1)
    text = site.matrix.read_text()
    for pattern in ("/**/nosuchzz", "/proc/self/**/zz"):
        site.matrix.write_text(f"@include {pattern}\n{text}")
        site.await_true(lambda pattern=pattern: pattern in str(site.events("text-wrong")), pattern)
    site.stop()
    assert site.events()[-1]["event"] == "stopped"


def test_what_stands_in_another_file_comes_into_no_log(site):
    site.watch()
    site.await_weight(1)
    other = site.folder.with_name("key")
    other.write_text("-----BEGIN hunter2-----\nhunter2: hunter2\n=\n")
    site.matrix.write_text(f"@include {other}\n{site.matrix.read_text()}")
    site.await_event("text-wrong")
    site.stop()
    assert "hunter2" not in str(site.events())


def test_told_to_stop_it_lets_the_hosts_that_are_spoken_to_come_to_their_end(site):
    home = site.fleet.roots["w2"] / "var/lib/dsas"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another pusher's install does: w2 waits for it
        site.watch()
        site.await_weight(1, ["w1"])
        site.await_true(lambda: list(home.glob("generations/.tmp-*/install.sh")), "w2 has the stream")
        assert site.process is not None
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
    site.stop()
    assert site.weight("w2") == 1
    with OriginState(site.folder / ".matrix") as state:
        assert state.hosts()["w2"].outcome.good


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.3])
def test_killed_at_any_moment_it_resumes(site, moment):
    site.watch()
    site.await_weight(1)
    site.rewrite(2)
    time.sleep(moment)
    site.stop(signal.SIGKILL, -signal.SIGKILL)
    site.watch()
    site.await_weight(2)
    site.rewrite(3)
    site.await_weight(3)
    left = [name for name in os.listdir(site.folder) if name not in ("MATRIX", "matrix.d", "matrix.toml", ".matrix")]
    assert left == []
