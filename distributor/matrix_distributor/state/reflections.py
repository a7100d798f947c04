"""What is known of reflected files on hosts: a row for each entry on each host."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from matrix_distributor.generation.generation import spell_time

from .part import Part
from .records import ReflectRecord, reflect_record

if TYPE_CHECKING:
    from matrix_distributor.reflect.outcome import ReflectOutcome


class ReflectRecords(Part):
    """What became of each file."""

    def note(self, outcomes: Iterable[ReflectOutcome], wanted: int, now: datetime) -> None:
        """Remember what became of files of generation `wanted`."""
        time = spell_time(now)
        with self._exclusive():
            for outcome in outcomes:
                self._note(outcome, wanted, time)

    def _note(self, outcome: ReflectOutcome, wanted: int, time: str) -> None:
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

    def note_drift(self, compared: Iterable[ReflectOutcome], now: datetime) -> None:
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
