"""What the parts of the state have in common: the connection, and how it is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager


class Part:
    """A part of the state, with its connection."""

    def __init__(
        self,
        db: sqlite3.Connection,
        understood: Callable[[], AbstractContextManager[None]],
        exclusive: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`understood` turns errors of the database, and of its rows, into StateError.

        `exclusive` is a transaction of its own.
        """
        self._db = db
        self._understood = understood
        self._exclusive = exclusive

    def _has(self, table: str) -> bool:
        """Whether there is such a table: one that was added later is made when it is first written to.

        So who reads alone needs no room on the disk, and a program of the release before passes it over.
        """
        return self._db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None
