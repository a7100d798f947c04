"""What the origin remembers, and that others may read it meanwhile."""

import os
import sqlite3
import stat
import subprocess
import sys
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.hosts import Outcome
from matrix_distributor.reflect import ReflectOutcome
from matrix_distributor.state import OriginState, StateError, records

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    with OriginState(tmp_path / ".matrix") as opened:
        yield opened


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_an_empty_state_has_no_generation(state):
    assert (state.current(), state.current_number(), state.history(), state.hosts()) == (None, 0, [], {})


def test_history_is_the_newest_first_with_texts(state, generation):
    first = generation(1)
    second = generation(2, first)
    for made in (first, second):
        state.add(made)
    assert [past.number for past in state.history()] == [2, 1]
    assert state.history(1)[0].texts == second.texts
    assert state.history(1)[0].matrix == "MATRIX"


def test_the_same_generation_may_be_added_again_another_of_its_number_not(state, generation):
    state.add(generation(1))
    state.add(generation(1))
    with pytest.raises(StateError, match="another generation 1"):
        state.add(generation(1, salt="x"))


def test_old_generations_keep_their_texts_only(state, generation):
    current = None
    for number in range(1, 16):
        current = generation(number, current)
        state.add(current)
    assert {a.path for a in state.generation(1).artifacts} == {"matrix/MATRIX"}
    assert state.generation(15) == current
    with pytest.raises(StateError, match="generation 99 is not in the history"):
        state.generation(99)


def test_a_host_is_told_since_when_it_is_so(state):
    well = Outcome("w1", "updated", 1, "a" * 64)
    state.note([well], 1, NOW)
    state.note([Outcome("w1", "current", 1, "a" * 64)], 1, later(5))
    record = state.hosts()["w1"]
    assert (record.since, record.seen) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")


def test_a_host_that_is_away_keeps_what_it_held_and_when_it_was_seen(state):
    state.note([Outcome("w1", "updated", 1, "a" * 64)], 1, NOW)
    state.note([Outcome("w1", "unreachable", trouble=Trouble("connect", "refused"))], 2, later(5))
    record = state.hosts()["w1"]
    assert (record.outcome.result, record.outcome.generation) == ("unreachable", 1)
    assert (record.seen, record.tried) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")
    assert record.since == "2026-03-01T12:05:00Z"


def test_a_host_that_was_ended_from_here_was_not_heard_of(state):
    """Ctrl-C ends it in whatever stage it is, and what it holds is what it held before."""
    state.note([Outcome("w1", "updated", 1, "a" * 64)], 1, NOW)
    ended = [Outcome(host, "failed", trouble=Trouble("stop", "ended before it was done")) for host in ("w1", "new")]
    state.note(ended, 2, later(5))
    record, new = state.hosts()["w1"], state.hosts()["new"]
    assert (record.outcome.result, record.outcome.generation, record.seen) == ("failed", 1, "2026-03-01T12:00:00Z")
    assert (new.outcome.generation, new.seen) == (0, "")


def test_of_a_host_that_was_not_begun_nothing_is_known_anew(state):
    state.note([Outcome("w1", "current", 1, "a" * 64)], 1, NOW)
    left = [Outcome(host, "skipped", trouble=Trouble("stop", "not begun: stopped")) for host in ("w1", "new")]
    state.note(left, 1, later(5))
    assert set(state.hosts()) == {"w1"}
    assert (state.hosts()["w1"].outcome.result, state.hosts()["w1"].tried) == ("current", "2026-03-01T12:00:00Z")


def test_drift_is_remembered(state):
    state.note([Outcome("w1", "drifted", 1, "a" * 64, drift=("/etc/dsas.conf",))], 1, NOW)
    assert state.hosts()["w1"].outcome.drift == ("/etc/dsas.conf",)


def test_it_is_read_while_another_writes(state, generation):
    with state.exclusive():
        state.add(generation(1))
        with OriginState(state.path.parent) as reader:
            assert reader.current() is None
    with OriginState(state.path.parent) as reader:
        assert reader.current_number() == 1


def test_whoever_comes_and_goes_takes_no_lock_of_another_along(state, generation):
    """SQLite's locks are those of the process: a descriptor of the database that is closed would end them."""
    script = (
        "import sys; from pathlib import Path; from matrix_distributor.state import OriginState; "
        "print(OriginState(Path(sys.argv[1])).current_number())"
    )

    def number_elsewhere():
        return subprocess.run(
            [sys.executable, "-c", script, state.path.parent], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ).stdout.strip()  # fmt: skip

    assert number_elsewhere() == "0"
    state.add(generation(1))
    assert number_elsewhere() == "1"
    state.add(generation(2))
    assert number_elsewhere() == "2"


def test_what_fails_within_a_transaction_leaves_nothing(state, generation):
    def add_two_of_one_number():
        with state.exclusive():
            state.add(generation(1))
            state.add(generation(1, salt="another"))

    with pytest.raises(StateError):
        add_two_of_one_number()
    assert state.current() is None


def test_a_damaged_database_is_named_with_a_cure(tmp_path):
    (tmp_path / "state.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StateError, match=r"state\.db cannot be used.*matrix adopt"):
        OriginState(tmp_path)


def test_a_newer_database_is_left_alone(state):
    other = sqlite3.connect(state.path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(StateError, match="version 99"):
        OriginState(state.path.parent)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot make"):
        OriginState(tmp_path / "file" / ".matrix")


def test_a_state_of_an_earlier_version_learns_of_reflections(tmp_path):
    with OriginState(tmp_path / "old"):
        pass
    database = sqlite3.connect(tmp_path / "old/state.db")
    database.execute("DROP TABLE reflections")
    database.execute("PRAGMA user_version = 2")
    database.commit()
    database.close()
    with OriginState(tmp_path / "old") as state:
        assert state.reflections.all() == []
        state.reflections.note([reflected("w1", "content"), reflected("w2", "", "not begun")], 3, NOW)
        state.reflections.note([reflected("w1", "same")], 4, later(5))
        first, second = state.reflections.all()
    assert (first.result, first.wanted, first.tried, first.applied) == (
        "ok", 4, "2026-03-01T12:05:00Z", "2026-03-01T12:00:00Z",
    )  # fmt: skip
    assert (second.result, second.wanted, second.applied) == ("not begun", 3, "")


def reflected(host, change, result="ok"):
    return ReflectOutcome(host=host, result=result, entry="lb", path="/etc/lb.conf", change=change)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.glob("state.db*"))}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_may_enter_or_lock_it_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        with OriginState(tmp_path / ".matrix") as state:
            state.note([Outcome("w1", "updated", 1, "a" * 64)], 1, NOW)
            assert set(modes(tmp_path / ".matrix").values()) == {0o700, 0o600}
    finally:
        os.umask(before)


def test_a_state_of_an_earlier_version_is_closed_to_others(tmp_path):
    folder = tmp_path / ".matrix"
    with OriginState(folder):
        pass
    folder.chmod(0o755)
    (folder / "state.db").chmod(0o644)
    with OriginState(folder):
        assert set(modes(folder).values()) == {0o700, 0o600}


def test_a_folder_that_holds_other_things_too_keeps_its_mode(tmp_path):
    with OriginState(tmp_path):
        pass
    (tmp_path / "MATRIX").write_text("")
    tmp_path.chmod(0o755)
    (tmp_path / "state.db").chmod(0o644)
    with OriginState(tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
        assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600


DAMAGE = {
    "content": "UPDATE contents SET packed = x'00'",
    "cut content": "UPDATE contents SET packed = substr(packed, 1, length(packed) - 6)",
    "content of zeros": "UPDATE contents SET packed = bomb()",
    "content that is text": "UPDATE contents SET packed = 'x'",
    "larger than a row": "UPDATE contents SET packed = zeroblob(200000000)",
    "drift": "UPDATE hosts SET drift = '['",
    "deep drift": "UPDATE hosts SET drift = deep()",
    "drift that is a number": "UPDATE hosts SET drift = '1'",
    "generation": "UPDATE hosts SET generation = 'x'",
    "result": "UPDATE hosts SET result = 'x'",
    "time": "UPDATE hosts SET since = 'yesterday', seen = 'x'",
    "manifest": "UPDATE generations SET manifest = '[]'",
    "deep manifest": "UPDATE generations SET manifest = deep()",
    "signature": "UPDATE generations SET signature = 1000000000000",
    "ancestors": "UPDATE generations SET ancestors = 'x y'",
    "ancestors of three words": "UPDATE generations SET ancestors = '1 a b'",
    "path": "UPDATE files SET path = 'matrix/x' || path",
    "a view": "DROP TABLE hosts; CREATE VIEW hosts AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i, i, 1, i, i, i, i, i, i, i, i FROM n",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON outcomes BEGIN DELETE FROM hosts; END",
    "no table": "DROP TABLE hosts",
    "reflections": "INSERT INTO reflections VALUES ('e', 'h', 'p', 'ok', '', '', '', 'x', '', '')",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_said_in_a_line_with_a_cure(tmp_path, generation, kind):
    with OriginState(tmp_path) as state:
        state.add(generation(1))
        state.note([Outcome("w1", "updated", 1, "a" * 64)], 1, NOW)
    with sqlite3.connect(tmp_path / "state.db") as db:
        db.create_function("bomb", 0, lambda: zlib.compress(bytes(140_000_000)))
        db.create_function("deep", 0, lambda: b"[" * 100_000)
        db.executescript(DAMAGE[kind])
    db.close()
    with pytest.raises(StateError, match=r"the state in .*(is damaged|cannot be used): .*matrix adopt") as caught:
        read_all(tmp_path)
    assert "\n" not in str(caught.value)


def read_all(folder):
    with OriginState(folder) as state:
        state.current()
        state.history()
        state.held()
        state.hosts()
        state.reflections.all()


def test_a_bomb_is_not_unpacked_beyond_its_bound(monkeypatch):
    monkeypatch.setattr(records, "LARGEST", 2**20)
    packed = zlib.compress(bytes(40 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than"):
            records.unpacked([("x", packed)])
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()
