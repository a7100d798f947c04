"""Speaking to hosts: over SSH, and to this machine where it is a host itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Protocol, TypeVar

from matrix_distributor.dialogue.dialogue import TURN, Dialogue, Failure, Target
from matrix_distributor.hosts.identity import Identity, identify
from matrix_distributor.hosts.outcome import Contact
from matrix_distributor.hosts.targets import may_install_here
from matrix_distributor.transport.pool import Pool
from matrix_grammar import Fleet

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

    def __init__(self, pool: Pool, here: Identity | None = None, *, gated: bool = False) -> None:
        self._pool = pool
        self.here = here or Identity()
        self.gated = gated
        self._own = Here(OWN_LIMIT)
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
        self._own.end()

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold the dialogues; this machine's first, since it takes no waiting."""
        remote = []
        for target, dialogue in pairs:
            if target.name == self.here.host:
                if self._unbegun:
                    self._own.end()
                yield target, self._stopped(_marked(self._own.converse(target.name, dialogue)))
            else:
                remote.append((target, _requests(dialogue) if self.gated else dialogue))
        for target, answer in self._pool.converse(remote):
            if self.gated and isinstance(answer, Failure) and answer.stage == "login":
                yield target, replace(answer, cure=_PREPARE)
            elif isinstance(answer, Failure):
                yield target, self._stopped(self.here.advised(answer))
            else:
                yield target, answer

    def _stopped(self, answer: T | Failure) -> T | Failure:
        """A host that was given up tells why."""
        if self._unbegun and isinstance(answer, Failure) and answer.stage == "stop":
            cause = f"ended before it was done: {self._ended}" if answer.begun else f"not begun: {self._unbegun}"
            return replace(answer, cause=cause)
        return answer


def _marked(answer: T | Failure) -> T | Failure:
    """An outcome tells that the host was spoken to without SSH."""
    return replace(answer, here=True) if isinstance(answer, Contact) else answer


def _requests(dialogue: Dialogue[T]) -> Dialogue[T]:
    """The dialogue with each command said as a request."""
    with closing(dialogue):
        try:
            command = next(dialogue)
            while True:
                assert command.request or command is TURN, "a command that only a shell understands"
                said = replace(command, line=command.request, preface=b"", standing=None)
                reply = yield command if command is TURN else said
                command = dialogue.send(reply if command is TURN else replace(reply, requested=True))
        except StopIteration as end:
            value: T = end.value
            return value
