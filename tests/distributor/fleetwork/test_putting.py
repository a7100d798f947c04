"""One file in the same breath as the question: by perl where a host has it, and the long way where not."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Reply
from matrix_distributor.dialogue.commands import Command, Inquiry
from matrix_distributor.fleetwork import Session
from matrix_distributor.fleetwork.copy import CopyOptions, scan
from matrix_distributor.fleetwork.copy.copying import copy_dialogue
from matrix_distributor.fleetwork.copy.stream import Stream
from matrix_distributor.hostside.scripts import put_script
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

OLD, NEW = b"old\n", b"new\n" * 5000
PLAIN = CopyOptions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a host, with a file that is to be another."""
    require("perl")
    (tmp_path / "there").mkdir()
    (tmp_path / "there/f").write_bytes(OLD)
    return tmp_path / "there"


@dataclass(frozen=True)
class Way:
    """How content is sent: compressed, or as it is where it would get no smaller."""

    packed: bool

    def said(self, content: bytes, keep: int | None = None, **other: str) -> bytes:
        """The script and that content, or so many bytes of it."""
        sent = gzip.compress(content) if self.packed else content
        return script(packed="1" if self.packed else "", **other) + sent[:keep]


@pytest.fixture(params=[True, False], ids=["packed", "plain"])
def way(request: pytest.FixtureRequest) -> Way:
    return Way(request.param)


def script(**other: str) -> bytes:
    words = {
        "folder": "/there",
        "name": "f",
        "mode": "640",
        "owner": "",
        "soft": "",
        "sum": hashlib.sha256(NEW).hexdigest(),
        "packed": "1",
    }
    return put_script(list((words | other).values()))


def on(folder: Path) -> dict[str, str]:
    """The environment that makes the folder above `folder` the root of a host."""
    return {**os.environ, "DSAS_ROOT": str(folder.parent)}


def put(folder: Path, said: bytes) -> tuple[int, str, str]:
    done = subprocess.run(["perl"], input=said, env=on(folder), capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_content_mode_and_nothing_beside_it(folder: Path, way: Way) -> None:
    assert put(folder, way.said(NEW)) == (0, "put\n", "")
    assert (folder / "f").read_bytes() == NEW
    assert (folder / "f").stat().st_mode & 0o7777 == 0o640
    assert [path.name for path in folder.iterdir()] == ["f"]


def test_a_stream_cut_anywhere_changes_nothing(folder: Path, way: Way) -> None:
    content = os.urandom(30_000)
    sum_ = hashlib.sha256(content).hexdigest()
    for cut in (0, 1, 10, 15_000, -8, -1):
        status, _, told = put(folder, way.said(content, cut, sum=sum_))
        assert (status, "did not arrive whole" in told) == (75, True)
        assert (folder / "f").read_bytes() == OLD
        assert [path.name for path in folder.iterdir()] == ["f"]


def test_other_content_than_was_announced_changes_nothing(folder: Path, way: Way) -> None:
    assert put(folder, way.said(NEW + b"more"))[0] == 75
    assert (folder / "f").read_bytes() == OLD


@pytest.mark.parametrize("line", ["rm f; ln -s /etc/passwd f", "rm f; mkfifo f", "rm f; mkdir f", "rm f"])
def test_what_is_no_plain_file_is_left_to_the_long_way(folder: Path, line: str) -> None:
    subprocess.run(["sh", "-c", line], cwd=folder, check=True)
    before = os.lstat(folder / "f").st_ino if os.path.lexists(folder / "f") else None
    assert put(folder, script() + gzip.compress(NEW))[0] == 12
    assert (os.lstat(folder / "f").st_ino if os.path.lexists(folder / "f") else None) == before


def test_names_are_text(folder: Path) -> None:
    name = "it's $(x) \\ @{[y]} \N{LATIN SMALL LETTER U WITH DIAERESIS}"
    (folder / name).write_bytes(OLD)
    assert put(folder, script(name=name) + gzip.compress(NEW))[0] == 0
    assert (folder / name).read_bytes() == NEW


@pytest.mark.needs("root")
def test_owners_and_set_id_bits(folder: Path) -> None:
    assert put(folder, script(owner="games:daemon", mode="4755") + gzip.compress(NEW))[0] == 0
    status = (folder / "f").stat()
    assert ((folder / "f").owner(), (folder / "f").group(), status.st_mode & 0o7777) == ("games", "daemon", 0o4755)
    status_, _, told = put(folder, script(owner="nobody-there") + gzip.compress(NEW))
    said = "chown: invalid user: 'nobody-there'\ndsas: the owner nobody-there cannot be set\n"
    assert (status_, told) == (70, said)


@pytest.mark.parametrize("end", ["kill", "end"])
def test_what_was_ended_in_the_middle_leaves_the_old_file_and_the_next_clears_up(
    folder: Path, way: Way, end: str
) -> None:
    child = subprocess.Popen(["perl"], stdin=subprocess.PIPE, env=on(folder), stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    child.stdin.write(way.said(os.urandom(400_000), 200_000))
    child.stdin.flush()
    await_true(lambda: bool(list(folder.glob(".dsas.*/0"))))
    assert put(folder, script(name="f") + gzip.compress(NEW))[0] == 0, "beside another one"
    assert list(folder.glob(".dsas.*/0")), "which is left alone while it lives"
    (folder / "f").write_bytes(OLD)
    child.send_signal(signal.SIGKILL if end == "kill" else signal.SIGTERM)
    child.wait(20)
    child.stdin.close()
    assert (folder / "f").read_bytes() == OLD
    assert bool(list(folder.glob(".dsas.*"))) == (end == "kill")
    assert put(folder, script() + gzip.compress(NEW))[0] == 0
    assert [path.name for path in folder.iterdir()] == ["f"]


def await_true(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.needs("root", "unshare", "mount")
def test_a_full_disk_is_named_and_changes_nothing(folder: Path, way: Way) -> None:
    line = 'mount -t tmpfs -o size=64k none "$0" && cd "$0" && echo old >f && perl; s=$?; ls -A; cat f; exit $s'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", line, str(folder)], capture_output=True, timeout=60, check=False, env=on(folder),
        input=way.said(os.urandom(200_000)),
    )  # fmt: skip
    assert done.returncode == 75
    assert b"No space left on device" in done.stderr
    assert done.stdout == b"f\nold\n"


def held_by(replies: list[Reply], here: Path, options: CopyOptions = PLAIN) -> list[Command]:
    """The commands that a host is told, one for each of its replies, until all is said."""
    host = loads("@matrix 1\n[ps]\n    w1 10.0.0.1\n").host("w1")
    cargo = scan(f"{here}/there/f:/etc/f")
    commands: list[Command] = []
    with Stream(cargo.entries) as stream:
        dialogue = copy_dialogue(host, cargo, stream, options, sudo=False)
        try:
            commands.append(next(dialogue))
            for reply in replies:
                commands.append(dialogue.send(reply))
        except StopIteration:
            return commands
        dialogue.close()
    return commands


SUM_LINE = f"{'ab' * 32}  -\n".encode()


def test_one_command_is_all_that_is_said(folder: Path, tmp_path: Path) -> None:
    entry = scan(f"{tmp_path}/there/f:/etc/f").entries[0]
    same = f"={0o100000 | entry.mode:x}{entry.owner}\n".encode()
    assert len(held_by([Reply(0, same, b"", 0)], tmp_path)) == 1
    assert len(held_by([Reply(0, SUM_LINE + b"put\n", b"", 0)], tmp_path)) == 1
    assert len(held_by([Reply(0, b"Hello " + SUM_LINE + b"put\nGoodbye\n", b"stty: no\n", 0)], tmp_path)) == 1
    assert len(held_by([Reply(74, SUM_LINE, b"dsas: no\n", 0)], tmp_path)) == 1


def test_a_host_without_perl_is_told_the_rest_at_once(folder: Path, tmp_path: Path) -> None:
    for reply in (
        Reply(127, SUM_LINE, b"sh: perl: not found\n", 0),
        Reply(0, SUM_LINE, b"", 0),
        Reply(74, SUM_LINE, b"", 0),
    ):
        _, second = held_by([reply], tmp_path)
        assert "gzip -dc | tar" in second.line
        assert isinstance(second, Command)


def test_what_is_odd_is_asked_at_length_and_not_shortly_again(folder: Path, tmp_path: Path) -> None:
    for reply in (Reply(12, b"81a4root:root\n", b"", 0), Reply(9, b"", b"", 0), Reply(0, b"", b"", 0)):
        _, second = held_by([reply], tmp_path)
        assert "DSAS_SURVEY" in second.line


def test_what_wants_more_than_a_file_in_its_place_goes_the_long_way(folder: Path, tmp_path: Path) -> None:
    for options in (
        CopyOptions(check="true"),
        CopyOptions(then="true"),
        CopyOptions(backup=True),
        CopyOptions(dry=True),
    ):
        (first, *_) = held_by([], tmp_path, options)
        assert isinstance(first, Command)


def test_nothing_is_sent_before_the_host_has_answered_so(folder: Path, tmp_path: Path) -> None:
    (first,) = held_by([], tmp_path)
    assert isinstance(first, Inquiry)
    assert first.answer(SUM_LINE[:40]) is None
    assert first.answer(b"=81a4root:root\n") is None, "it is the same, and the host ends by itself"
    assert first.answer(b"Welcome!\n") == ()


@pytest.mark.parametrize("instead", ["/bin/false", "/bin/true", "/dev/null"])
def test_a_host_whose_perl_is_none_gets_the_file_all_the_same(
    hosts: SshdFleet, fleet: Fleet, here: Path, instead: str
) -> None:
    perl = shutil.which("perl", path="/usr/bin:/bin")
    assert perl is not None
    hosts.write("h5", "/etc/plain", OLD)
    assert hosts.run("h5", "mount", "--bind", instead, perl).returncode == 0
    try:
        (here / "f").write_bytes(NEW)
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30) as session:
            (outcome,) = session.copy("h5", scan(f"{here}/f:/etc/plain"))
    finally:
        hosts.run("h5", "umount", perl)
    assert (str(outcome.trouble), [change.what for change in outcome.changes]) == ("", ["content"])
    assert hosts.read("h5", "/etc/plain") == NEW
    assert list(hosts.path("h5", "/etc").glob(".dsas*")) == []
