"""Channels of the client side (RFC 4254): one runs a command, one carries bytes to a further host."""

from __future__ import annotations

import signal
import struct
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from paramiko import Message, SSHException

from matrix_distributor.dialogue.commands import Command, Inquiry, Stream
from matrix_distributor.dialogue.dialogue import Reply
from matrix_distributor.dialogue.shares import PIECE, UNDECIDED, WINDOW

from .noise import Noise

LARGEST_DATA = 32 * 1024
SMALLEST_DATA = 1024
"""A host that wants its input in smaller pieces would cost more time than is its share."""

HIGH_WATER = 256 * 1024
"""Bytes that may wait for the network in our memory before a sender pauses."""

EXTENDED_STDERR = 1

_OPEN_FAILURES = {
    1: "administratively prohibited",
    2: "connect failed",
    3: "unknown channel type",
    4: "resource shortage",
}


Output = tuple[Callable[[Stream, bytes], object], Stream, bytes]
"""What a command wrote, with the callback that takes it."""


class ChannelClient(Protocol):
    """What a channel needs of the connection that it belongs to."""

    noise: Noise
    output: list[Output]

    @property
    def waiting_bytes(self) -> int:
        """Bytes that have not gone out yet."""

    def send(self, payload: bytes) -> None:
        """Send a message."""

    def spoke_unasked(self) -> None:
        """A program that stands ready spoke while nothing was asked of it."""


class Channel:
    """One channel of a session: numbers, windows, and what to do with the messages for it."""

    kind = b"session"

    def __init__(self, session: ChannelClient, number: int) -> None:
        self.session = session
        self.number = number
        self.remote = -1
        self.window = 0
        self.largest = LARGEST_DATA
        self.is_open = False
        self.closed = False
        self._eof_sent = False
        self._close_sent = False
        self._unacknowledged = 0

    def extra(self) -> bytes:
        """What CHANNEL_OPEN says beyond the common part."""
        return b""

    def on_open(self) -> None:
        """The other side agreed."""

    def on_refused(self, reason: str) -> None:
        """The other side did not agree."""

    def on_bytes(self, chunk: bytes, *, stderr: bool) -> None:
        """Bytes came."""

    def on_eof(self) -> None:
        """No more bytes will come."""

    def on_closed(self) -> None:
        """It is over: closed by the other side, or lost with the connection."""

    def on_lost(self, reason: str) -> None:
        """The connection that carried it is gone."""

    def on_request(self, name: str, message: Message) -> None:
        """The other side tells something, as an exit status."""

    def on_request_refused(self) -> None:
        """The other side did not do what was asked on this channel."""

    def pump(self) -> None:
        """Send on what waits for the window or for the network."""

    def confirmed(self, remote: int, window: int, largest: int) -> None:
        """CHANNEL_OPEN_CONFIRMATION. A second one would begin anew what has begun, and its time with it."""
        if self.is_open:
            raise SSHException("the host opens a channel twice")
        if largest < SMALLEST_DATA:
            raise SSHException(f"the host takes no more than {largest} bytes at a time")
        self.remote, self.window, self.is_open = remote, window, True
        self.largest = min(largest, LARGEST_DATA)
        self.on_open()

    def refused(self, code: int, text: str) -> None:
        """CHANNEL_OPEN_FAILURE."""
        self.closed = True
        self.on_refused(": ".join(part for part in (_OPEN_FAILURES.get(code, f"code {code}"), text) if part))

    def took(self, count: int) -> None:
        """Give the window back for bytes that were dealt with, in big steps."""
        self._unacknowledged += count
        if self._unacknowledged > WINDOW // 4:
            self.session.send(struct.pack(">BII", 93, self.remote, self._unacknowledged))
            self._unacknowledged = 0

    def room(self) -> int:
        """How many bytes may be sent now."""
        if not self.is_open or self.closed or self._eof_sent or self.session.waiting_bytes > HIGH_WATER:
            return 0
        return min(self.window, self.largest)

    def transmit(self, chunk: bytes | memoryview) -> None:
        """Send bytes for which there is room."""
        self.window -= len(chunk)
        self.session.noise.expect(len(chunk) / SMALLEST_DATA)
        self.session.send(struct.pack(">BII", 94, self.remote, len(chunk)) + bytes(chunk))

    def send_eof(self) -> None:
        """Say that no more bytes will be sent."""
        if self.is_open and not self._eof_sent and not self._close_sent:
            self._eof_sent = True
            self.session.send(struct.pack(">BI", 96, self.remote))

    def close(self) -> None:
        """Close our side."""
        if self.is_open and not self._close_sent:
            self._close_sent = True
            self.session.send(struct.pack(">BI", 97, self.remote))


class ExecChannel(Channel):
    """Runs one command.

    `outcome` is None until it has ended: then a Reply, or why there is none, as text; or what the caller's own `stdin`
    raised, which is no fault of the host.
    """

    def __init__(self, session: ChannelClient, number: int, command: Command | Inquiry) -> None:
        super().__init__(session, number)
        self.command = command
        self.limit = command.limit
        self._receive = command.receiver if isinstance(command, Command) else None
        self._answer = command.answer if isinstance(command, Inquiry) else None
        self._holds = isinstance(command, Command) and command.hold
        self.outcome: Reply | str | Exception | None = None
        self.refusals = 0
        self._started = time.monotonic()
        self._stdin = _chunks(command)
        self._pending = memoryview(b"")
        self._collected = {"stdout": bytearray(), "stderr": bytearray()}
        self._size = self._pieces = 0
        self._status: int | None = None

    @property
    def begun(self) -> bool:
        """Whether the host has agreed to do it."""
        return self.is_open

    def on_open(self) -> None:
        """The other side agreed."""
        self.start(self.command.line)
        self.pump()

    def start(self, command: str) -> None:
        """Ask for a line to be run."""
        line = command.encode("utf-8", "surrogateescape")
        request = struct.pack(">BII", 98, self.remote, 4) + b"exec" + b"\x01"
        self.session.send(request + struct.pack(">I", len(line)) + line)

    def pump(self) -> None:
        """Send on what waits."""
        while self._answer is None and (room := self.room()) > 0:
            if not self._pending:
                try:
                    chunk = next(self._stdin, None)
                except Exception as error:  # noqa: BLE001 – raised again from Pool.converse
                    self._end(error)
                    return
                if chunk is None:
                    if not self._holds:
                        self.send_eof()
                    return
                self._pending = memoryview(chunk)
                continue
            self.transmit(self._pending[:room])
            self._pending = self._pending[room:]

    def on_bytes(self, chunk: bytes, *, stderr: bool) -> None:
        """Bytes came."""
        stream = "stderr" if stderr else "stdout"
        if self._receive is not None:
            self.session.output.append((self._receive, "stderr" if stderr else "stdout", chunk))
        elif self.outcome is None and self.may_collect(len(chunk)):
            self._collected[stream] += chunk
            self._decide()
        self.took(len(chunk))

    def may_collect(self, size: int) -> bool:
        """Count a piece of the answer; when it is too much, that is the outcome."""
        self._size += size
        self._pieces += 1
        if self._size > self.limit:
            self._end(f"the command wrote more than {self.limit:,} bytes")
        elif self._pieces > self.limit // PIECE + PIECE:
            self._end(f"the command wrote its output in more than {self.limit // PIECE:,} pieces")
        return self.outcome is None

    def _decide(self) -> None:
        """See whether it is known by now what to send."""
        if self._answer is None:
            return
        answer = self._collected["stdout"]
        try:
            stdin = self._answer(bytes(answer)) if len(answer) <= UNDECIDED else ()
        except Exception as error:  # noqa: BLE001 – raised again from Pool.converse
            self._end(error)
            return
        if stdin is not None:
            self._answer = None
            self._stdin = iter(stdin)
            self.pump()

    def on_request(self, name: str, message: Message) -> None:
        """How the command ended."""
        if name == "exit-status":
            self._status = message.get_int()
        elif name == "exit-signal":
            name = message.get_text()
            number = getattr(signal, f"SIG{name}", None)
            self._status = 128 + int(number) if number is not None else 255

    def on_request_refused(self) -> None:
        """The command does not run."""
        self._end("the host refuses to run commands for this user")

    def on_refused(self, reason: str) -> None:
        """There is no channel."""
        self._end(f"the host opens no session: {reason}")

    def on_closed(self) -> None:
        """It is over."""
        self.close()
        if self._status is None:
            self._end("the command ended without an exit status: the host closed it")
            return
        streams = {name: bytes(collected) for name, collected in self._collected.items()}
        seconds = time.monotonic() - self._started
        self._end(Reply(self._status, streams["stdout"], streams["stderr"], seconds))

    def _end(self, outcome: Reply | str | Exception) -> None:
        """Nothing of it is collected any more."""
        if self.outcome is None:
            self.outcome = outcome
            self._stdin = iter(())
            self._pending = memoryview(b"")
            self._collected = {"stdout": bytearray(), "stderr": bytearray()}


def _chunks(command: Command | Inquiry) -> Iterator[bytes]:
    stdin = command.stdin if isinstance(command, Command) else b""
    return (chunk for chunk in ((stdin,) if isinstance(stdin, bytes) else stdin) if chunk)


class ForwardChannel(Channel):
    """Carries the bytes of a connection to a further host, opened on the far side (`ssh -W`, ProxyJump)."""

    kind = b"direct-tcpip"

    def __init__(self, session: ChannelClient, number: int, host: str, port: int) -> None:
        super().__init__(session, number)
        self._host, self._port = host.encode(), port
        self.opened: Callable[[], None] = lambda: None
        self.received: Callable[[bytes], None] = lambda chunk: None
        self.drained: Callable[[], None] = lambda: None
        self.lost: Callable[[str], None] = lambda reason: None
        self._wanted = True
        self._unread = 0

    def extra(self) -> bytes:
        """Where to."""
        origin = b"127.0.0.1"
        ends = struct.pack(">I", len(self._host)) + self._host + struct.pack(">I", self._port)
        return ends + struct.pack(">I", len(origin)) + origin + struct.pack(">I", 0)

    def on_open(self) -> None:
        """The other side agreed."""
        self.opened()

    def on_refused(self, reason: str) -> None:
        """There is no channel."""
        self.lost(reason)

    def on_bytes(self, chunk: bytes, *, stderr: bool) -> None:
        """Bytes came."""
        self._unread += len(chunk)
        if self._unread > WINDOW:
            raise SSHException("a jump host sends more than there is room for")
        if self._close_sent:
            return  # what was under way; no window is given back for it
        self.received(chunk)
        self.want(self._wanted)

    def want(self, wanted: bool) -> None:
        """Whether the further host may send more; until then no window is given back."""
        self._wanted = wanted
        if wanted and self._unread:
            unread, self._unread = self._unread, 0
            self.took(unread)

    def on_eof(self) -> None:
        """The further host hung up."""
        self.lost("")

    def on_closed(self) -> None:
        """It is over."""
        self.close()
        self.lost("")

    def on_lost(self, reason: str) -> None:
        """The jump host is gone."""
        self.lost(reason)

    def pump(self) -> None:
        """Send on what waits."""
        self.drained()
