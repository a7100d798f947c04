"""Speaking to hosts: over SSH, and to this machine where it is a host itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Protocol, TypeVar

from matrix_distributor.dialogue.commands import GatedRequest, Turn
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target
from matrix_distributor.hosts.outcome import HostOutcome
from matrix_distributor.hosts.targets import may_install_here
from matrix_distributor.identity.identity import Identity, identify
from matrix_distributor.transport.job import Bug
from matrix_distributor.transport.pool import Pool
from matrix_grammar import Fleet

from .exchange import Ended, Exchange, Output
from .local import Here

T = TypeVar("T")

OWN_LIMIT = 120.0
"""Seconds that a command of this machine may take without a limit of its own."""

_PREPARE = "prepare such hosts for the key of push.identity, with your own login: matrix enroll HOSTS"


class Converse(Protocol):
    """Hold each dialogue with its host; every pair comes back once, as it finishes, with a value or a Failure."""

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold the dialogues."""


class Reach:
    """Holds dialogues over a pool, but that of the host that this machine is (`here`), by its own sh.

    With `gated` the login is the account that `matrix enroll` makes, which takes requests and runs no commands.
    """

    def __init__(
        self,
        pool: Pool,
        here: Identity | None = None,
        *,
        gated: bool = False,
        limit: float = OWN_LIMIT,
        whole: float | None = None,
    ) -> None:
        """`limit` bounds each command of this machine that has no limit of its own, `whole` a dialogue, in seconds."""
        self.here = here or Identity()
        self.gated = gated
        self._pool = pool
        self._limit, self._whole = limit, whole
        self._own: list[Here] = []
        self._unbegun = self._ended = ""

    @classmethod
    def of(cls, pool: Pool, fleet: Fleet, *, named: str = "", local: bool = True, gated: bool = False) -> Reach:
        """As the constructor, with the host of the fleet that this machine is, where files can be installed on it.

        `named` says which one it is, else it is found by its addresses. Without `local` every host is reached over SSH.
        Raises DistributorError when the fleet has no host of that name.
        """
        here = identify(fleet, named, pool.way) if local and may_install_here() else Identity()
        return cls(pool, here, gated=gated)

    def stop(self, why: str) -> None:
        """Begin with no further host; those that are spoken to go on to their end. From any thread."""
        self._unbegun = self._unbegun or why
        self._pool.stop()

    def abort(self, why: str) -> None:
        """End what is spoken, and begin nothing more. From any thread."""
        self._unbegun = self._unbegun or why
        self._ended = why
        self._pool.abort()
        for here in list(self._own):
            here.end()

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold the dialogues; each target with the value of its dialogue or a Failure, as they end."""
        for event in self.events(pairs):
            if isinstance(event, Ended):
                yield event.target, self._told(event.target, event.value)

    def events(
        self, pairs: Iterable[tuple[Target, Dialogue[T]]], exchange: Exchange | None = None
    ) -> Iterator[Output | Ended[T]]:
        """Hold the dialogues, this machine's beside those over SSH; what they tell, as it comes.

        What commands write to `exchange.output` is given too. Every target ends exactly once. Giving up the iterator
        ends what is left, on this machine too.
        """
        exchange = exchange or Exchange()
        begun: set[str] = set()
        started = time.monotonic()
        here = Here(self._limit, self._whole)
        remote: list[tuple[Target, Dialogue[T]]] = []
        own: list[tuple[Target, Dialogue[T]]] = []
        for target, dialogue in pairs:
            if target.name == self.here.host:
                own.append((target, _noted(begun, target.name, dialogue)))
            else:
                asked = _requests(dialogue) if self.gated else dialogue
                remote.append((target, _noted(begun, target.name, asked)))
        self._own.append(here)
        complete = False
        try:
            if self._unbegun:
                here.end()
            if own:
                work = (here, own, exchange)
                threading.Thread(target=_hold_here, args=work, daemon=True, name="matrix-here").start()
            for event in self._pool.events(remote, exchange.queue, len(own)):
                if isinstance(event, Output):
                    exchange.taken(event)
                    yield event
                else:
                    target, value = event
                    yield Ended(target, value, time.monotonic() - started, target.name in begun)
            complete = True
        finally:
            self._own.remove(here)
            if not complete:
                here.end()

    def _told(self, target: Target, answer: T | Failure) -> T | Failure:
        """The answer of a host, with how it was spoken to and what to do where that failed."""
        if target.name == self.here.host:
            return self._stopped(_marked(answer))
        if not isinstance(answer, Failure):
            return answer
        if self.gated and answer.stage == "login":
            return replace(answer, trouble=replace(answer.trouble, cure=_PREPARE))
        return self._stopped(self.here.advised(answer))

    def _stopped(self, answer: T | Failure) -> T | Failure:
        """A host that was given up tells why."""
        if self._unbegun and isinstance(answer, Failure) and answer.stage == "stop":
            cause = f"ended before it was done: {self._ended}" if answer.begun else f"not begun: {self._unbegun}"
            return replace(answer, trouble=replace(answer.trouble, cause=cause))
        return answer


def _noted(begun: set[str], host: str, dialogue: Dialogue[T]) -> Dialogue[T]:
    """The dialogue, which notes that it begins."""
    begun.add(host)
    return (yield from dialogue)


def _hold_here(here: Here, pairs: Iterable[tuple[Target, Dialogue[T]]], exchange: Exchange) -> None:
    """Hold dialogues with this machine, and put their outcomes where the caller waits."""
    for target, dialogue in pairs:
        try:
            outcome: T | Failure | Bug = here.converse(target.name, dialogue)
        except BaseException as error:  # noqa: BLE001 – raised again in the thread that reads the events
            outcome = Bug(error)
        exchange.queue.put((target, outcome))


def _marked(answer: T | Failure) -> T | Failure:
    """An outcome tells that the host was spoken to without SSH."""
    return replace(answer, here=True) if isinstance(answer, HostOutcome) else answer


def _requests(dialogue: Dialogue[T]) -> Dialogue[T]:
    """The dialogue with an account that takes requests and runs no commands."""
    with closing(dialogue):
        try:
            message = next(dialogue)
            while True:
                if isinstance(message, GatedRequest):
                    reply = replace((yield message.for_account), requested=True)
                elif isinstance(message, Turn):
                    reply = yield message
                else:
                    raise TypeError(f"only a shell understands this, and the login is gated: {message.line[:40]}")
                message = dialogue.send(reply)
        except StopIteration as end:
            value: T = end.value
            return value
