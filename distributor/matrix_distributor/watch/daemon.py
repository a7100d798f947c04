"""The daemon: watches the text, pushes every edit, and keeps the hosts converged.

One thread decides; a thread per batch of hosts waits for the transport and hands outcomes back. Whatever an
editor, a disk or a network does ends in the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Literal

from matrix_distributor.conversation.reach import Reach
from matrix_distributor.errors import DistributorError
from matrix_distributor.origin.origin import Candidate, stored_fleet
from matrix_distributor.push.push import Push
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_distributor.state.errors import StateError
from matrix_distributor.state.store import OriginState
from matrix_distributor.transport.options import TransportError
from matrix_distributor.watch.edits.events import Events
from matrix_distributor.watch.edits.rest import Rest
from matrix_distributor.watch.edits.text import WatchedText
from matrix_distributor.watch.reporting.log import Log
from matrix_distributor.watch.reporting.noticing import Noticing
from matrix_distributor.watch.reporting.reports import Reports
from matrix_distributor.watch.reporting.telling import Telling

from .alive import Alive
from .batch import Came
from .batches import Batches
from .convergence import Convergence
from .looks import Looks
from .options import WatchOptions
from .reflect_round import Carried
from .reflect_runs import ReflectRuns

GRACE = 20.0
"""Seconds for hosts that are being spoken to when the daemon is told to stop."""
BLIND_POLL = 2.0
"""Seconds between looks at the text where its folders cannot be watched."""


_Order = Literal["hint", "stop", "interrupt", "reload"]


class Daemon:
    """Call `run`; `stop` and `reload` may be called from signal handlers."""

    def __init__(self, options: WatchOptions, log: Log, reread: Callable[[], WatchOptions]) -> None:
        """`reread` gives the options anew when they are to be read again; it may raise DistributorError."""
        self._options = options
        self._log = log
        self._reread = reread
        self._inbox: SimpleQueue[Came | Carried | _Order] = SimpleQueue()
        self._noticing = Noticing(log)
        self._events = Events(lambda: self._inbox.put("hint"), options.origin.state.absolute())
        rest = Rest(self._events.writers, options.rests)
        self._text = WatchedText(options.origin, log, self._noticing, rest, options.entries)
        self._courses = Convergence(options.pace)
        self._telling = Telling()
        self._reports = Reports(log, self._telling.carried)
        self._reflecting = ReflectRuns(options, log, self._inbox.put)
        self._goal: Push | None = None
        self._looks = Looks(options.rests)
        self._stopping = False
        self._interrupted = False
        self._troubles: dict[str, str] = {}
        self._alive = Alive(options.origin.state)

    def stop(self, *, by_person: bool = False) -> None:
        """End in order: hosts that are being spoken to are waited for, the others are left.

        `by_person`: at its terminal, so no daemon is missed afterwards.
        """
        self._inbox.put("interrupt" if by_person else "stop")

    def reload(self) -> None:
        """Read the settings again, and reach every host by them."""
        self._inbox.put("reload")

    def run(self) -> None:
        """Watch until told to stop. Raises DistributorError or TransportError when it cannot even begin."""
        path = str(self._options.origin.matrix)
        self._log("info", "started", f"watching {path}", matrix=path)
        self._noticing.found("settings", self._options.notices)
        with OriginState(self._options.origin.state, self._options.origin.matrix.resolve().parent) as state:
            self._state = state
            self._reports.known({host: number for host, (number, _) in state.held().items()})
            self._batches = Batches(self._options, self._inbox.put)
            try:
                self._alive.configure(self._options)
                self._alive.begin()
                if not self._alive.alone:
                    self._trouble("another", "another matrix watch works on the same state: both push; end one of them")
                self._telling.serve(self._options.metrics, self._options.metrics_names)
                self._look(time.monotonic(), at_rest=True)
                if self._goal is None:
                    self._resume()
                self._telling.ready()
                while not self._stopping:
                    self._step()
                self._remember(lambda: self._alive.end(state, "person" if self._interrupted else "service"))
            finally:
                self._telling.stopping()
                self._events.close()
                self._wind_up()
                self._alive.let_go()
        self._log("info", "stopped", "stopped")

    def _resume(self) -> None:
        """The text cannot be pushed: what was current when the daemon last ran stays in force."""
        current = self._state.current()
        fleet = stored_fleet(current) if current is not None else None
        if current is not None and fleet is not None:
            self._aim(Candidate.in_force(fleet, current), time.monotonic())

    def _step(self) -> None:
        """Wait for what comes first, a message or a time, and do what it asks for."""
        times = [self._looks.next_due()]
        due = self._courses.next_due()
        if due is not None and not self._batches.full:
            times.append(due)
        if (due := self._reflecting.next_due()) is not None:
            times.append(due)
        if (beat := self._telling.next_beat()) is not None:
            times.append(beat)
        try:
            self._take_in(self._inbox.get(timeout=max(0.0, min(times) - time.monotonic())))
            while True:
                self._take_in(self._inbox.get_nowait())
        except Empty:
            pass
        now = time.monotonic()
        self._telling.beat(now)
        if (look := self._looks.take(now)) is not None:
            noticed, at_rest = look
            self._look(noticed, at_rest=at_rest)
        if not (self._batches.full or self._stopping):
            self._work(now)
        if not self._stopping:
            self._reflecting.work(now)

    def _take_in(self, message: Came | Carried | _Order) -> None:
        now = time.monotonic()
        if isinstance(message, Came):
            self._settle(message, now)
        elif isinstance(message, Carried):
            self._reflected(message, now)
        elif message == "hint":
            self._looks.hint(now)
        elif message in ("stop", "interrupt"):
            self._stopping, self._interrupted = True, message == "interrupt"
        else:
            self._reload()

    def _look(self, noticed: float, *, at_rest: bool) -> None:
        """Read the text; when it leads to another generation, make that the goal. `noticed`: when the edit was."""
        try:
            candidate = self._text.look(self._state, at_rest=at_rest)
            if candidate is not None:
                self._aim(candidate, noticed)
        except DistributorError as error:
            self._trouble("state", str(error))
        if self._events.watch(self._text.paths):
            self._looks.once_more(time.monotonic())  # an edit between the reading and the watching gave no hint
        if self._events.trouble:
            self._trouble("events", f"folders cannot be watched ({self._events.trouble}); looking more often instead")
        else:
            self._troubles.pop("events", None)
        if self._alive.alone:
            self._troubles.pop("another", None)
        self._signs()
        self._telling.looked(self._text.wrong, self._troubles, self._pending())
        pause = min(self._options.poll, BLIND_POLL) if self._events.trouble else self._options.poll
        due = self._text.rest.due
        self._looks.poll_at(time.monotonic() + pause if due is None else due)

    def _trouble(self, kind: str, sentence: str) -> None:
        """Say once that something of the daemon's own does not work."""
        if kind not in self._troubles:
            self._log("error", kind, sentence)
        self._troubles[kind] = sentence

    def _pending(self) -> Iterator[str]:
        """The kinds of what is written and not in force, as far as the daemon knows; `matrix status` has the words."""
        yield from filter(None, [self._text.kind, "daemon" if self._troubles else ""])
        yield from self._alive.outdated(self._options.origin.settings)
        if self._reflecting.kept:
            yield "reflection"

    def _signs(self) -> None:
        """Say in the state that the daemon has looked at the text, and what came of it."""
        number = self._goal.generation.number if self._goal is not None else 0
        try:
            self._alive.looked(self._state, number, self._text.waits, self._troubles)
        except StateError as error:
            self._trouble("state", str(error))

    def _aim(self, candidate: Candidate, noticed: float) -> None:
        """Make a generation the goal and set out for every host at once, whatever else is going on."""
        try:
            self._goal = self._push(candidate)
        except DistributorError as error:
            self._trouble("goal", str(error))
            return
        generation = candidate.generation
        for kind in ("goal", "state"):
            self._troubles.pop(kind, None)
        names = tuple(self._goal.targets)
        self._log(
            "info", "generation", f"generation {generation.number} for {len(names)} hosts",
            generation=generation.number, digest=generation.digest[:12], hosts=len(names),
            bytes=len(generation.archive), author=generation.manifest.author,
        )  # fmt: skip
        self._courses.aim(generation, names, time.monotonic())
        self._reports.aim(generation, names, noticed)
        self._telling.aimed(self._goal, self._options.reflection.entries)
        self._reflecting.aim(self._goal, time.monotonic())
        self._work(time.monotonic())

    def _push(self, candidate: Candidate) -> Push:
        """The push of a candidate to all of its hosts, with what the state tells of these."""
        options = self._options
        if options.host_limit and len(candidate.fleet) > options.host_limit:
            raise DistributorError(
                f"the MATRIX has {len(candidate.fleet)} hosts, more than push.host-limit allows "
                f"({options.host_limit}); nothing is pushed"
            )
        reach = Reach.of(
            self._batches.pool, candidate.fleet, named=options.here, local=options.local, gated=options.gated
        )
        push = Push(candidate, self._state, reach, self._batches.push_options)
        try:
            push.prepare()
        except StateError as error:
            self._trouble("state", str(error))
        return push

    def _work(self, now: float) -> None:
        """Begin with the hosts that are due, as one batch."""
        names = self._courses.begin(now)
        if not names or self._goal is None:
            return
        self._batches.begin(self._goal, names, self._courses.behind(names), lambda: self._goal)

    def _settle(self, came: Came, now: float) -> None:
        if came.error is not None:
            raise came.error
        if came.outcome is None:
            self._batches.ended(came.batch)
            return
        self._courses.end(came.outcome, came.goal.generation, now)
        self._reports.take(came.outcome, came.goal.generation, now)
        self._telling.took(came.outcome)
        self._reflecting.took(came.outcome, came.goal, now)
        outcome = came.outcome
        self._remember(lambda: came.goal.remember([outcome]))

    def _reflected(self, carried: Carried, now: float) -> None:
        self._reflecting.take_in(carried, now)
        outcome, number = carried.result, carried.round.goal.generation.number
        if isinstance(outcome, ReflectOutcome) and not carried.told:
            self._telling.reflected(outcome)
            self._remember(lambda: self._state.reflections.note([outcome], number, datetime.now(UTC)))

    def _remember(self, note: Callable[[], None]) -> None:
        try:
            note()
            self._troubles.pop("state", None)
        except StateError as error:
            self._trouble("state", str(error))

    def _reload(self) -> None:
        self._telling.reloading()
        try:
            options = self._reread()
            pool = options.pool()
            self._telling.serve(options.metrics, options.metrics_names)
        except (DistributorError, TransportError) as error:
            self._troubles["settings"] = f"the settings were not taken: {error}"
            self._log("error", "settings", self._troubles["settings"])
            self._signs()
            self._telling.ready()
            return
        self._troubles.pop("settings", None)
        self._batches.reload(options, pool)
        signer, self._options = self._options.origin.signer, options
        self._alive.configure(options)
        if options.origin.signer is not None and (signer is None or signer.label != options.origin.signer.label):
            self._text.forget()  # the generation in force is to be signed as it is
        self._text.origin, self._text.entries = options.origin, options.entries
        self._text.rest.rests = self._looks.rests = options.rests
        self._courses.pace = options.pace
        self._courses.hasten(time.monotonic())
        self._reflecting.reload(options, time.monotonic())
        self._looks.poll_at(0.0)
        self._log("info", "settings", "the settings were read again")
        self._noticing.found("settings", options.notices)
        self._signs()
        self._telling.ready()

    def _wind_up(self) -> None:
        """Let hosts that are being spoken to come to their end, within GRACE, and remember what became of them."""
        self._batches.stop()
        self._reflecting.stop()
        end = time.monotonic() + GRACE
        while (self._batches.busy or self._reflecting.busy) and time.monotonic() < end:
            try:
                message = self._inbox.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                break
            if isinstance(message, Came):
                self._settle(message, time.monotonic())
            elif isinstance(message, Carried):
                self._reflected(message, time.monotonic())
        self._reflecting.close()
        self._batches.close()
