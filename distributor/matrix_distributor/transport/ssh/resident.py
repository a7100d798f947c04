"""The channel of a program that stands ready on a host and takes requests one after another."""

from __future__ import annotations

import re
import time

from matrix_distributor.dialogue.commands import Request, Resident
from matrix_distributor.dialogue.dialogue import Reply

from .channel import ChannelClient, ExecChannel

NOT_STARTED = 127
"""The exit status of a shell that does not find the program."""

_TAKEN = re.compile(rb"^taken\n", re.MULTILINE)
_REPLY = re.compile(rb"reply ([0-9]{1,3}) ([0-9]{1,9}) ([0-9]{1,9})\n")
_MOST_NOISE = 4096
DATA = 94
"""Bytes that a login shell may print before the program that it starts, and that may come late on standard error."""


class ResidentChannel(ExecChannel):
    """Runs a Resident once, and hands it one request after another.

    `outcome` is that of the request that is being dealt with. `unanswered` tells that the program ended before it took
    that request: then there is no outcome, and nothing was done. What it writes while nothing is asked of it ends it
    (`spoilt`), and the next request goes to a new one.
    """

    def __init__(self, session: ChannelClient, number: int, request: Request, resident: Resident) -> None:
        super().__init__(session, number, request.command)
        self.line = resident.line
        self._preface = resident.preface
        self.unanswered = self.spoilt = False
        self._told = bytearray()
        self._taken = False
        self._late = 0
        self.ask(request, resident)

    @property
    def begun(self) -> bool:
        """Whether the program has taken the request."""
        return self._taken

    @property
    def missing(self) -> bool:
        """Whether the host has no such program."""
        return self._status == NOT_STARTED

    def ask(self, request: Request, resident: Resident) -> None:
        """Hand over a request. The one before it has had its outcome."""
        self.request, self.outcome, self._taken = request, None, False
        self.limit = request.limit
        self._started = time.monotonic()
        head = f"{resident.head} {len(request.stdin)}\n".encode("utf-8", "surrogateescape")
        self._stdin = iter([chunk for chunk in (self._preface, head, request.stdin) if chunk])
        self._preface = b""
        self._collected["stderr"].clear()
        self._told.clear()
        self._size = self._pieces = self._late = 0
        if self.is_open:
            self.pump()

    def dismiss(self) -> None:
        """Have the program end: another needs its place. Between two requests."""
        self.spoilt = True
        super().send_eof()

    def on_open(self) -> None:
        """The other side agreed."""
        self.start(self.line)
        self.pump()

    def send_eof(self) -> None:
        """Further requests will follow."""

    def on_bytes(self, chunk: bytes, *, stderr: bool) -> None:
        """Bytes came."""
        if self.outcome is not None or self.spoilt:
            self._unasked(chunk, stderr=stderr)
            return
        if not self.may_collect(len(chunk)):
            return
        self.took(len(chunk))
        if stderr:
            self._collected["stderr"] += chunk
        else:
            self._told += chunk
            self._read_answer()

    def _unasked(self, chunk: bytes, *, stderr: bool) -> None:
        """A warning may come after the reply, since the two streams are read one after the other; nothing else may."""
        self.session.noise.heard(DATA, len(chunk))
        self._late += len(chunk)
        if self.spoilt:
            return
        if stderr and self._late <= _MOST_NOISE:
            self.took(len(chunk))
            return
        self.spoilt = True
        self.close()
        self.session.spoke_unasked()

    def on_closed(self) -> None:
        """The program has ended."""
        self.close()
        if self.outcome is None and not self._taken:
            self.unanswered = True
        elif self.outcome is None:
            super().on_closed()

    def on_refused(self, reason: str) -> None:
        """There is no channel."""
        self.unanswered = True

    def on_request_refused(self) -> None:
        """The program does not run."""
        self.unanswered = True

    def _read_answer(self) -> None:
        if not self._taken:
            taken = _TAKEN.search(self._told)
            if taken is not None:
                self._taken = True
                del self._told[: taken.end()]
        head = _REPLY.match(self._told) if self._taken else None
        if head is None:
            if len(self._told) > _MOST_NOISE:
                self._end("it answers something else than was asked")
            return
        status, out, err = (int(part) for part in head.groups())
        if out + err > self.limit:
            self._end(f"the command wrote more than {self.limit:,} bytes")
        elif len(self._told) >= head.end() + out + err:
            told, self._told = self._told, bytearray()
            end = head.end() + out
            stderr = bytes(told[end : end + err] + self._collected["stderr"])
            self._end(Reply(status, bytes(told[head.end() : end]), stderr, time.monotonic() - self._started))
