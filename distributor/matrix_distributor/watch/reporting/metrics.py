"""Figures of the daemon, for Prometheus."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matrix_common.service import Family, Sample, exposition, histogram
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome

if TYPE_CHECKING:
    from matrix_distributor.reflect.outcome import ReflectOutcome

BUCKETS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds, in seconds, of the histogram of edits."""
TROUBLES = ("events", "goal", "settings", "state")

PENDING = ("errors", "removals", "not-pushed", "reflection", "daemon", "settings", "program")
"""Those of the kinds of `in_force` that a daemon can find: the others are its own work."""


class Metrics:
    """Takes in what happens, from one thread, and gives it as text, to any."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        self._clock = clock
        self._lock = threading.Lock()
        self._started = clock()
        self._generation: Generation | None = None
        self._hosts: dict[str, Outcome | None] = {}
        self._outcomes: Counter[str] = Counter()
        self._reflections: dict[tuple[str, str], str] = {}
        self._edits: Counter[float] = Counter()
        self._edit_seconds = 0.0
        self._edit_count = 0
        self._looked = 0.0
        self._wrong = False
        self._troubles: frozenset[str] = frozenset()
        self._pending: frozenset[str] = frozenset()

    def aim(
        self, generation: Generation, hosts: Iterable[str], files: Collection[tuple[str, str]] = frozenset()
    ) -> None:
        """A new goal, for these hosts; `files` are the reflected ones that go along, by entry and host."""
        with self._lock:
            self._generation = generation
            self._hosts = {host: self._hosts.get(host) for host in hosts}
            self._reflections = {key: result for key, result in self._reflections.items() if key in files}

    def take(self, outcome: Outcome) -> None:
        """What became of a host."""
        with self._lock:
            self._outcomes[outcome.result] += 1
            if outcome.host in self._hosts:
                self._hosts[outcome.host] = outcome

    def reflected(self, outcome: ReflectOutcome) -> None:
        """What became of a reflected file on a host."""
        if outcome.result != "not begun":
            with self._lock:
                self._reflections[outcome.entry, outcome.host] = outcome.result

    def carried(self, seconds: float) -> None:
        """An edit has reached the last good host, so long after it was noticed."""
        with self._lock:
            self._edit_count += 1
            self._edit_seconds += seconds
            self._edits.update(bound for bound in BUCKETS if seconds <= bound)

    def looked(self, *, wrong: bool, troubles: Iterable[str], pending: Iterable[str] = ()) -> None:
        """The text was looked at; `wrong`: something keeps it from being pushed. `troubles` are the daemon's own.

        `pending` are the kinds of what is written and not in force.
        """
        with self._lock:
            self._looked = self._clock()
            self._wrong = wrong
            self._troubles = frozenset(troubles)
            self._pending = frozenset(pending)

    def summary(self) -> str:
        """How things stand, in a line."""
        with self._lock:
            if self._generation is None:
                return "there is no generation yet"
            good = sum(self._holds(outcome) for outcome in self._hosts.values())
            return f"generation {self._generation.number} on {good} of {len(self._hosts)} hosts"

    def render(self) -> str:
        """All figures as text."""
        with self._lock:
            families = [
                *self._of_generations(),
                *self._of_hosts(),
                *self._of_reflections(),
                *self._of_text(),
                *_of_process(self._started),
            ]
        return exposition(families)

    def _holds(self, outcome: Outcome | None) -> bool:
        assert self._generation is not None
        return outcome is not None and outcome.good and outcome.digest == self._generation.digest

    def _of_generations(self) -> Iterator[Family]:
        if self._generation is not None:
            yield Family(
                "matrix_generation",
                "gauge",
                "Generation that the hosts are to hold.",
                [Sample(self._generation.number)],
            )
            made = datetime.fromisoformat(self._generation.manifest.time).timestamp()
            yield Family(
                "matrix_generation_timestamp_seconds", "gauge", "When that generation was made.", [Sample(made)]
            )
        below = [self._edits[bound] for bound in BUCKETS]
        counts = [count - less for count, less in zip(below, [0, *below], strict=False)]
        meaning = "From the first sign of an edit to the last good host."
        yield histogram(
            "matrix_edit_seconds", meaning, zip(BUCKETS, counts, strict=True), self._edit_count, self._edit_seconds
        )

    def _of_hosts(self) -> Iterator[Family]:
        if self._generation is not None:
            standing: Counter[str] = Counter({"current": 0})
            troubled: list[Sample] = []
            for host, outcome in self._hosts.items():
                result = "current" if self._holds(outcome) else "behind"
                if outcome is None:
                    result = "unknown"
                elif not outcome.good:
                    result = outcome.result
                    troubled.append(Sample(1, {"host": host, "result": result, "stage": outcome.stage}))
                standing[result] += 1
            yield Family(
                "matrix_hosts",
                "gauge",
                "Hosts, by what is known of them.",
                [Sample(count, {"result": result}) for result, count in sorted(standing.items())],
            )
            yield Family("matrix_host_trouble", "gauge", "1 for each host that is not well.", troubled)
        yield Family(
            "matrix_outcomes_total",
            "counter",
            "Times that a host was worked on or asked, by what became of it.",
            [Sample(count, {"result": result}) for result, count in sorted(self._outcomes.items())],
        )

    def _of_reflections(self) -> Iterator[Family]:
        standing = Counter((entry, result) for (entry, _), result in self._reflections.items())
        if standing:
            yield Family(
                "matrix_reflected_hosts",
                "gauge",
                "Hosts that are to have a reflected file, by what became of it last.",
                [
                    Sample(count, {"entry": entry, "result": result})
                    for (entry, result), count in sorted(standing.items())
                ],
            )

    def _of_text(self) -> Iterator[Family]:
        yield Family(
            "matrix_text_good",
            "gauge",
            "0 while something keeps the text from being pushed.",
            [Sample(int(not self._wrong))],
        )
        yield Family(
            "matrix_pending",
            "gauge",
            "1 where something is written and not in force, by kind, as matrix status names it.",
            [Sample(int(kind in self._pending), {"kind": kind}) for kind in PENDING],
        )
        yield Family(
            "matrix_looked_timestamp_seconds", "gauge", "When the text was last looked at.", [Sample(self._looked)]
        )
        yield Family(
            "matrix_daemon_trouble",
            "gauge",
            "1 where the daemon itself is in trouble, by kind.",
            [Sample(int(kind in self._troubles), {"kind": kind}) for kind in TROUBLES],
        )


def _of_process(started: float) -> Iterator[Family]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    yield Family(
        "process_cpu_seconds_total", "counter", "CPU time, user and system.", [Sample(usage.ru_utime + usage.ru_stime)]
    )
    yield Family(
        "process_resident_memory_bytes", "gauge", "Resident memory.", [Sample(pages * os.sysconf("SC_PAGE_SIZE"))]
    )
    yield Family("process_open_fds", "gauge", "Open file descriptors.", [Sample(len(os.listdir("/proc/self/fd")))])
    yield Family("process_start_time_seconds", "gauge", "When the daemon started.", [Sample(started)])
