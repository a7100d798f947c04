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
from .places import HEADER_COST, MOST_HEADERS, MOST_PIPELINED, REQUEST_COST
from .remembering import Rememberer
from .waiting import settle

if TYPE_CHECKING:
    from .app import App

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
        self.place: str | None = None  # these three belong to Places
        self.head = self.untaken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse at once what is one too many."""
        super().connection_made(transport)
        self._since = time.monotonic()
        if not self.application.places.join(self, self.client[0] if self.client else None):
            self._refuse(503, "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything, so that no circle keeps this connection in memory; who waits need not wait on."""
        self.application.places.leave(self)
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
        if (self._arriving or self.pipeline) and not self.transport.is_closing():
            self._count_head()

    def _count_head(self) -> None:
        """Have what is not answered yet counted: a head that is not whole, and requests behind another one."""
        headers = len(self.headers) if self.headers else 0
        if headers > MOST_HEADERS:
            self._refuse(431, "the request has too many headers")
            return
        headers += sum(len(list(cycle.scope["headers"])) for cycle, _ in self.pipeline)
        cost = 2 * self._fed + HEADER_COST * headers + REQUEST_COST * len(self.pipeline)
        self.application.places.arriving(self, cost)

    def _begin_arriving(self) -> None:
        self._arriving = True
        self._fed = 0
        self._since = time.monotonic()

    def on_headers_complete(self) -> None:
        """The head has arrived: from here on time is the server's."""
        if len(self.pipeline) >= MOST_PIPELINED:
            self.end()
            raise ValueError("too many requests in a row")  # ends the parser's work on the rest as well
        self._arriving = self._fresh = False
        if self.head:
            self.application.places.arrived(self)
        request, self._request = self._request, None
        whole = request is not None and request.endswith(_EMPTY_LINE) and request.count(_EMPTY_LINE) == 1
        extensions: dict[str, Any] = {"dmetad.connection": self}
        if whole and self.parser.should_keep_alive() and self.parser.get_http_version() == "1.1":
            extensions["dmetad.remember"] = Rememberer(request or b"")
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
        elif self.head and not self._arriving:
            self.application.places.arrived(self)

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
        """End this wait when the client goes away, or has gone while its answer was made."""
        self._waiting = future
        if self.transport.is_closing():
            settle(future, False)

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
        self.application.places.stalled(self, self.transport.get_write_buffer_size())
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stalled = None
        self.application.places.taken(self)
        super().resume_writing()

    @property
    def idle_since(self) -> float | None:
        """Since when nothing is done for it: it sends a request, or none; None while something is."""
        if self._stalled is not None or self.transport.is_closing():
            return None
        if self._arriving or self._fresh or self.cycle is None or self.cycle.response_complete:
            return self._since
        return None

    def cut_if_slow(self, now: float) -> None:
        """Close a connection whose client takes longer than it may; `now` by the monotonic clock."""
        settings = self.application.settings
        since = self._stalled if self._stalled is not None else self.idle_since
        slow = self._stalled is not None or self._arriving or self._fresh
        if since is not None and now - since > (settings.slowest if slow else settings.idle):
            self.end()

    def end(self) -> None:
        """Close it now, whatever is under way."""
        self.application.places.leave(self)
        self.application.metrics.cut += 1
        if self._running is not None:
            self._running.disconnected = True
        self.pipeline.clear()
        self.transport.abort()


def bound(application: App) -> type[Connection]:
    """The class of the connections of one application."""
    return type("BoundConnection", (Connection,), {"application": application})
