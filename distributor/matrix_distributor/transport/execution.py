"""What a connection runs: one command at a time, by a channel of its own or by a program that stands ready."""

from __future__ import annotations

from collections.abc import Callable

from matrix_distributor.dialogue.commands import CROWDED, Command, Inquiry, Request
from matrix_distributor.dialogue.dialogue import Failure, Reply
from matrix_distributor.transport.ssh.channel import ExecChannel
from matrix_distributor.transport.ssh.client import SshClient
from matrix_distributor.transport.ssh.resident import ResidentChannel

Outcome = Reply | Failure | Exception
"""How a command ended; an Exception is the caller's own, out of its `stdin` or `on_output`."""


class Execution:
    """The command of the moment, and how far it has come. What it raises is the session's to raise."""

    def __init__(self, session: SshClient) -> None:
        self._session = session
        self._channel: ExecChannel | None = None
        self._limit: float | None = None
        self._missing: set[str] = set()
        self.crowded = False
        self.ended: Callable[[Outcome], None] | None = None

    @property
    def active(self) -> bool:
        """Whether there is a command."""
        return self._channel is not None and self.ended is not None

    @property
    def begun(self) -> bool:
        """Whether the host has agreed to run it."""
        return self._channel is not None and self._channel.begun

    def is_missing(self, message: Command | Inquiry | Request) -> bool:
        """Whether all that could do it is known not to start on this host."""
        resident = message.resident if isinstance(message, Request) else None
        return resident is not None and resident.alone and resident.line in self._missing

    def begin(
        self, message: Command | Inquiry | Request, ended: Callable[[Outcome], None], limit: float, *, stands: bool
    ) -> None:
        """Say a message, which may take `limit` seconds once it is begun; to what stands ready if that may be so."""
        self.ended, self._limit = ended, limit
        if not isinstance(message, Request):
            self._channel = self._session.execute(message)
            return
        resident = message.resident
        if stands and resident is not None and resident.line not in self._missing:
            self._channel = self._session.stand(message, resident)
        else:
            self._channel = self._session.execute(message.command)

    def instead(self) -> Command | None:
        """The command that is to be run since what was to stand ready does not."""
        channel = self._channel
        if not isinstance(channel, ResidentChannel) or not channel.unanswered:
            return None
        if channel.missing:
            self._missing.add(channel.line)
        self._channel = None
        return channel.request.command

    def begun_just_now(self) -> float | None:
        """The seconds that the command may take from now on, told once, when the host has begun with it."""
        if not self.begun:
            return None
        limit, self._limit = self._limit, None
        return limit

    def outcome(self) -> Outcome | str | None:
        """Pass on what came; how the command ended if it did, a text where the connection is of no use any more."""
        channel = self._channel
        assert channel is not None
        output, self._session.output = self._session.output, []
        for callback, stream, chunk in output:
            try:
                if callback(stream, chunk) is CROWDED:
                    self.crowded = True
            except Exception as error:  # noqa: BLE001 – raised again from Pool.converse
                channel.outcome = error
                break
        if channel.outcome is not None:
            self._channel = self.ended = None
        return channel.outcome
