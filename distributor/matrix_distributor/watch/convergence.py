"""When which host is to be worked on: the daemon's decisions, without threads, clocks or network."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds. A host that failed waits `retry`, then twice that, up to `retry_max`, with jitter.

    A host that is well is asked again after `verify`, give or take a fifth.
    """

    retry: float = 5.0
    retry_max: float = 300.0
    verify: float = 300.0


@dataclass(slots=True)
class _Course:
    """Where one host stands: when it is due, whether it is worked on now, how often it failed in a row."""

    due: float
    busy: bool = False
    failures: int = 0
    holds: str = ""


class Convergence:
    """Brings hosts to one goal after another. Times are those of any clock that never goes back, in seconds.

    A host is worked on once at a time. One that holds another generation than the goal is due at once; one that
    failed waits ever longer; all are due when the goal changes.
    """

    def __init__(self, pace: Pace, chance: random.Random | None = None) -> None:
        self.pace = pace
        self._chance = chance or random.Random()  # noqa: S311 - it spreads attempts, and guards nothing
        self._hosts: dict[str, _Course] = {}
        self._goal = ""

    def aim(self, goal: Generation, hosts: Iterable[str], now: float) -> None:
        """Make a generation the goal, for these hosts. Hosts that are worked on come to it when that ends."""
        self._goal = goal.digest
        known = self._hosts
        self._hosts = {name: known.get(name) or _Course(now) for name in hosts}
        for course in self._hosts.values():
            course.due = now

    def begin(self, now: float, limit: int | None = None) -> tuple[str, ...]:
        """The hosts to work on now, which count as busy from here on; at most `limit`."""
        due = [name for name, course in self._hosts.items() if not course.busy and course.due <= now]
        chosen = due if limit is None else due[:limit]
        for name in chosen:
            self._hosts[name].busy = True
        return tuple(chosen)

    def behind(self, hosts: Iterable[str]) -> dict[str, str]:
        """Those of the hosts that are known to hold another generation than the goal, and its digest.

        There is no need to ask them first.
        """
        courses = ((name, self._hosts.get(name)) for name in hosts)
        return {name: course.holds for name, course in courses if course and course.holds not in ("", self._goal)}

    def end(self, outcome: Outcome, goal: Generation, now: float) -> None:
        """Take in what became of a host for which `goal` was the goal when it was begun."""
        course = self._hosts.get(outcome.host)
        if course is None:
            return
        course.busy = False
        if outcome.good or outcome.result in ("drifted", "refused"):
            course.failures = 0
            course.holds = outcome.digest if outcome.good else ""
            stale = goal.digest != self._goal
            course.due = now if stale else now + self._around(self.pace.verify)
        else:
            course.holds = ""
            course.due = now + self._backoff(course.failures)
            course.failures += 1

    def next_due(self) -> float | None:
        """When the next host is due; None when all are busy or there are none."""
        return min((course.due for course in self._hosts.values() if not course.busy), default=None)

    def hasten(self, now: float) -> None:
        """Make every host due now, as after a change of how hosts are reached."""
        for course in self._hosts.values():
            course.due = now

    def _backoff(self, failures: int) -> float:
        longest = min(self.pace.retry * 2.0 ** min(failures, 30), self.pace.retry_max)
        return longest * self._chance.uniform(0.5, 1.0)

    def _around(self, seconds: float) -> float:
        return seconds * self._chance.uniform(0.8, 1.2)
