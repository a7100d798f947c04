"""What carries a connection's bytes: a socket, a ProxyCommand's pipe, or a channel of a jump host."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Protocol

from matrix_distributor.transport.ssh.channel import ForwardChannel
from matrix_distributor.transport.words import harmless

from .loop import READ, WRITE, Loop, Timer

CHUNK = 256 * 1024

PATIENCE = 2.0
"""Seconds that a ProxyCommand has to end after SIGTERM."""


LAST_WORDS = 0.5
"""Seconds that standard error of a ProxyCommand may stay open longer than its standard output."""

MOST_WORDS = 4096
"""Bytes that are kept of what a ProxyCommand says."""


class ByteStream(Protocol):
    """Takes bytes away, brings bytes. Its owner is told through the callbacks that it was made with."""

    def flush(self, outgoing: bytearray) -> None:
        """Send what can be sent now, and remove it. Raises OSError when the connection is gone."""

    def want(self, wanted: bool) -> None:
        """Whether it is to bring more, or leave that to the network for now."""

    def close(self) -> None:
        """Be done with it."""


class SocketCarrier:
    """A connected, non-blocking socket."""

    def __init__(
        self,
        loop: Loop,
        end: socket.socket,
        received: Callable[[bytes], None],
        drained: Callable[[], None],
        lost: Callable[[str], None],
    ) -> None:
        self._loop, self._end = loop, end
        self._received, self._drained, self._lost = received, drained, lost
        self._watched = self._wanted = READ
        loop.watch(end, READ, self._ready)

    def flush(self, outgoing: bytearray) -> None:
        """Send what can be sent now."""
        if outgoing:
            try:
                sent = self._end.send(outgoing)
            except BlockingIOError:
                sent = 0
            del outgoing[:sent]
        self._watch(self._wanted | (WRITE if outgoing else 0))

    def want(self, wanted: bool) -> None:
        """Whether it is to bring more, or leave that to the network for now."""
        self._wanted = READ if wanted else 0
        self._watch(self._wanted | self._watched & WRITE)

    def _watch(self, events: int) -> None:
        if events == self._watched:
            return
        self._watched = events
        if events:
            self._loop.watch(self._end, events, self._ready)
        else:
            self._loop.unwatch(self._end)

    def close(self) -> None:
        """Be done with it."""
        self._loop.unwatch(self._end)
        self._end.close()

    def _ready(self, events: int) -> None:
        if events & WRITE:
            self._drained()
        if events & self._wanted and self._end.fileno() >= 0:
            try:
                arrived = self._end.recv(CHUNK)
            except BlockingIOError:
                return
            except OSError as error:
                self._lost(os.strerror(error.errno) if error.errno else str(error))
                return
            if arrived:
                self._received(arrived)
            else:
                self._lost("")


class CommandCarrier(SocketCarrier):
    """The standard streams of a ProxyCommand (ssh_config(5)); what it says on standard error tells why it ended."""

    def __init__(
        self,
        loop: Loop,
        line: str,
        received: Callable[[bytes], None],
        drained: Callable[[], None],
        lost: Callable[[str], None],
    ) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            # A session of its own, so that the whole pipeline that a ProxyCommand may be can be ended.
            self._process = subprocess.Popen(  # noqa: S603 - ProxyCommand of an ssh_config, which was judged
                ["/bin/sh", "-c", f"exec {line}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        assert self._process.stderr is not None
        self._tell = lost
        self._over: str | None = None
        self._timer: Timer | None = None
        self._said = bytearray()
        self._words: IO[bytes] | None = self._process.stderr
        os.set_blocking(self._process.stderr.fileno(), False)
        loop.watch(self._process.stderr, READ, self._hear)
        super().__init__(loop, ours, received, drained, self._ended)

    @property
    def words(self) -> str:
        """The first line that it said on standard error, made harmless and short."""
        lines = self._said.decode("utf-8", "replace").splitlines()
        return harmless(next((line for line in lines if line.strip()), ""))

    def flush(self, outgoing: bytearray) -> None:
        """Send what can be sent now."""
        if self._over is not None:
            outgoing.clear()
            return
        try:
            super().flush(outgoing)
        except OSError as error:  # it has ended: its own words tell more than a broken pipe
            self._ended(os.strerror(error.errno) if error.errno else str(error))

    def want(self, wanted: bool) -> None:
        """Whether it is to bring more, or leave that to the network for now."""
        if self._over is None:
            super().want(wanted)

    def _hear(self, _events: int) -> None:
        assert self._words is not None
        try:
            heard = os.read(self._words.fileno(), CHUNK)
        except BlockingIOError:
            return
        self._said += heard[: MOST_WORDS - len(self._said)]
        if not heard:
            self._hang_up()
            if self._over is not None:
                self._tell_why()

    def _hang_up(self) -> None:
        if self._words is not None:
            self._loop.unwatch(self._words)
            self._words.close()
            self._words = None

    def _ended(self, reason: str) -> None:
        """It brings no more; what it says on standard error may still be under way."""
        if self._over is not None:
            return
        self._over = reason
        self._loop.unwatch(self._end)
        if self._words is None:
            self._loop.soon(self._tell_why)
        else:
            self._timer = self._loop.after(LAST_WORDS, self._tell_why)

    def _tell_why(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            status: int | None = self._process.wait(LAST_WORDS / 10)  # its streams are closed: it ends, or has ended
        except subprocess.TimeoutExpired:
            status = None
        how = f"the ProxyCommand ended with status {status}" if status is not None else self._over
        self._tell(": ".join(part for part in (how, self.words) if part))

    def close(self) -> None:
        """Be done with it."""
        super().close()
        self._hang_up()
        if self._timer is not None:
            self._timer.cancel()
        # Not a daemon: it ends within PATIENCE, and nothing may be left running when the program ends before that.
        threading.Thread(target=self._terminate, name="proxy-command-end").start()

    def _terminate(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
                return


class ForwardCarrier:
    """A channel through a jump host."""

    def __init__(self, channel: ForwardChannel, flush_gateway: Callable[[], None]) -> None:
        self._channel = channel
        self._flush_gateway = flush_gateway

    def flush(self, outgoing: bytearray) -> None:
        """Send what can be sent now."""
        while outgoing and (room := self._channel.room()) > 0:
            self._channel.transmit(bytes(outgoing[:room]))
            del outgoing[:room]
        self._flush_gateway()

    def want(self, wanted: bool) -> None:
        """Whether it is to bring more, or leave that to the network for now."""
        self._channel.want(wanted)
        self._flush_gateway()

    def close(self) -> None:
        """Be done with it."""
        self._channel.received = lambda chunk: None
        self._channel.drained = lambda: None
        self._channel.lost = lambda reason: None
        self._channel.close()
        self._flush_gateway()
