"""A batch of hosts that are brought to the goal at once; its thread waits for the transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from matrix_distributor.conversation.reach import Reach
from matrix_distributor.dialogue.dialogue import Dialogue, Failure
from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.push.delivery import PushOptions, bring
from matrix_distributor.push.inspection import failed
from matrix_distributor.transport.pool import Pool

from .goal import Goal
from .options import WatchOptions


@dataclass(frozen=True)
class Came:
    """What a batch hands back: what became of a host while `goal` was the goal. Without an outcome: the batch ended."""

    batch: int
    goal: Goal
    outcome: Outcome | None = None
    error: BaseException | None = None


class Batch:
    """Brings hosts to the goal that is the goal when each one's turn comes: hosts that wait skip what is overtaken."""

    def __init__(
        self,
        number: int,
        goal: Goal,
        hosts: Sequence[str],
        behind: Mapping[str, str],
        newest: Callable[[], Goal | None],
        options: WatchOptions,
    ) -> None:
        """`behind` are hosts known to hold another generation than `goal`, and its digest.

        `newest` gives the goal of the moment.
        """
        self._number = number
        self._goal = goal
        self._hosts = hosts
        self._behind = behind
        self._newest = newest
        self._options = PushOptions(sudo=options.sudo, repair=options.repair)
        self._gated = options.gated

    def run(self, pool: Pool, hand: Callable[[Came], None]) -> None:
        """Bring all hosts to the goal; `hand` takes each outcome, and the end."""
        error: BaseException | None = None
        try:
            pairs = [(self._goal.targets[name], self._course(name)) for name in self._hosts]
            for target, answer in Reach(pool, self._goal.here, gated=self._gated)(pairs):
                if isinstance(answer, Failure):
                    hand(Came(self._number, self._goal, failed(target.name, answer)))
                else:
                    goal, outcome = answer
                    here = target.name == self._goal.here.host
                    hand(Came(self._number, goal, replace(outcome, here=here)))
        except BaseException as bug:  # noqa: BLE001  # raised again by the daemon's own thread
            error = bug
        hand(Came(self._number, self._goal, None, error))

    def _course(self, host: str) -> Dialogue[tuple[Goal, Outcome]]:
        goal = self._newest() or self._goal
        known = self._behind.get(host) if goal is self._goal else None
        return goal, (yield from bring(goal.generation, host, self._options, goal.deltas, known=known))
