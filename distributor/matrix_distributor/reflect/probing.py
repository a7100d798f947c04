"""Whether VIPs take connections, asked from this machine."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Iterable

Endpoint = tuple[str, int]
"""A numeric address and a TCP port."""

WAIT = 2.0
"""Seconds that an endpoint has to take a connection."""

_UNDER_WAY = frozenset({0, errno.EINPROGRESS})


def reached(endpoints: Iterable[Endpoint], wait: float = WAIT) -> frozenset[Endpoint]:
    """Those of the endpoints that take a connection within `wait` seconds; all are tried at once."""
    open_: dict[socket.socket, Endpoint] = {}
    good: set[Endpoint] = set()
    with selectors.DefaultSelector() as selector:
        try:
            for endpoint in dict.fromkeys(endpoints):
                trying = socket.socket(socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET)
                open_[trying] = endpoint
                trying.setblocking(False)
                if trying.connect_ex(endpoint) in _UNDER_WAY:
                    selector.register(trying, selectors.EVENT_WRITE)
            until = time.monotonic() + wait
            while selector.get_map() and (left := until - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    ready = key.fileobj
                    assert isinstance(ready, socket.socket)
                    selector.unregister(ready)
                    if ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                        good.add(open_[ready])
        finally:
            for trying in open_:
                trying.close()
    return frozenset(good)
