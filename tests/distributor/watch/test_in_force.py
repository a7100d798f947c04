"""`matrix status` beside a daemon: what is written and not in force is said first, whatever keeps it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from matrix_parts import require
from matrix_ports import free_port

from matrix_distributor.state import OriginState, is_held

BAD = "@matrix 1\n[ps]\n    w1  192.0.2.1 [NOWHERE\n"


def fill(path):
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))


def status(site, *words, before=(), **environment):
    """Exit status and standard output of `matrix status`; `before` are words to put before its command line."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "matrix_console", "status", "-f", str(site.matrix), *words],
        capture_output=True, text=True, timeout=60, env={**site.environment, **environment}, cwd=site.folder,
        check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def pending(site, code, before=(), **environment):
    """Kind, cause and cure of each thing that is not in force, where the exit status is this."""
    found, told = status(site, "--json", before=before, **environment)
    assert found == code, told
    answer = json.loads(told)
    assert answer["in_force"] == (not answer["pending"])
    return [(each["kind"], each["cause"], each["cure"]) for each in answer["pending"] if not each["on_its_way"]]


def settled(site, code=0):
    """Until status ends so."""
    site.await_true(lambda: status(site)[0] == code, f"status {code}: {status(site)}")


@pytest.fixture
def watched(site):
    """A daemon that has pushed."""
    site.watch()
    site.await_event("pushed")
    settled(site)
    return site


def test_a_text_with_errors_is_said_first_with_the_command_that_goes_on(watched):
    watched.matrix.write_text(BAD)
    ((kind, cause, cure),) = pending(watched, 3)
    assert (kind, cure) == ("errors", "matrix check")
    assert "generation 1 stays" in cause
    assert "MATRIX:3:" in cause
    code, told = status(watched)
    assert code == 3
    first, second, third = told.splitlines()[:3]
    assert first.startswith("not in force: the MATRIX has errors")
    assert second.strip() == "→ matrix check"
    assert third.startswith("generation 1 (")
    watched.rewrite(2)
    settled(watched)
    assert status(watched)[1].startswith("generation 2 (")


def test_an_edit_that_takes_hosts_away_waits_for_a_person(watched):
    watched.matrix.write_text(watched.matrix.read_text().replace("    w2  192.0.2.2  weight=1\n", ""))
    watched.await_event("removals")
    ((kind, cause, cure),) = pending(watched, 3)
    assert (kind, cure) == ("removals", "matrix push --accept-removals")
    assert "1 of 2 hosts (w2)" in cause


def test_what_the_daemon_alone_knows_is_said_in_its_words(site):
    site.settings(poll=0.2)
    site.watch(MATRIX_PUSH_HOST_LIMIT="1")
    site.await_event("goal")
    site.await_true(lambda: (site.folder / ".matrix/state.db").exists())
    site.await_true(lambda: any(kind == "daemon" and "push.host-limit" in cause for kind, cause, _ in pending(site, 3)))


def test_an_edit_that_a_daemon_is_about_to_take_is_on_its_way_and_no_alarm(site):
    site.watch()
    site.await_event("pushed")
    settled(site)
    site.settings(quiet=60.0)
    site.process.send_signal(signal.SIGHUP)
    site.await_event("settings")
    site.stop(signal.SIGKILL, -signal.SIGKILL)
    site.settings(quiet=60.0)
    site.watch()
    site.await_event("pushed", 2)
    settled(site)
    site.rewrite(2)
    assert pending(site, 0) == []
    code, told = status(site)
    assert (code, told.splitlines()[0]) == (0, "on its way: MATRIX is other than in generation 2, the newest")
    assert not json.loads(status(site, "--json")[1])["in_force"]


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGKILL, -signal.SIGKILL, "it did not end in order"),
        (signal.SIGTERM, 0, "it was ended"),
        (signal.SIGINT, 0, None),
    ],
)
def test_a_daemon_that_does_not_run_is_missed_but_where_a_person_ended_it_at_its_terminal(watched, number, code, words):
    watched.stop(number, code)
    found = pending(watched, 3 if words else 0)
    if words:
        ((kind, cause, cure),) = found
        assert kind == "daemon"
        assert words in cause
        assert cure.startswith("matrix watch;")
        forget = [sys.executable, "-m", "matrix_console", "watch", "--forget", "-f", str(watched.matrix)]
        subprocess.run(forget, env=watched.environment, check=True)
    assert pending(watched, 0) == []
    watched.rewrite(2)
    assert [kind for kind, _, _ in pending(watched, 3)] == ["newer"], "nobody is there to take it"


def test_a_daemon_that_runs_is_not_forgotten(watched):
    forget = [sys.executable, "-m", "matrix_console", "watch", "--forget", "-f", str(watched.matrix)]
    done = subprocess.run(forget, env=watched.environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "matrix: a daemon runs here: end it first\n")
    assert is_held(watched.folder / ".matrix")


def test_settings_that_the_daemon_has_not_read_are_named_until_it_has(watched):
    watched.settings(retry=0.3)
    watched.await_event("pushed", 2)
    ((kind, _, cure),) = pending(watched, 3)
    assert (kind, cure) == ("settings", f"kill -HUP {watched.process.pid}")
    watched.process.send_signal(signal.SIGHUP)
    watched.await_event("settings")
    settled(watched)
    (watched.folder / "matrix.toml").write_text("[watch]\nquite = 1\n")
    watched.process.send_signal(signal.SIGHUP)
    watched.await_event("settings", level="error")
    with OriginState(watched.folder / ".matrix") as state:
        watched.await_true(lambda: "watch.quite" in "".join(state.life.last().troubles))


def test_the_figures_say_the_same(site):
    port = free_port()
    site.settings(metrics=f"127.0.0.1:{port}")

    def standing(kind):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return f'matrix_pending{{kind="{kind}"}} 1\n' in answer.read().decode()

    site.watch()
    site.await_event("pushed")
    assert not any(map(standing, ("errors", "removals", "not-pushed", "settings", "program", "daemon", "reflection")))
    site.matrix.write_text(BAD)
    site.await_true(lambda: standing("errors"))
    site.rewrite(2)
    site.await_true(lambda: not standing("errors"))
    site.settings(metrics=f"127.0.0.1:{port}", retry=0.3)
    site.await_true(lambda: standing("settings"))
    site.process.send_signal(signal.SIGHUP)
    site.await_true(lambda: not standing("settings"))


def test_a_state_that_cannot_be_written_is_seen_by_who_reads_it(site):
    require("root", "unshare")
    state = site.folder.with_name("state")
    state.mkdir()
    site.watch(
        "unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=400k tmpfs "$0" && exec "$@"', str(state),
        MATRIX_STATE=str(state),
    )  # fmt: skip
    site.await_event("pushed")
    full = Path(f"/proc/{site.process.pid}/root{state}")
    fill(full / "filler")
    site.rewrite(2)
    site.await_event("state")
    inside = ("nsenter", f"--mount=/proc/{site.process.pid}/ns/mnt")
    kinds = [kind for kind, _, _ in pending(site, 3, inside, MATRIX_STATE=str(state))]
    assert kinds[:2] == ["state", "newer"], "the edit is not on its way: it cannot be"


def test_a_state_of_the_release_before_goes_on_and_one_with_signs_is_read_by_it(watched):
    """What is new lies in tables of its own, which the other release passes over."""
    with OriginState(watched.folder / ".matrix") as state:
        assert state.life.last().generation == 1
        state._db.execute("DROP TABLE daemon")
        assert state.life.last() is None
        assert state.enrolments.marks() == {}
        assert state._db.execute("PRAGMA user_version").fetchone()[0] == 3


def test_the_folder_is_held_as_long_as_the_process_lives_and_not_by_its_children(watched):
    folder = watched.folder / ".matrix"
    assert is_held(folder)
    shutil.copytree(folder, watched.folder.with_name("copy"))
    assert not is_held(watched.folder.with_name("copy"))
    watched.stop(signal.SIGKILL, -signal.SIGKILL)
    assert not is_held(folder)
    assert os.listdir(folder)


def test_a_second_daemon_on_the_same_state_says_so(site):
    site.watch()
    site.await_weight(1)
    first = site.process
    try:
        site.watch()
        said = site.await_event("another", level="error")
        assert "works on the same state" in said["message"]
        site.stop()
    finally:
        site.process = first
