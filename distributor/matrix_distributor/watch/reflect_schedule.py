"""When which entry is to be reflected: the daemon's decisions, without threads, clocks or network."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.reflect.making import Made, hosts_of
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_emitters.reflection.model import Configuration
from matrix_grammar import Fleet

from .convergence import Pace

FINAL = frozenset({"apply", "undo", "probe"})
"""Stages after which an entry rests until the text or the settings change: trying again would reload again."""


@dataclass
class Course:
    """Where one entry stands.

    `waiting`: hosts of which nothing has been heard yet for this goal; `todo`: hosts that hold the generation, and do
    not have its file yet. `due` is None while there is nothing to do.
    """

    entry: Configuration
    hosts: frozenset[str]
    waiting: set[str]
    todo: set[str] = field(default_factory=set)
    due: float | None = None
    failures: int = 0
    resting: bool = False


class ReflectSchedule:
    """Brings each entry to its hosts once these hold the generation. Times are those of a clock that never goes back.

    An entry begins when all its hosts have been heard of for the goal, so that backups can go before masters; those
    that were away before are not waited for, and follow when they return.
    """

    def __init__(self, pace: Pace, chance: random.Random | None = None) -> None:
        self.pace = pace
        self._chance = chance or random.Random()  # noqa: S311 - it spreads attempts, and guards nothing
        self._courses: dict[str, Course] = {}
        self._away: set[str] = set()

    def aim(self, fleet: Fleet, entries: Iterable[Configuration], now: float) -> None:
        """A new goal, for these entries."""
        self._courses = {}
        for entry in entries:
            hosts = frozenset(hosts_of(fleet, entry))
            course = Course(entry, hosts, set(hosts - self._away))
            if not hosts:  # what is wrong with its selector is told by making it
                course.due = now
            self._courses[entry.name] = course

    def took(self, outcome: Outcome, now: float) -> None:
        """A host was worked on for the goal."""
        name, holds = outcome.host, outcome.good or outcome.result == "drifted"
        returned = holds and name in self._away
        if holds:
            self._away.discard(name)
        else:
            self._away.add(name)
        for course in self._courses.values():
            if name not in course.hosts or not (name in course.waiting or returned):
                continue
            course.waiting.discard(name)
            if holds:
                course.todo.add(name)
            self._ready(course, now)

    def _ready(self, course: Course, now: float) -> None:
        if course.todo and not course.waiting and not course.resting:
            course.due = now

    def next_due(self) -> float | None:
        """When the next entry is due; None when there is nothing to do."""
        return min((course.due for course in self._courses.values() if course.due is not None), default=None)

    def begin(self, now: float) -> Course | None:
        """The entry to carry now, the first by its order; it is not due again before `end`."""
        for course in self._courses.values():
            if course.due is not None and course.due <= now:
                course.due = None
                return course
        return None

    def carried(self, result: ReflectOutcome | Made) -> None:
        """What became of a file on a host, for the goal."""
        course = self._courses.get(result.entry.name if isinstance(result, Made) else result.entry)
        if course is None:  # the settings have been read anew
            return
        if isinstance(result, Made):
            course.resting = True
        elif result.ok:
            course.todo.discard(result.host)
        elif result.stage in FINAL:
            course.resting = True

    def end(self, entry: str, now: float) -> None:
        """A round for the goal is over."""
        course = self._courses.get(entry)
        if course is None:
            return
        if not course.todo:
            course.failures = 0
        elif not course.resting and course.due is None:
            longest = min(self.pace.retry * 2.0 ** min(course.failures, 30), self.pace.retry_max)
            course.due = now + longest * self._chance.uniform(0.5, 1.0)
            course.failures += 1
