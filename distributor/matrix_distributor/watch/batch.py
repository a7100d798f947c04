"""A batch of hosts that are brought to the goal at once; its thread waits for the transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from matrix_distributor.dialogue.dialogue import Dialogue, Failure
from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.push.inspection import failed
from matrix_distributor.push.push import Push


@dataclass(frozen=True)
class Came:
    """What a batch hands back: what became of a host while `goal` was the goal. Without an outcome: the batch ended."""

    batch: int
    goal: Push
    outcome: Outcome | None = None
    error: BaseException | None = None


class Batch:
    """Brings hosts to the goal that is the goal when each one's turn comes: hosts that wait skip what is overtaken."""

    def __init__(
        self,
        number: int,
        goal: Push,
        push: Push,
        hosts: Sequence[str],
        behind: Mapping[str, str],
        newest: Callable[[], Push | None],
    ) -> None:
        """`push` is the push of `goal` by the way to the hosts, and with the options, of the moment.

        `behind` are hosts known to hold another generation than `goal`, and its digest; `newest` gives the goal of the
        moment.
        """
        self._number = number
        self._goal = goal
        self._push = push
        self._hosts = hosts
        self._behind = behind
        self._newest = newest

    def run(self, hand: Callable[[Came], None]) -> None:
        """Bring all hosts to the goal; `hand` takes each outcome, and the end."""
        error: BaseException | None = None
        reach = self._push.reach
        try:
            pairs = [(self._goal.targets[name], self._course(name)) for name in self._hosts]
            for target, answer in reach(pairs):
                if isinstance(answer, Failure):
                    hand(Came(self._number, self._goal, failed(target.name, answer)))
                else:
                    goal, outcome = answer
                    hand(Came(self._number, goal, replace(outcome, here=target.name == reach.here.host)))
        except BaseException as bug:  # noqa: BLE001  # raised again by the daemon's own thread
            error = bug
        hand(Came(self._number, self._goal, None, error))

    def _course(self, host: str) -> Dialogue[tuple[Push, Outcome]]:
        goal = self._newest() or self._goal
        known = self._behind.get(host) if goal is self._goal else None
        push = goal.over(self._push.reach, self._push.options)
        return goal, (yield from push.to(host, known))
