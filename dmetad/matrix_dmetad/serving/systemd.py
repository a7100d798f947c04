"""What a service tells systemd and is given by it: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

_FIRST = 3


class Notifier:
    """Speaks to systemd, or to nobody where there is none."""

    def __init__(self, environment: Mapping[str, str], process: int) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        watched = environment.get("WATCHDOG_PID", str(process)) == str(process)
        microseconds = environment.get("WATCHDOG_USEC", "") if watched else ""
        self.watchdog = int(microseconds) / 2e6 if microseconds.isdigit() else None

    def say(self, *lines: str) -> None:
        """Send assignments such as `READY=1`. A systemd that cannot be reached is no reason to stop serving."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            try:
                sender.sendto("\n".join(lines).encode(), address)
            except OSError:
                return


def passed_sockets(environment: Mapping[str, str], process: int) -> list[socket.socket]:
    """The listening sockets that systemd passed to this process, perhaps none."""
    if environment.get("LISTEN_PID") != str(process) or not environment.get("LISTEN_FDS", "").isdigit():
        return []
    found = []
    for descriptor in range(_FIRST, _FIRST + int(environment["LISTEN_FDS"])):
        os.set_inheritable(descriptor, False)
        found.append(socket.socket(fileno=descriptor))
    return found
