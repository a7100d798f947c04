"""Nothing half-written is pushed: texts that are still open, that are the beginning of another, that come in parts."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_common.files.leases import file_system, open_for_writing
from matrix_distributor.state import OriginState
from matrix_distributor.watch.edits.rest import Rest, Rests
from matrix_distributor.watch.edits.writers import ABANDONED, Writers

HALF = b"a\nb\n"
WHOLE = b"a\nb\nc\n"


def weights(site):
    """The weight of w2 in every generation that there ever was."""
    with OriginState(site.folder / ".matrix") as state:
        past = [state.generation(one.number) for one in reversed(state.history())]
        texts = [one.texts["MATRIX"].decode() for one in past]
    return [int(text.partition("weight=")[2].split()[0]) for text in texts]


def watched(site):
    """The daemon has pushed the first text."""
    site.watch()
    site.await_weight(1)


def test_a_writer_that_pauses_is_waited_for_however_long(site):
    """The half is a MATRIX without errors, twice: an end of a number is missing, then a whole line."""
    watched(site)
    whole = site.matrix.read_text().replace("weight=1", "weight=250") + "w1 weight=9\n"
    with site.matrix.open("w") as writer:
        for part in (whole[: whole.index("0\n", whole.index("weight="))], "0\n", "w1 weight=9\n"):
            writer.write(part)
            writer.flush()
            time.sleep(1.2)  # longer than quiet and patience together
    site.await_weight(250)
    assert weights(site) == [1, 250]


def test_one_of_two_writers_that_closes_the_text_does_not_end_the_waiting(site):
    """Only the lease tells of the other one: inotify says that somebody closed it."""
    watched(site)
    with site.matrix.open("a") as holder:
        site.rewrite(2)
        time.sleep(1.2)
        assert site.weight("w1") == 1
        holder.write("# more\n")
    site.await_weight(2)
    assert weights(site) == [1, 2]


def test_one_that_is_held_open_for_long_is_told_of_and_taken_in_the_end(site):
    watched(site)
    with site.matrix.open("r+") as holder:
        holder.write("# First line\n")
        holder.flush()
        said = site.await_event("text-open", level="warning")["message"]
        assert str(site.matrix) in said
        assert "matrix push" in said
    site.await_event("text-good")
    assert site.await_event("generation", generation=2)
    assert len(site.events("text-open")) == 1


def test_a_text_that_became_shorter_by_a_writer_that_closes_it_between_its_parts(site):
    """No host is missing in the half: nothing but the missing line tells of it."""
    site.matrix.write_text(site.matrix.read_text() + "@property shelf text\nw1 shelf=seven\n")
    site.settings(patience=1.5)
    watched(site)
    lines = site.matrix.read_text().replace("weight=1", "weight=3").splitlines(keepends=True)
    site.matrix.write_text("".join(lines[:-1]))
    time.sleep(0.7)
    with site.matrix.open("a") as writer:
        writer.write(lines[-1])
    site.await_weight(3)
    site.await_true(lambda: "seven" in site.facts("w1"), "the rest")
    assert weights(site) == [1, 3]


def test_a_program_that_writes_beside_the_text_all_the_while_does_not_keep_it_from_being_taken(site):
    site.settings(quiet=0.3, poll=600.0)
    watched(site)
    ends = threading.Event()

    def write():
        while not ends.is_set():
            (site.folder / "beside.log").write_text("more\n")
            time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        site.rewrite(2)
        site.await_weight(2)
    finally:
        ends.set()
        writer.join()


def test_one_put_in_its_place_by_rename_is_taken_without_patience(site):
    """Though it is shorter: whoever renames has finished."""
    site.settings(patience=600.0)
    watched(site)
    new = site.folder / "new"
    new.write_text(site.matrix.read_text().replace("# first line\n", "").replace("weight=1", "weight=2"))
    new.rename(site.matrix)
    site.await_weight(2)


@pytest.fixture
def folder():
    """A folder that every account can enter, on a file system of this machine."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        Path(made).chmod(0o755)
        assert file_system(os.stat(made).st_dev), "a mounted file system has this folder"
        yield Path(made)


WATCHING = """
import os, sys
from pathlib import Path
from matrix_common.files.leases import open_for_writing
from matrix_distributor.watch.edits.events import Events
text = Path(sys.argv[1])
told = Events(lambda: None, text.parent / ".matrix")
told.watch([text])
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for _ in sys.stdin:
    leased = open_for_writing(text)
    print("leased" if leased is not None else "open" if told.writers.at(str(text)) else "closed", flush=True)
told.close()
"""
"""A process that is nobody's, with what it needs imported before: it says for each line what it knows of the text."""


def until_it_says(watching, answer):
    """Ask until this is the answer."""
    end = time.monotonic() + 20
    while True:
        watching.stdin.write("?\n")
        watching.stdin.flush()
        heard = watching.stdout.readline().strip()
        if heard == answer:
            return
        assert time.monotonic() < end, heard
        time.sleep(0.02)


def test_an_account_to_which_no_lease_is_given_is_told_by_inotify(folder):
    """As matrixd, which runs as an account that owns no text."""
    require("root")
    text = folder / "MATRIX"
    text.write_bytes(WHOLE)
    command = [sys.executable, "-c", WATCHING, str(text)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as watching:
        until_it_says(watching, "closed")
        with text.open("ab") as writer:
            writer.write(b"more")
            writer.flush()
            until_it_says(watching, "open")
        until_it_says(watching, "closed")
        with text.open("ab") as writer:
            writer.write(b"more")
            writer.flush()
            until_it_says(watching, "open")
            (folder / "new").write_bytes(WHOLE)
            (folder / "new").rename(text)
            until_it_says(watching, "closed")  # what its writer still has open has no name any more
        watching.stdin.close()
        assert watching.wait(20) == 0


def test_the_question_for_a_lease_harms_nobody(folder):
    """Neither the one who asks nor writers, who come at the same time, a thousand times."""
    text = folder / "MATRIX"
    text.write_bytes(WHOLE)
    ends = threading.Event()
    failures = []

    def write():
        while not ends.is_set():
            try:
                with text.open("r+b") as writer:
                    writer.write(HALF)
            except OSError as error:
                failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        answers = {open_for_writing(text) for _ in range(1000)}
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert answers <= {True, False}
    assert True in answers
    assert failures == []
    assert open_for_writing(text) is False


def test_what_cannot_be_known_is_not_said(folder):
    text = folder / "MATRIX"
    assert open_for_writing(text) is None
    assert open_for_writing("/proc/self/status") is None, "no file system of the kind"
    os.mkfifo(text)
    assert open_for_writing(text) is None


class Time:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def writers():
    """Where no lease can tell: files that are not there."""
    return Writers(Time())


@pytest.mark.parametrize(
    ("events", "open_", "placed"),
    [
        ("came wrote", True, False),
        ("came wrote closed", False, False),
        ("came", False, True),
        ("wrote", True, False),
        ("wrote came", False, True),
        ("wrote closed came wrote", True, False),
        ("wrote forget", False, False),
        ("came forget", False, False),
    ],
)
def test_events_say_who_writes(writers, events, open_, placed):
    for event in events.split():
        getattr(writers, event)(*([] if event == "forget" else ["/none/MATRIX"]))
    assert writers.at("/none/MATRIX") is open_
    assert writers.placed("/none/MATRIX") is placed
    writers._clock.now += ABANDONED
    assert not writers.at("/none/MATRIX"), "as after truncate(2), which closes nothing"


def test_a_file_that_is_renamed_while_it_is_written_is_still_open(writers):
    writers.wrote("/none/new")
    writers.came("/none/MATRIX", "/none/new")
    assert writers.at("/none/MATRIX")


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ({"M": WHOLE + b"d\n", "i": HALF}, 0.0),
        ({"M": b"A\nB\nC\n", "i": HALF}, 0.0),
        ({"M": HALF, "i": HALF}, 2.0),
        ({"M": WHOLE + b"d", "i": HALF}, 2.0),
        ({"M": WHOLE}, 2.0),
        ({"M": WHOLE, "i": HALF, "j": b"half of a new one"}, 2.0),
        ({"M": WHOLE, "i": HALF, "t": b"it never had a line end!"}, 0.0),
    ],
)
def test_what_may_be_the_beginning_of_a_text_is_waited_for(writers, now, seconds):
    rest = Rest(writers, Rests(0.3, 2.0), writers._clock)
    rest.took({"M": WHOLE, "i": HALF, **({"t": b"it never had a line end"} if "t" in now else {})})
    assert rest.keeps("other", now, at_rest=True) is (seconds > 0)
    assert rest.due == (100.0 + seconds if seconds else None)
    writers._clock.now += 2.0
    assert not rest.keeps("other", now, at_rest=False)
    assert rest.due is None


def test_another_text_begins_the_time_anew(writers):
    rest = Rest(writers, Rests(0.3, 2.0), writers._clock)
    rest.took({"M": WHOLE})
    assert rest.keeps(1, {"M": HALF}, at_rest=True)
    writers._clock.now += 1.9
    assert rest.keeps(2, {"M": b"x\n"}, at_rest=True)
    writers._clock.now += 1.9
    assert rest.keeps(2, {"M": b"x\n"}, at_rest=False)
    writers._clock.now += 0.2
    assert not rest.keeps(2, {"M": b"x\n"}, at_rest=False)
