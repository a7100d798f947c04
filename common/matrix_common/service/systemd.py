"""What a service reports to systemd and gets from it: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Final

_FIRST: Final = 3
"""The first descriptor that systemd passes (SD_LISTEN_FDS_START)."""


class Notifier:
    """Speaks to systemd, or to nobody where there is none. `interval`: seconds between signs of life, if any."""

    def __init__(self, environment: Mapping[str, str], process: int | None = None) -> None:
        """`environment` as the service was started with; `process` is its id, by default this one."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        process = os.getpid() if process is None else process
        meant = environment.get("WATCHDOG_PID", str(process)) == str(process)
        microseconds = environment.get("WATCHDOG_USEC", "") if meant and self._address else ""
        # A third of the time, so that one that comes late is still in time.
        self.interval = int(microseconds) / 3e6 if microseconds.isdigit() and int(microseconds) else None

    @property
    def heard(self) -> bool:
        """Whether there is a systemd that listens."""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """The service does its work; also after `reloading`."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The service reads its settings again; `ready` says when it has."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, status: str) -> None:
        """A line for `systemctl status`."""
        self._say(f"STATUS={status}")

    def alive(self) -> None:
        """A sign of life, which the watchdog waits for."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The service comes to its end."""
        self._say("STOPPING=1")

    def _say(self, *lines: str) -> None:
        """Send assignments. That systemd cannot be reached is no reason to stop working."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            try:
                sender.sendto("\n".join(lines).encode(), address)
            except OSError:
                return


def passed_sockets(environment: Mapping[str, str], process: int) -> list[socket.socket]:
    """The listening sockets that systemd passed to this process, perhaps none."""
    if environment.get("LISTEN_PID") != str(process) or not environment.get("LISTEN_FDS", "").isdigit():
        return []
    sockets = []
    for descriptor in range(_FIRST, _FIRST + int(environment["LISTEN_FDS"])):
        os.set_inheritable(descriptor, False)
        sockets.append(socket.socket(fileno=descriptor))
    return sockets
