"""Ports for servers that are told one before they listen.

They lie below those that the kernel gives to connections (ip_local_port_range, from 32768), so that none is taken in
between; each worker of a run has its own.
"""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _EACH = 12000, 5000
_count = itertools.count(os.getpid())


def free_port(address: str = "127.0.0.1") -> int:
    """A port at which nobody listens."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    for _ in range(_EACH):
        port = _FIRST + worker * _EACH + next(_count) % _EACH
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as asked:
            try:
                asked.bind((address, port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"every port from {_FIRST} is in use at {address}")
