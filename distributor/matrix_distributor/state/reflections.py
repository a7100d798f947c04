"""What is known of reflected files on hosts: a row for each entry on each host."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from matrix_distributor.generation.generation import spell_time

from .part import Part
from .records import ReflectRecord, reflect_record


class FileOutcome(Protocol):
    """What became of one file on one host, as far as it is remembered."""

    @property
    def entry(self) -> str:
        """The name in matrix.toml."""

    @property
    def host(self) -> str:
        """Whose file it is."""

    @property
    def path(self) -> str:
        """Where the file lies."""

    @property
    def result(self) -> str:
        """As in ReflectRecord."""

    @property
    def stage(self) -> str:
        """At which step it failed."""

    @property
    def cause(self) -> str:
        """What is wrong."""

    @property
    def cure(self) -> str:
        """What to do about it."""

    @property
    def applied(self) -> bool:
        """Whether something was changed there, and came through."""


class ReflectRecords(Part):
    """What became of each file."""

    def note(self, outcomes: Iterable[FileOutcome], wanted: int, now: datetime) -> None:
        """Remember what became of files of generation `wanted`."""
        time = spell_time(now)
        with self._exclusive():
            for outcome in outcomes:
                self._note(outcome, wanted, time)

    def _note(self, outcome: FileOutcome, wanted: int, time: str) -> None:
        old = self._db.execute(
            "SELECT applied FROM reflections WHERE entry = ? AND host = ?", (outcome.entry, outcome.host)
        ).fetchone()
        applied = time if outcome.applied else (old[0] if old else "")
        self._db.execute(
            "INSERT OR REPLACE INTO reflections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                outcome.entry, outcome.host, outcome.path, outcome.result, outcome.stage, outcome.cause, outcome.cure,
                wanted, time, applied,
            ),
        )  # fmt: skip

    def note_drift(self, compared: Iterable[FileOutcome], now: datetime) -> None:
        """Remember which of the files that could be compared are not as they were, and which are so again."""
        time = spell_time(now)
        with self._exclusive():
            for outcome in compared:
                self._db.execute(
                    "UPDATE reflections SET result = ?, stage = '', cause = ?, cure = ?, tried = ? "
                    "WHERE entry = ? AND host = ? AND 'drifted' IN (result, ?)",
                    (outcome.result, outcome.cause, outcome.cure, time, outcome.entry, outcome.host, outcome.result),
                )

    def all(self) -> list[ReflectRecord]:
        """The last that is known of every entry on every host that it was ever brought to."""
        with self._understood():
            rows = self._db.execute("SELECT * FROM reflections ORDER BY entry, host")
            return [reflect_record(row) for row in rows]
