"""Signs of life of the daemon: what it last said of itself, and whether it is there at all."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from .part import Part

End = Literal["", "person", "service"]

_LONGEST = 100_000
"""Characters of a sign that are read."""
_TABLE = "CREATE TABLE IF NOT EXISTS daemon (place INTEGER PRIMARY KEY CHECK (place = 1), sign TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a daemon said of itself. Times are RFC 3339 in UTC.

    `unit` is the one of systemd that started it (empty: none), `user` whether that is a user's own. `told` is when it
    said this, `poll` in how many seconds it says something at the latest, `rests` how long it may leave a text that
    could be half, `looked` when it last looked at it.
    `ended`: by a `person` at its terminal, or by a `service` manager's SIGTERM; empty while it is at work, and for ever
    when it was killed. `settings` is the sha256 of the matrix.toml that it works by, `program` the newest file of the
    program when it began, in nanoseconds since 1970, and `installed` where that lies. `waits` says what keeps the text
    from being pushed, `troubles` what does not work of the daemon's own.
    """

    machine: str
    process: int
    unit: str
    user: bool
    version: str
    installed: str
    program: int
    started: str
    told: str
    looked: str
    poll: float
    rests: float
    settings: str
    generation: int = 0
    waits: str = ""
    troubles: tuple[str, ...] = ()
    ended: End = ""


class Life(Part):
    """What the daemon said of itself."""

    def tell(self, sign: Sign) -> None:
        """Remember a sign instead of the one before."""
        with self._exclusive():
            self._db.execute(_TABLE)
            self._db.execute("INSERT OR REPLACE INTO daemon VALUES (1, ?)", (json.dumps(asdict(sign)),))

    def forget(self) -> None:
        """No daemon is to run here any more."""
        with self._exclusive():
            self._db.execute(_TABLE)
            self._db.execute("DELETE FROM daemon")

    def last(self) -> Sign | None:
        """The last sign; None where no daemon has run yet, or none is to run any more."""
        with self._understood():
            if not self._has("daemon"):
                return None
            row = self._db.execute("SELECT sign FROM daemon WHERE length(sign) < ?", (_LONGEST,)).fetchone()
            return _sign(json.loads(row[0])) if row else None


def _sign(value: dict[str, Any]) -> Sign:
    """A sign from its JSON, which may be of a newer program. Raises one of WRONG where it is not as it should be."""
    known = {field.name: value[field.name] for field in fields(Sign) if field.name in value}
    sign = Sign(**{**known, "troubles": tuple(map(str, known.get("troubles", ())))})
    for time in (sign.started, sign.told, sign.looked):
        datetime.fromisoformat(time)
    float(sign.poll), float(sign.rests), int(sign.process), int(sign.program)
    return sign


def hold(folder: Path) -> int | None:
    """Hold the folder of the state for as long as this process lives, by the descriptor that is returned.

    The kernel lets go of it when the process ends, however it ends, and nothing has to be written for it. None where
    another process holds it, or there is no such lock.
    """
    try:
        return _lock(folder, fcntl.LOCK_EX)
    except OSError:
        return None


def is_held(folder: Path) -> bool | None:
    """Whether a daemon holds the folder; None where that cannot be known."""
    try:
        os.close(_lock(folder, fcntl.LOCK_SH))
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _lock(folder: Path, kind: int) -> int:
    """The folder's descriptor, locked. Raises BlockingIOError where another process holds it, else OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
