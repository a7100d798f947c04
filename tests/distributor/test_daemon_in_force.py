"""What keeps a daemon from its work, by what the kernel knows of it and what it last said of itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from matrix_parts import require

from matrix_distributor.in_force import Watching, last_change
from matrix_distributor.state import OriginState, Sign, StateError
from matrix_grammar.reading.reader import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNIT = {"unit": "matrixd.service"}
OWN = {**UNIT, "user": True}
FORGET = "; where none is to run: matrix watch --forget"


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def sign(**more: Any) -> Sign:
    """Of a daemon that looks every 60 s, leaves a text alone for 2 s, and has just said that all is well."""
    words: dict[str, Any] = {
        "machine": socket.gethostname(), "process": 77, "unit": "", "user": False, "version": "1", "installed": "",
        "program": 0, "started": at(-999), "told": at(-1), "looked": at(-1), "poll": 60.0, "rests": 2.0,
        "settings": "sum",
    }  # fmt: skip
    return Sign(**{**words, **more})


def watching(held: bool | None, **more: Any) -> Watching:
    return Watching(sign(**more), held, NOW.timestamp(), "sum", Path("/the/state"))


@pytest.mark.parametrize(
    ("held", "more", "alive", "patience"),
    [
        (True, {}, True, 72.0),
        (True, {"told": at(-189)}, True, 72.0),
        (True, {"told": at(-191)}, True, 0.0),
        (True, {"ended": "service"}, True, 0.0),
        (False, {}, False, 0.0),
        (None, {}, True, 72.0),
        (None, {"told": at(-191)}, False, 0.0),
        (None, {"ended": "service"}, False, 0.0),
    ],
)
def test_the_kernel_knows_whether_it_runs_else_it_has_said_something_of_late(
    held: bool | None, more: dict[str, Any], alive: bool, patience: float
) -> None:
    found = watching(held, **more)
    assert (found.alive, found.patience) == (alive, patience)


CASES: list[tuple[bool, dict[str, Any], bool | None, list[tuple[str, str, str]]]] = [
    (False, {}, None, [("daemon", "matrixd does not run: last heard of", "matrix watch" + FORGET)]),
    (False, {"machine": "else"}, None, [("daemon", "matrixd on else does not run: ", "matrix watch" + FORGET)]),
    (False, UNIT, None, [("daemon", "it did not end in order", "systemctl start matrixd.service" + FORGET)]),
    (False, {"ended": "person"}, None, []),
    (False, {"ended": "service"}, None, [("daemon", "matrixd does not run: it was ended", "matrix watch" + FORGET)]),
    (False, {**OWN, "ended": "service"}, False, []),
    (
        False, {**OWN, "ended": "service"}, True,
        [("daemon", "it was ended", "systemctl --user start matrixd.service" + FORGET)],
    ),
    (True, {}, None, []),
    (True, {"ended": "service", "settings": "of one before"}, None, []),
    (
        True, {"told": at(-191), "troubles": ("of long ago",)}, None,
        [("daemon", "matrixd (process 77) runs, and has said nothing since", "then end process 77, and start it")],
    ),
    (True, {**UNIT, "told": at(-191)}, None, [("daemon", "said nothing", "then systemctl restart matrixd.service")]),
    (True, {"troubles": ("no events",)}, None, [("daemon", "matrixd: no events", "see its log")]),
    (True, {"waits": "for a person"}, None, [("not-pushed", "matrixd: for a person", "")]),
    (True, {"waits": "for a person", "looked": at(-9)}, None, []),
    (True, {"settings": "other"}, None, [("settings", "works by an earlier matrix.toml", "kill -HUP 77")]),
    (True, {**UNIT, "settings": ""}, None, [("settings", "earlier", "systemctl reload matrixd.service")]),
    (True, {"installed": "HERE"}, None, [("program", "replaced after matrixd (1) began", "end process 77, and start")]),
    (True, {"installed": "HERE", "program": 2**62}, None, []),
]  # fmt: skip
"""Whether it is held, what it said, whether systemd is to run it (None: that is not asked), and what is to be told.
The text was last changed 5 s ago."""


@pytest.mark.parametrize(("held", "more", "enabled", "expected"), CASES)
def test_what_keeps_it_is_told_with_the_command_that_goes_on(
    held: bool, more: dict[str, Any], enabled: bool | None, expected: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text("")
    more = {**more, "installed": str(tmp_path)} if "installed" in more else more

    def is_enabled(_: Sign) -> bool:
        assert enabled is not None
        return enabled

    found = list(watching(held, **more).pending(NOW.timestamp() - 5, is_enabled))
    assert len(found) == len(expected), found
    for one, (kind, cause, cure) in zip(found, expected, strict=True):
        assert (one.kind, cause in one.cause, cure in one.cure, bool(one.cure)) == (kind, True, True, bool(cure)), one


def test_where_no_daemon_ever_ran_none_is_missed() -> None:
    assert list(Watching(None, False, 0.0, "", Path()).pending(0.0, lambda _: True)) == []


def test_when_a_text_was_last_changed_is_known_of_every_text_and_of_one_that_was_moved_there(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    names = ("one.matrix", "matrix.toml", "templates/own.j2", "MATRIX")
    for name in names:
        (tmp_path / name).write_text("@include one.matrix\nw1 192.0.2.1\n" if name == "MATRIX" else "")
    reading = read(tmp_path / "MATRIX")
    others = (tmp_path / "matrix.toml", tmp_path / "templates")
    os.utime(tmp_path / "MATRIX", (1, 1))  # as of a file that was written long ago
    changed = last_change(tmp_path / "MATRIX", reading, others)
    assert changed == (tmp_path / "MATRIX").stat().st_ctime
    for number, name in enumerate(names, 1):
        os.utime(tmp_path / name, (changed + number, changed + number))
        assert last_change(tmp_path / "MATRIX", reading, others) == changed + number, name


@pytest.mark.parametrize(
    ("options", "cause", "cure"),
    [
        ("ro,size=9m", "the file system is read-only", ""),
        ("size=40k", "40,960 bytes are free there", "make room: "),
        ("size=64k", "", ""),
    ],
)
def test_a_disk_under_the_state_that_takes_nothing_is_told(tmp_path: Path, options: str, cause: str, cure: str) -> None:
    require("root", "unshare")
    program = "import sys; from matrix_distributor.in_force import of_state; from pathlib import Path\n"
    program += "print(*((each.kind, each.cause, each.cure) for each in of_state(Path(sys.argv[1]))), sep='\\n')"
    shell = f'mount -t tmpfs -o {options} none "$0" && exec {sys.executable} -c "$1" "$0"'
    line = ["unshare", "--mount", "sh", "-c", shell, str(tmp_path), program]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=environment)
    cause = f"the state in {tmp_path} cannot be written: {cause}" if cause else ""
    expected = f"{('state', cause, f'{cure}df {tmp_path}')}" if cause else ""
    assert (done.stdout, done.stderr) == (expected + "\n", "")


def test_a_sign_of_a_newer_program_is_read_and_a_damaged_one_is_a_line(tmp_path: Path) -> None:
    with OriginState(tmp_path / "state") as state:
        said = sign(troubles=("one", "two"))
        state.life.tell(said)
        assert state.life.last() == said
        put = "UPDATE daemon SET sign = json_set(sign, '$.{}', {})"
        state._db.execute(put.format("of_tomorrow", "1"))
        assert state.life.last() == said
        for name, value in (("told", "'yesterday'"), ("poll", "'often'"), ("process", "'none'"), ("machine", "NULL")):
            if name == "machine":
                state._db.execute("UPDATE daemon SET sign = json_remove(sign, '$.machine')")
            else:
                state._db.execute(put.format(name, value))
            with pytest.raises(StateError):
                state.life.last()
            state.life.tell(said)
        state.life.tell(sign(waits="x" * 100_000))
        assert state.life.last() is None, "what is longer than a sign can be is none"
