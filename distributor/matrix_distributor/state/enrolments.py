"""By which program each host was enrolled, as far as it has said so."""

from __future__ import annotations

from collections.abc import Iterable

from .part import Part

_TABLE = "CREATE TABLE IF NOT EXISTS enrolments (host TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID"


class Enrolments(Part):
    """The mark of each host that has said one."""

    def note(self, marks: Iterable[tuple[str, str]]) -> None:
        """Remember the marks of hosts (empty: of a release that left none), within a transaction that is open."""
        self._db.execute(_TABLE)
        self._db.executemany("INSERT OR REPLACE INTO enrolments VALUES (?, ?)", marks)

    def enrolled(self, hosts: Iterable[str], mark: str) -> None:
        """These hosts were just enrolled."""
        with self._exclusive():
            self.note((host, mark) for host in hosts)

    def dismissed(self, hosts: Iterable[str]) -> None:
        """These hosts are enrolled no more."""
        with self._exclusive():
            self._db.execute(_TABLE)
            self._db.executemany("DELETE FROM enrolments WHERE host = ?", ((host,) for host in hosts))

    def marks(self) -> dict[str, str]:
        """The mark of each host that has said by which program it was enrolled, or is known to say nothing."""
        with self._understood():
            if not self._has("enrolments"):
                return {}
            return {str(host): str(mark) for host, mark in self._db.execute("SELECT host, mark FROM enrolments")}
