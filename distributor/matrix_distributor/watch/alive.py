"""Holds the folder of the state, and says there that the daemon lives; `reporting/telling.py` tells systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from matrix_distributor.in_force.daemon import settings_sum
from matrix_distributor.in_force.pending import Kind
from matrix_distributor.origin.program import folders, newest
from matrix_distributor.state.life import End, Sign, hold, is_held
from matrix_distributor.state.store import OriginState

from .options import WatchOptions

_USERS_OWN = "/user@"


class Alive:
    """Says that the daemon is there, and what keeps it from its work. In the thread of the daemon."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        """`folder` is that of the state, `environment` the one that the daemon was started with."""
        self._folder = folder
        self._held: int | None = None
        unit, user = _unit() if environment.get("NOTIFY_SOCKET") else ("", False)
        places = folders()
        now = _now()
        self._sign = Sign(
            machine=socket.gethostname(), process=os.getpid(), unit=unit, user=user, version=_version(),
            installed=os.pathsep.join(places), program=newest(places), started=now, told=now, looked=now,
            poll=0.0, rests=0.0, settings="",
        )  # fmt: skip

    def configure(self, options: WatchOptions) -> None:
        """The settings were read."""
        rests = options.rests.quiet + options.rests.patience
        self._sign = replace(self._sign, poll=options.poll, rests=rests, settings=options.settings)

    def begin(self) -> None:
        """Hold the folder of the state from here on."""
        if self._held is None:
            self._held = hold(self._folder)

    @property
    def alone(self) -> bool:
        """Whether no other daemon holds the folder of the state, as far as can be known."""
        return self._held is not None or not is_held(self._folder)

    def looked(self, state: OriginState, generation: int, waits: str, troubles: Mapping[str, str]) -> None:
        """The text was looked at, and this is how things stand. Raises StateError when that cannot be remembered."""
        self._sign = replace(self._sign, looked=_now(), generation=generation, waits=waits)
        self.tell(state, troubles)

    def tell(self, state: OriginState, troubles: Mapping[str, str]) -> None:
        """Say what does not work. Raises StateError when that cannot be remembered."""
        self.begin()  # where another process held it for a moment
        self._sign = replace(self._sign, told=_now(), troubles=tuple(troubles.values()))
        state.life.tell(self._sign)

    def end(self, state: OriginState, by: End) -> None:
        """The daemon ends in order. Raises StateError when that cannot be remembered."""
        self._sign = replace(self._sign, told=_now(), ended=by)
        state.life.tell(self._sign)

    def outdated(self, matrix_toml: Path) -> tuple[Kind, ...]:
        """By what the daemon works that is not as it was when it was read: its settings, its program."""
        found: list[Kind] = []
        if settings_sum(matrix_toml) != self._sign.settings:
            found.append("settings")
        if newest(self._sign.installed.split(os.pathsep)) > self._sign.program:
            found.append("program")
        return tuple(found)

    def let_go(self) -> None:
        """Hold the folder no longer."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("dsas-matrix")
    return "unknown"


def _unit() -> tuple[str, bool]:
    """The unit of systemd that this process is of, and whether it is a user's own; empty where that is not known."""
    try:
        path = Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="replace").strip().rpartition(":")[2]
    except OSError:
        return "", False
    name = path.rpartition("/")[2]
    return (name, _USERS_OWN in path) if name.endswith(".service") else ("", False)
