"""Speaking to hosts: over SSH, and to this machine where it is a host itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from .local import run_here
from .transport import Dialogue, Failure, Pool, Target

T = TypeVar("T")


class Converse(Protocol):
    """Hold each dialogue with its host; every pair comes back once, as it finishes, with a value or a Failure."""

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold the dialogues."""


class Reach:
    """Holds dialogues over a pool, but that of the host `here`, which is this machine, by its own sh."""

    def __init__(self, pool: Pool, here: str | None = None) -> None:
        self._pool = pool
        self._here = here

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        """Hold the dialogues; this machine's first, since it takes no waiting."""
        remote = []
        for target, dialogue in pairs:
            if target.name == self._here:
                yield target, run_here(target.name, dialogue)
            else:
                remote.append((target, dialogue))
        yield from self._pool.converse(remote)
