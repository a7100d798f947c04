"""What became of hosts: what each was last found to hold, and the outcomes of the last pushes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from matrix_distributor.generation.generation import spell_time
from matrix_distributor.hosts.outcome import Outcome

from .enrolments import Enrolments
from .part import Part
from .records import HostRecord, host_record

KEPT_OUTCOMES = 200_000
_LATEST = 1000
"""So many of the last outcomes say what was last pushed: of an edit's, those of hosts that took long come later."""


class HostRecords(Part):
    """The part of the state that is about hosts."""

    def __init__(
        self,
        db: sqlite3.Connection,
        understood: Callable[[], AbstractContextManager[None]],
        exclusive: Callable[[], AbstractContextManager[None]],
    ) -> None:
        super().__init__(db, understood, exclusive)
        self._enrolments = Enrolments(db, understood, exclusive)

    def note(self, outcomes: Iterable[Outcome], wanted: int, now: datetime) -> None:
        """Remember what became of hosts, within a transaction that is open; see OriginState.note."""
        time = spell_time(now)
        marks = []
        for outcome in outcomes:
            self._note(outcome, wanted, time)
            if outcome.enrolled is not None:
                marks.append((outcome.host, outcome.enrolled))
        if marks:
            self._enrolments.note(marks)
        self._db.execute("DELETE FROM outcomes WHERE rowid <= (SELECT max(rowid) FROM outcomes) - ?", (KEPT_OUTCOMES,))

    def _note(self, outcome: Outcome, wanted: int, time: str) -> None:
        old = self._db.execute(
            "SELECT result, generation, digest, seen, since FROM hosts WHERE host = ?", (outcome.host,)
        ).fetchone()
        if outcome.stage == "stop" and outcome.result == "skipped":
            self._add_outcome(outcome, wanted, time)  # it was not begun: nothing of what is known of it has changed
            return
        generation, digest = outcome.generation, outcome.digest
        heard = outcome.reached and outcome.stage != "stop"  # what was ended from here may not have answered at all
        if old and not heard and not generation:
            generation, digest = old[1], old[2]  # what it held when it was last heard of
        settled = ("current" if outcome.good else outcome.result, generation, digest)
        since = old[4] if old and (old[0], old[1], old[2]) == settled else time
        seen = time if heard else (old[3] if old else "")
        self._db.execute(
            "INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                outcome.host, settled[0], generation, digest, outcome.stage, outcome.cause, outcome.cure,
                json.dumps(outcome.drift), time, seen, since,
            ),
        )  # fmt: skip
        self._add_outcome(outcome, wanted, time)

    def _add_outcome(self, outcome: Outcome, wanted: int, time: str) -> None:
        self._db.execute(
            "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                time, wanted, outcome.host, outcome.result, outcome.generation, outcome.stage, outcome.cause,
                outcome.seconds,
            ),
        )  # fmt: skip

    def hosts(self) -> dict[str, HostRecord]:
        """The last that is known of every host, by name."""
        with self._understood():
            return {record.outcome.host: record for record in map(host_record, self._db.execute("SELECT * FROM hosts"))}

    def relied_on(self) -> bool:
        """Whether a host may hold a generation: not where pushes were tried, and none of them ever came through."""
        with self._understood():
            tried = self._db.execute("SELECT 1 FROM outcomes LIMIT 1").fetchone()
            came = self._db.execute(
                "SELECT 1 FROM outcomes WHERE generation > 0 UNION SELECT 1 FROM hosts WHERE generation > 0 LIMIT 1"
            ).fetchone()
        return tried is None or came is not None

    def aimed(self) -> int:
        """The number of the newest generation that hosts were brought to, or asked for; 0 when there is none yet."""
        with self._understood():
            query = "SELECT max(wanted) FROM (SELECT wanted FROM outcomes ORDER BY rowid DESC LIMIT ?)"
            return int(self._db.execute(query, (_LATEST,)).fetchone()[0] or 0)

    def held(self) -> dict[str, tuple[int, str]]:
        """Number and digest of the generation that each host was last known to hold, by its name."""
        with self._understood():
            rows = self._db.execute("SELECT host, generation, digest FROM hosts WHERE generation > 0")
            return {str(host): (int(generation), str(digest)) for host, generation, digest in rows}
