"""The daemon, as the kernel and the state know of it."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from matrix_distributor.origin.program import newest
from matrix_distributor.state.life import Sign

from .pending import Pending

SLACK = 10.0
"""Seconds beside its poll that a daemon has to say something, and an edit to be taken up."""
ROOM = 65536
"""Bytes that a generation takes in the state at the least, however few hosts there are."""


@dataclass(frozen=True)
class Watching:
    """What is known of the daemon of a state.

    `held` is whether a process holds the folder of the state (None: that cannot be known), `now` in seconds since 1970,
    `settings` the sum of the matrix.toml as it is, `folder` that of the state.
    """

    sign: Sign | None
    held: bool | None
    now: float
    settings: str
    folder: Path

    @property
    def alive(self) -> bool:
        """Whether a daemon runs: the kernel knows, else it has said something of late."""
        if self.held is not None:
            return self.held
        return self.sign is not None and not self.sign.ended and not self._silent(self.sign)

    @property
    def patience(self) -> float:
        """How long an edit may be on its way to being taken up, in seconds; 0 where nobody is there to take it."""
        if not self.alive or self.sign is None or self.sign.ended or self._silent(self.sign):
            return 0.0
        return self.sign.poll + self.sign.rests + SLACK

    def _silent(self, sign: Sign) -> bool:
        return self.now - _seconds(sign.told) > 3 * sign.poll + SLACK

    def pending(self, changed: float, enabled: Callable[[Sign], bool]) -> Iterator[Pending]:
        """What keeps the daemon from doing its work. `changed`: when the text was last changed, in seconds since 1970.

        `enabled` tells whether a unit of systemd is to run; it is asked only of one that does not.
        """
        if self.sign is None:
            return
        if not self.alive:
            yield from self._absent(self.sign, enabled)
        elif not self.sign.ended:  # else one has just begun, and has said nothing yet
            yield from self._present(self.sign, changed)

    def _absent(self, sign: Sign, enabled: Callable[[Sign], bool]) -> Iterator[Pending]:
        if sign.ended == "person":
            return
        where = "" if sign.machine == socket.gethostname() else f" on {sign.machine}"
        forget = "; where none is to run: matrix watch --forget"
        if not sign.ended:
            cause = f"matrixd{where} does not run: last heard of {_local(sign.told)}, and it did not end in order"
            yield Pending("daemon", cause, _start(sign) + forget)
        elif not sign.unit or enabled(sign):
            cause = f"matrixd{where} does not run: it was ended {_local(sign.told)}"
            yield Pending("daemon", cause, _start(sign) + forget)

    def _present(self, sign: Sign, changed: float) -> Iterator[Pending]:
        if self._silent(sign):
            cause = f"matrixd (process {sign.process}) runs, and has said nothing since {_local(sign.told)}: "
            cause += "it hangs, or cannot write its state"
            yield Pending("daemon", cause, f"see its log, and the disk of {self.folder}; then {_again(sign)}")
            return
        for trouble in sign.troubles:
            yield Pending("daemon", f"matrixd: {trouble}", "see its log")
        if sign.waits and _seconds(sign.looked) > changed:
            yield Pending("not-pushed", f"matrixd: {sign.waits}")
        if sign.settings != self.settings:
            yield Pending("settings", "matrixd works by an earlier matrix.toml", _reload(sign))
        if newest(sign.installed.split(os.pathsep)) > sign.program:
            yield Pending("program", f"the program was replaced after matrixd ({sign.version}) began", _again(sign))


def settings_sum(path: Path) -> str:
    """The sha256 of a matrix.toml; empty where there is none that can be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def of_state(folder: Path) -> Iterator[Pending]:
    """What keeps anything new from being remembered: no generation is made then, by a daemon or by a push."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return
    free = found.f_bavail * found.f_frsize
    if found.f_flag & os.ST_RDONLY:
        yield Pending("state", f"the state in {folder} cannot be written: the file system is read-only", f"df {folder}")
    elif free < ROOM:
        cause = f"the state in {folder} cannot be written: {free:,} bytes are free there"
        yield Pending("state", cause, f"make room: df {folder}")


def _systemctl(sign: Sign, verb: str) -> str:
    return f"systemctl {'--user ' if sign.user else ''}{verb} {sign.unit}"


def _start(sign: Sign) -> str:
    return _systemctl(sign, "start") if sign.unit else "matrix watch"


def _again(sign: Sign) -> str:
    return _systemctl(sign, "restart") if sign.unit else f"end process {sign.process}, and start it again: matrix watch"


def _reload(sign: Sign) -> str:
    return _systemctl(sign, "reload") if sign.unit else f"kill -HUP {sign.process}"


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _local(time: str) -> str:
    return datetime.fromisoformat(time).replace(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
