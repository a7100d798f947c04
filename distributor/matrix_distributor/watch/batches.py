"""The batches that are under way, and the pools that they work over: one pool at a time, replaced with the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Thread

from matrix_distributor.conversation.reach import Reach
from matrix_distributor.push.delivery import PushOptions
from matrix_distributor.push.push import Push
from matrix_distributor.transport.pool import Pool

from .batch import Batch, Came
from .options import WatchOptions

BATCHES = 4
"""At most so many batches of hosts at once, but for edits, which never wait."""


class Batches:
    """Begins batches, each in a thread of its own. To be used by the daemon's thread alone."""

    def __init__(self, options: WatchOptions, hand: Callable[[Came], None]) -> None:
        """`hand` takes what batches give back, from their threads. Raises TransportError."""
        self.pool = options.pool()
        self._options = options
        self._hand = hand
        self._pools: dict[int, Pool] = {}
        self._count = 0

    @property
    def busy(self) -> bool:
        """Whether a batch is under way."""
        return bool(self._pools)

    @property
    def full(self) -> bool:
        """Whether no further batch may begin, but one of an edit."""
        return len(self._pools) >= BATCHES

    @property
    def push_options(self) -> PushOptions:
        """How hosts are pushed to, by the settings of the moment."""
        return PushOptions(sudo=self._options.sudo, repair=self._options.repair)

    def begin(
        self, goal: Push, hosts: Sequence[str], behind: Mapping[str, str], newest: Callable[[], Push | None]
    ) -> None:
        """Begin with these hosts, by the settings of the moment; see Batch."""
        self._count += 1
        self._pools[self._count] = self.pool
        reach = Reach(self.pool, goal.reach.here, gated=self._options.gated)
        batch = Batch(self._count, goal, goal.over(reach, self.push_options), hosts, behind, newest)
        Thread(target=batch.run, args=(self._hand,), name="matrix-batch", daemon=True).start()

    def ended(self, number: int) -> None:
        """Let go of a batch that has ended, and of its pool when that was replaced and no other batch works over it."""
        pool = self._pools.pop(number)
        if pool is not self.pool and pool not in self._pools.values():
            pool.close()

    def reload(self, options: WatchOptions, pool: Pool) -> None:
        """Reach hosts by other settings, over a pool that was made by them; batches under way keep theirs."""
        old, self.pool, self._options = self.pool, pool, options
        if old not in self._pools.values():
            old.close()

    def stop(self) -> None:
        """Begin with no further host."""
        for pool in self._all():
            pool.stop()

    def close(self) -> None:
        """End what is under way, and close every connection."""
        for pool in self._all():
            pool.abort()
            pool.close()

    def _all(self) -> set[Pool]:
        return {self.pool, *self._pools.values()}
