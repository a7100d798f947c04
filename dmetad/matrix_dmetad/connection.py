"""One connection: uvicorn's protocol on httptools, with limits on time and size, and a short way for known requests.

The short way: when the bytes that arrive are, whole and unchanged, a request that was answered before from the same
snapshot, its answer is sent without reading the request again. Everything else takes the way through the application.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .composition import spelled
from .memory import Remembered
from .waiting import settle

if TYPE_CHECKING:
    from .app import App
    from .snapshot import Snapshot

_EMPTY_LINE: Final = b"\r\n\r\n"


class Connection(HttpToolsProtocol):
    """Bound to an application by `bound`."""

    application: ClassVar[App]
    _date_of: ClassVar[list[tuple[bytes, bytes]] | None] = None
    _date: ClassVar[bytes] = b""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._since = 0.0  # when the current request began to arrive, or the connection to lie idle
        self._arriving = False
        self._fresh = True  # nothing was answered yet
        self._fed = 0
        self._stalled: float | None = None
        self._request: bytes | None = None  # the bytes of a request that arrived in one piece, until it is answered
        self._waiting: asyncio.Future[bool] | None = None
        self._running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse at once what is one too many."""
        super().connection_made(transport)
        self._since = time.monotonic()
        if len(self.connections) > self.application.settings.connections:
            self._refuse(503, "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything, so that no circle keeps this connection in memory; who waits need not wait on."""
        if self._running is not None:
            self._running.disconnected = True
        super().connection_lost(exc)
        if self._waiting is not None:
            settle(self._waiting, False)
        self._waiting = self._request = self._running = None
        self.cycle = None  # type: ignore[assignment]
        self.scope = None  # type: ignore[assignment]
        self.pipeline.clear()

    def data_received(self, data: bytes) -> None:
        """Answer what is known; hand on what is not, within limits."""
        if self.parser is None or self.transport.is_closing():
            return
        free = not self._arriving and self._stalled is None and (self.cycle is None or self.cycle.response_complete)
        if free and self._answer_known(data):
            return
        if not self._arriving:
            self._begin_arriving()
        self._fed += len(data)
        self._request = data if free else None
        if self._fed > 2 * (self.application.settings.header_bytes + self.application.settings.url):
            self._refuse(431, "the head of the request is too big")
            return
        super().data_received(data)

    def _begin_arriving(self) -> None:
        self._arriving = True
        self._fed = 0
        self._since = time.monotonic()

    def on_headers_complete(self) -> None:
        """The head has arrived: from here on time is the server's."""
        self._arriving = self._fresh = False
        request, self._request = self._request, None
        whole = request is not None and request.endswith(_EMPTY_LINE) and request.count(_EMPTY_LINE) == 1
        extensions: dict[str, Any] = {"dmetad.connection": self}
        if whole and self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1":
            extensions["dmetad.remember"] = _Rememberer(request or b"")
        self.scope["extensions"] = extensions
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request that has arrived, or lie idle: `cut_if_slow` does what a timer each would."""
        self._since = time.monotonic()
        self._waiting = None
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    async def send_whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send an answer in one piece: what uvicorn does with two messages, without looking at each header again.

        False when the client has gone away.
        """
        cycle = self._running
        if cycle is not None and self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle is None:
            return False
        return self._send(cycle, status, spelled(headers), body, closes=(b"connection", b"close") in headers)

    def send_now(self, status: int, block: bytes, body: bytes) -> bool:
        """Send the answer to a request that waited, unless the client takes what it got already too slowly."""
        cycle = self._running
        if cycle is None or self.flow.write_paused or self._waiting is None:
            return False
        return self._send(cycle, status, block, body)

    def _send(self, cycle: RequestResponseCycle, status: int, block: bytes, body: bytes, closes: bool = False) -> bool:
        if cycle.disconnected:
            return False
        cycle.response_started = cycle.response_complete = True
        if closes:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            block += b"connection: close\r\n"
        self.transport.write(b"".join((STATUS_LINE[status], self._date_line(), block, b"\r\n", body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Know which of several requests in a row is being answered: the base class knows the last to arrive."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def watch(self, future: asyncio.Future[bool]) -> None:
        """End this wait when the client goes away."""
        self._waiting = future

    def _answer_known(self, data: bytes) -> bool:
        """Whether `data` was a request that is known, and is answered now."""
        application = self.application
        snapshot = application.current
        if snapshot is None:
            return False
        answer = snapshot.memory.get(data)
        if answer is None:
            return False
        started = time.perf_counter()
        now = time.monotonic()
        client = self.client[0] if self.client else None
        if not application.guard.admits(client) or not application.guard.within_rate(client, now):
            return False
        self.transport.write(b"".join((answer.start, self._date_line(), answer.headers, answer.body)))
        self._since = now
        self._fresh = False
        application.metrics.answered(answer.status, answer.form, time.perf_counter() - started)
        return True

    def _date_line(self) -> bytes:
        """The Date header with its line end; uvicorn makes it anew each second."""
        headers = self.server_state.default_headers
        if headers is not Connection._date_of:
            Connection._date_of = headers
            Connection._date = spelled(headers)
        return Connection._date

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is counted, and answered once."""
        self.application.metrics.malformed += 1
        if not self.transport.is_closing():
            super().send_400_response("this is not HTTP/1.1 as RFC 9112 has it\n")

    def _refuse(self, status: int, why: str) -> None:
        """Answer without the application, and close."""
        body = f"{why}\n".encode()
        self.transport.write(
            STATUS_LINE[status] + self._date_line() + b"content-type: text/plain; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.application.metrics.requests[status, "text"] += 1
        self.transport.close()

    def pause_writing(self) -> None:
        """The client takes its answers too slowly: from now on it has so long."""
        self._stalled = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stalled = None
        super().resume_writing()

    def cut_if_slow(self, now: float) -> None:
        """Close a connection whose client takes longer than it may; `now` by the monotonic clock."""
        settings = self.application.settings
        if self._stalled is not None:
            late = now - self._stalled > settings.slowest
        elif self._arriving or self._fresh:
            late = now - self._since > settings.slowest
        elif self.cycle is not None and not self.cycle.response_complete:
            late = False
        else:
            late = now - self._since > settings.idle
        if late:
            self.application.metrics.cut += 1
            if self._running is not None:
                self._running.disconnected = True
            self.pipeline.clear()
            self.transport.abort()


class _Rememberer:
    """Keeps the answer to one request in the memory of the snapshot that it was made from."""

    __slots__ = ("_request",)

    def __init__(self, request: bytes) -> None:
        self._request = request

    def __call__(
        self, snapshot: Snapshot, status: int, form: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        if status in (200, 304, 404):
            block = spelled(headers) + b"\r\n"
            snapshot.memory.add(self._request, Remembered(status, form, STATUS_LINE[status], block, body))


def bound(application: App) -> type[Connection]:
    """The class of the connections of one application."""
    return type("BoundConnection", (Connection,), {"application": application})
