"""One dialogue with one host, from the queue to its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matrix_distributor.dialogue.commands import Message
from matrix_distributor.dialogue.dialogue import Dialogue, Reply, Target
from matrix_distributor.transport.net.loop import Loop, Timer
from matrix_distributor.transport.ssh_config.route import Route

from .connection import Connection


@dataclass(frozen=True, slots=True)
class Bug:
    """An exception of the caller's own code, to be raised where the caller is."""

    error: BaseException


class Conversation:
    """What is to be said to a host, and how far it has come. Hands over its outcome exactly once.

    `connection` is the one it has at the moment, `attempts` how often it was
    set out for anew.
    """

    def __init__(
        self, target: Target, route: Route, dialogue: Dialogue[Any], deliver: Callable[[tuple[Target, Any]], None]
    ) -> None:
        self.target = target
        self.route = route
        self.connection: Connection | None = None
        self._left: float | None = None
        self._since = 0.0
        self._limit: Timer | None = None
        self.attempts = 0
        self.done = False
        self._dialogue = dialogue
        self._message: Message | None = None
        self._replies = 0
        self._deliver = deliver

    @property
    def lost_before_use(self) -> bool:
        """Whether its connection was one that was kept, and the host has not begun to act on anything over it."""
        connection = self.connection
        return connection is not None and connection.reused and not self._replies and not connection.command_begun

    def bound(self, loop: Loop, seconds: float | None, late: Callable[[], None]) -> None:
        """Let the time for this host run: so many seconds in all (None: no bound), after which `late` is called."""
        if seconds is not None:
            self._left = seconds if self._left is None else self._left
            self._since = time.monotonic()
            self._limit = loop.after(self._left, late)

    def rest(self) -> None:
        """Let it stand still: the host waits for its turn."""
        if self._limit is not None and self._left is not None:
            self._limit.cancel()
            self._limit = None
            self._left = max(0.0, self._left - (time.monotonic() - self._since))

    def advance(self, reply: Reply | None) -> Message:
        """The dialogue's next message; the first again as long as it has no reply. Raises StopIteration at its end."""
        if reply is not None:
            self._replies += 1
            self._message = self._dialogue.send(reply)
        elif self._message is None:
            self._message = next(self._dialogue)
        return self._message

    def end(self, outcome: object) -> None:
        """Hand over the outcome, and let the dialogue go."""
        if self.done:
            return
        self.done = True
        self.rest()
        try:
            self._dialogue.close()
        except Exception as error:  # noqa: BLE001 – raised again from Pool.converse
            outcome = Bug(error)
        self._deliver((self.target, outcome))
