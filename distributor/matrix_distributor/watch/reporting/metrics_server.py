"""Gives the figures of the daemon to who asks on this machine: `GET /metrics` on a loopback address.

A port and not a file for node_exporter's textfile collector: a file goes on saying what was when the daemon is dead,
while a scrape that fails is itself the alarm (`up == 0`), and nothing has to be written anywhere.

One thread serves all, since every user of this machine may connect: a connection that says nothing costs a descriptor
for a moment, and the oldest makes room for the newest.
"""

from __future__ import annotations

import ipaddress
import selectors
import socket
import threading
import time
from collections.abc import Collection

from matrix_common.service import CONTENT_TYPE
from matrix_distributor.errors import DistributorError

from .metrics import Metrics

MOST_AT_ONCE = 256
"""Connections at once. When one more comes, the oldest is closed."""
PATIENCE = 2.0
"""Seconds that a client may take to send its request, and again to take the answer."""
LONGEST_HEAD = 8192
"""Bytes of a request."""


class MetricsServer:
    """Serves from a thread of its own until it is closed. Raises DistributorError when it cannot listen there."""

    def __init__(self, place: str, metrics: Metrics, names: Collection[str] = ()) -> None:
        """`place` is a loopback address and a port, as `127.0.0.1:9464` or `[::1]:9464`; port 0: any.

        Only requests for a Host of loopback, or one of these `names`, are answered: a page in a browser on this machine
        could else ask under a name of its own that it lets point here.
        """
        host, port = _parsed(place)
        self._metrics = metrics
        self._names = frozenset(name.lower() for name in names)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listening.bind((host, port))
            self._listening.listen(MOST_AT_ONCE)
        except OSError as error:
            self._listening.close()
            raise DistributorError(f"cannot serve metrics on {place}: {error.strerror or error}") from error
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._bell, self._rung = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._clients: dict[socket.socket, _Client] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._closing = True
        self._bell.send(b"!")
        self._thread.join()
        for each in (*self._clients, self._listening, self._bell, self._rung):
            each.close()
        self._selector.close()

    def _serve(self) -> None:
        while not self._closing:
            for key, _ in self._selector.select(PATIENCE / 2 if self._clients else None):
                if key.fileobj is self._listening:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and (client := self._clients.get(key.fileobj)):
                    self._step(key.fileobj, client)
            now = time.monotonic()
            for late in [each for each, client in self._clients.items() if client.deadline < now]:
                self._drop(late)

    def _accept(self) -> None:
        """Take in all who wait, so that the queue of the socket never fills. Most have asked already."""
        for _ in range(MOST_AT_ONCE):
            try:
                made, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError:  # no descriptors are left: the oldest makes room, or the daemon's own work does
                if self._clients:
                    self._drop(next(iter(self._clients)))
                else:
                    time.sleep(0.1)
                return
            made.setblocking(False)
            while len(self._clients) >= MOST_AT_ONCE:
                self._drop(next(iter(self._clients)))
            self._clients[made] = client = _Client()
            self._selector.register(made, selectors.EVENT_READ)
            self._step(made, client)

    def _step(self, connection: socket.socket, client: _Client) -> None:
        """Read on, or send on; whatever the client does is no trouble of ours."""
        try:
            if client.answer is None and self._read(connection, client):
                client.deadline = time.monotonic() + PATIENCE
                self._selector.modify(connection, selectors.EVENT_WRITE)
            if client.answer is not None:
                client.answer = client.answer[connection.send(client.answer) :]
                if not client.answer:
                    self._drop(connection)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(connection)

    def _read(self, connection: socket.socket, client: _Client) -> bool:
        """Whether the request is whole, and has an answer now."""
        chunk = connection.recv(LONGEST_HEAD)
        client.head += chunk
        if b"\r\n\r\n" not in client.head and b"\n\n" not in client.head and len(client.head) < LONGEST_HEAD and chunk:
            return False
        client.answer = memoryview(self._answer(bytes(client.head)))
        return True

    def _answer(self, head: bytes) -> bytes:
        """`/metrics`, and nothing else."""
        lines = head.split(b"\r\n\r\n", 1)[0].replace(b"\r\n", b"\n").split(b"\n")
        words = lines[0].split(b" ")
        hosts = [line.partition(b":")[2] for line in lines[1:] if line.lower().startswith(b"host:")]
        if len(words) != 3 or words[0] != b"GET" or len(head) >= LONGEST_HEAD:
            return _spelled("400 Bad Request", b"GET /metrics is all that is answered here\n")
        if not all(self._is_ours(host.decode("latin-1").strip()) for host in hosts):
            return _spelled("421 Misdirected Request", b"not for this Host; watch.metrics_names names further ones\n")
        if words[1] != b"/metrics":
            return _spelled("404 Not Found", b"GET /metrics is all that is answered here\n")
        return _spelled("200 OK", self._metrics.render().encode(), CONTENT_TYPE)

    def _is_ours(self, host: str) -> bool:
        name = host.lower()
        name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0].removesuffix(".")
        if name in self._names or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def _drop(self, connection: socket.socket) -> None:
        del self._clients[connection]
        self._selector.unregister(connection)
        connection.close()


class _Client:
    """What a connection has said, and what it is still to be sent."""

    __slots__ = ("answer", "deadline", "head")

    def __init__(self) -> None:
        self.head = bytearray()
        self.answer: memoryview | None = None
        self.deadline = time.monotonic() + PATIENCE


def _spelled(status: str, body: bytes, kind: str = "text/plain; charset=utf-8") -> bytes:
    head = f"HTTP/1.0 {status}\r\nServer: matrixd\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _parsed(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        number = int(port)
    except ValueError:
        address, number = ipaddress.ip_address("0.0.0.0"), -1  # noqa: S104 - what is no address, and so refused below
    if not address.is_loopback or not 0 <= number <= 65535:
        raise DistributorError(
            f"watch.metrics is {place!r}: not a loopback address and a port, such as 127.0.0.1:9464; what is told "
            "there names hosts, and is for this machine alone"
        )
    return str(address), number
