"""What follows from a daemon's last sign of life, from whether the kernel knows of it, and from the time."""

import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matrix_distributor.in_force import Watching, settings_sum
from matrix_distributor.state import OriginState, Sign, hold, is_held

NOW = 1_800_000_000.0


def spelled(seconds):
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@pytest.fixture
def sign(tmp_path):
    """A daemon of a unit that has just said that all is well; the newest file of its program is as it was."""
    (tmp_path / "program.py").write_text("")
    began = (tmp_path / "program.py").stat().st_ctime_ns
    return Sign(
        machine=socket.gethostname(), process=77, unit="matrixd.service", user=False, version="1.0",
        installed=str(tmp_path), program=began, started=spelled(NOW - 1000), told=spelled(NOW - 1),
        looked=spelled(NOW - 1), poll=15.0, rests=2.0, settings=settings_sum(tmp_path / "matrix.toml"), generation=7,
    )  # fmt: skip


def seen(sign, *, held=True, after=0.0, settings="", changed=0.0, enabled=lambda sign: True):
    watching = Watching(sign, held, NOW + after, settings, Path("/"))
    return watching, [(each.kind, each.cause, each.cure) for each in watching.pending(changed, enabled)]


def test_where_none_has_run_none_is_missed():
    watching, found = seen(None, held=False)
    assert (watching.alive, watching.patience, found) == (False, 0.0, [])


def test_one_that_is_well_has_the_time_that_it_takes_to_see_an_edit(sign):
    watching, found = seen(sign)
    assert (watching.alive, watching.patience, found) == (True, 27.0, [])


def test_one_that_has_just_begun_is_no_trouble_though_its_sign_is_that_of_the_one_before(sign):
    watching, found = seen(replace(sign, ended="service"), after=1e6)
    assert (watching.alive, watching.patience, found) == (True, 0.0, [])


def test_one_that_holds_its_place_and_says_nothing_any_more_hangs_or_cannot_write(sign):
    assert seen(sign, after=53.0)[1] == []
    watching, ((kind, cause, cure),) = seen(sign, after=55.0)
    assert (kind, watching.patience) == ("daemon", 0.0)
    assert "runs, and has said nothing since" in cause
    assert cure.endswith("systemctl restart matrixd.service")


def test_where_the_kernel_cannot_tell_a_sign_of_late_counts(sign):
    assert seen(sign, held=None)[0].alive
    assert not seen(sign, held=None, after=55.0)[0].alive


def test_one_of_systemd_that_was_ended_is_missed_where_its_unit_is_enabled(sign):
    gone = replace(sign, ended="service")
    ((kind, cause, cure),) = seen(gone, held=False)[1]
    assert (kind, "it was ended" in cause) == ("daemon", True)
    assert cure.startswith("systemctl start matrixd.service")
    assert seen(gone, held=False, enabled=lambda sign: False)[1] == []
    assert seen(replace(gone, user=True), held=False)[1][0][2].startswith("systemctl --user start matrixd.service")


def test_one_that_did_not_end_in_order_is_missed_whatever_its_unit_is(sign):
    ((_, cause, _),) = seen(replace(sign, machine="adm2"), held=False, enabled=lambda sign: False)[1]
    assert cause.startswith("matrixd on adm2 does not run: last heard of ")


def test_what_it_waits_for_counts_for_the_text_that_it_has_seen(sign):
    waiting = replace(sign, waits="MATRIX is open for writing", troubles=("folders cannot be watched",))
    kinds = [kind for kind, _, _ in seen(waiting, changed=NOW - 60)[1]]
    assert kinds == ["daemon", "not-pushed"]
    assert [kind for kind, _, _ in seen(waiting, changed=NOW)[1]] == ["daemon"], "it has not seen this text yet"


def test_earlier_settings_and_an_earlier_program_are_named_with_what_ends_that(sign, tmp_path):
    assert seen(sign, settings="other")[1] == [
        ("settings", "matrixd works by an earlier matrix.toml", "systemctl reload matrixd.service")
    ]
    later = sign.program
    while later <= sign.program:  # the clock of a file system may stand still for a moment
        (tmp_path / "program.py").write_text("# another\n")
        later = (tmp_path / "program.py").stat().st_ctime_ns
    cause = "the program was replaced after matrixd (1.0) began"
    assert seen(sign)[1] == [("program", cause, "systemctl restart matrixd.service")]


def test_a_sign_comes_back_as_it_was_told_and_one_of_a_newer_program_is_read_all_the_same(sign, tmp_path):
    with OriginState(tmp_path / ".matrix") as state:
        assert state.life.last() is None
        state.life.tell(sign)
        assert state.life.last() == sign
        state._db.execute("UPDATE daemon SET sign = json_set(sign, '$.mood', 'good')")
        assert state.life.last() == sign
        state.life.forget()
        assert state.life.last() is None


def test_the_place_is_held_by_one_and_seen_by_all(tmp_path):
    assert is_held(tmp_path) is False
    held = hold(tmp_path)
    assert hold(tmp_path) is None
    assert is_held(tmp_path) is True
    os.close(held)
    assert is_held(tmp_path) is False
    assert is_held(tmp_path / "missing") is None
