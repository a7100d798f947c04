"""One entry's files on their way to hosts, in a thread of its own, so that no generation waits for a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from matrix_distributor.conversation.reach import Reach
from matrix_distributor.push.push import Push
from matrix_distributor.reflect.making import Made
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_distributor.reflect.rollout import Rollout
from matrix_distributor.reflect.standing import ReflectPlan
from matrix_distributor.transport.pool import Pool
from matrix_emitters.reflection.model import Configuration

from .options import WatchOptions


@dataclass(frozen=True)
class Carried:
    """What a round hands back: what became of a file on a host, or why there is none. Without either: it has ended.

    `told`: this was handed back when it was applied already, and the pause after it brought nothing new.
    """

    round: Round
    result: ReflectOutcome | Made | None = None
    error: BaseException | None = None
    told: bool = False


class Round:
    """Brings one entry's files of a goal to those of its hosts that are named."""

    def __init__(
        self, goal: Push, entry: Configuration, hosts: Iterable[str], pool: Pool, options: WatchOptions
    ) -> None:
        self.goal = goal
        self.entry = entry
        self.pool = pool
        self._hosts = tuple(hosts)
        self._reflection = ReflectPlan((entry,), options.reflection.options)
        self._carrier = Rollout(goal.fleet, Reach(pool, goal.reach.here), options.reflection.options)

    def stop(self, why: str) -> None:
        """Begin with no further host. From any thread."""
        self._carrier.stop(why)

    def run(self, hand: Callable[[Carried], None]) -> None:
        """Carry the files; `hand` takes each result, and the end."""
        error: BaseException | None = None
        told: set[str] = set()

        def applied(outcome: ReflectOutcome) -> None:
            told.add(outcome.host)
            hand(Carried(self, outcome))

        self._carrier.applied = applied
        try:
            for result in self._reflection.carry(self._carrier, self.goal.generation, self._hosts):
                again = isinstance(result, ReflectOutcome) and result.applied and result.host in told
                hand(Carried(self, result, told=again))
                told -= {result.host} if isinstance(result, ReflectOutcome) else set()
        except BaseException as bug:  # noqa: BLE001  # raised again by the daemon's own thread
            error = bug
        hand(Carried(self, None, error))
