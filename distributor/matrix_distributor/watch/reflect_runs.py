"""What the daemon reflects: entries are carried one after another, beside the generations, and told in the log."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.push.push import Push
from matrix_distributor.reflect.making import Made
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_distributor.transport.pool import Pool
from matrix_distributor.watch.reporting.log import Log
from matrix_grammar.ranges import fold

from .options import WatchOptions
from .reflect_round import Carried, Round
from .reflect_schedule import ReflectSchedule


class ReflectRuns:
    """All of it as one thing to the daemon, in whose thread everything here runs. Times are those of its clock."""

    def __init__(self, options: WatchOptions, log: Log, hand: Callable[[Carried], None]) -> None:
        """`hand` takes what rounds tell, from their threads; the daemon gives it back to `take_in`."""
        self._options = options
        self._log = log
        self._hand = hand
        self._courses = ReflectSchedule(options.pace)
        self._goal: Push | None = None
        self._pool: Pool | None = None
        self._round: Round | None = None
        self._said: dict[tuple[str, str], str] = {}
        self._left: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether a round is under way."""
        return self._round is not None

    @property
    def kept(self) -> bool:
        """Whether a file could not be made, or not be brought to a host, when that was last tried."""
        return bool(self._said)

    def aim(self, goal: Push, now: float) -> None:
        """Another goal: what is under way begins with no further host."""
        self._goal = goal
        self._courses.aim(goal.fleet, self._options.reflection.entries, now)
        if self._round is not None:
            self._round.stop(f"overtaken by generation {goal.generation.number}")

    def reload(self, options: WatchOptions, now: float) -> None:
        """Other settings: everything is looked at anew, over connections of their own."""
        self._options = options
        self._courses.pace = options.pace
        if self._round is None:
            self._close_pool()
        else:
            self._pool = None  # the round closes the one it has
        if self._goal is not None:
            self.aim(self._goal, now)

    def took(self, outcome: Outcome, goal: Push, now: float) -> None:
        """A host was worked on for a goal."""
        if goal is self._goal:
            self._courses.took(outcome, now)

    def next_due(self) -> float | None:
        """When there is something to begin; None while a round is under way, or nothing is to be done."""
        return None if self._round is not None else self._courses.next_due()

    def work(self, now: float) -> None:
        """Begin with an entry that is due."""
        if self._round is not None or self._goal is None:
            return
        course = self._courses.begin(now)
        if course is None:
            return
        if self._pool is None:
            self._pool = self._options.pool()
        self._left = []
        self._round = Round(self._goal, course.entry, course.todo, self._pool, self._options)
        Thread(target=self._round.run, args=(self._hand,), name="matrix-reflect", daemon=True).start()

    def take_in(self, carried: Carried, now: float) -> None:
        """What a round told. Raises the error of one that ended by a bug."""
        if carried.error is not None:
            raise carried.error
        current = carried.round.goal is self._goal
        if carried.result is None:
            self._ended(carried.round, now, current=current)
            return
        if current:
            self._courses.carried(carried.result)
        if isinstance(carried.result, Made):
            self._unmade(carried.result)
        elif not carried.told:
            self._news(carried.result, carried.round.goal)

    def _ended(self, round_: Round, now: float, *, current: bool) -> None:
        if self._left and current:
            self._log(
                "warning", "reflect-stopped", f"{round_.entry.name}: stopped, and not brought to {fold(self._left)}",
                entry=round_.entry.name, hosts=tuple(self._left), generation=round_.goal.generation.number,
            )  # fmt: skip
        if current:
            self._courses.end(round_.entry.name, now)
        self._round = None
        if round_.pool is not self._pool:
            round_.pool.close()

    def _unmade(self, made: Made) -> None:
        if self._said.get((made.entry.name, "")) != made.cause:
            self._said[made.entry.name, ""] = made.cause
            self._log("error", "reflect-wrong", f"{made.entry.name}: {made.cause}", entry=made.entry.name)

    def _news(self, outcome: ReflectOutcome, goal: Push) -> None:
        """Say what has become different with this file on this host."""
        key = (outcome.entry, outcome.host)
        self._said.pop((outcome.entry, ""), None)
        fields: dict[str, str | int] = {
            "entry": outcome.entry,
            "host": outcome.host,
            "generation": goal.generation.number,
        }
        if outcome.ok:
            was = self._said.pop(key, None)
            if outcome.applied:
                what = f"{outcome.host}: {outcome.entry} of generation {goal.generation.number} applied"
                self._log("info", "reflect-applied", what, change=outcome.change, **fields)
            elif was is not None:
                self._log("info", "reflect-well", f"{outcome.host}: {outcome.entry} is as it should be", **fields)
            return
        if outcome.result == "not begun":
            self._left.append(outcome.host)
            return
        trouble = str(outcome.trouble)
        if self._said.get(key) == trouble:
            return
        self._said[key] = trouble
        cure = f"; {outcome.cure}" if outcome.cure else ""
        said = outcome.output.decode("utf-8", "replace").strip()
        self._log(
            "error" if outcome.result == "failed" else "warning", f"reflect-{outcome.result}",
            f"{outcome.host}: {outcome.entry}: {trouble}{cure}", stage=outcome.stage, cause=outcome.cause,
            output=said[-500:], **fields,
        )  # fmt: skip

    def stop(self) -> None:
        """Begin with no further host."""
        if self._round is not None:
            self._round.stop("the daemon ends")

    def close(self) -> None:
        """Wait for nobody any more: each host comes to an end by itself."""
        if self._round is not None and self._round.pool is not self._pool:
            self._round.pool.abort()
            self._round.pool.close()
        if self._pool is not None:
            self._pool.abort()
        self._close_pool()

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None
