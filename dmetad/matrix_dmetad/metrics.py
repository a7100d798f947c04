"""What dmetad counts, for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from matrix_common.service import Family, Sample, exposition, histogram

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Upper bounds of the latency buckets, in seconds."""


@dataclass
class Metrics:
    """Counters of one process. `generation` is 0 while nothing is loaded."""

    started: float
    generation: int = 0
    name: str = ""
    snapshot_time: float = 0.0
    loaded_time: float = 0.0
    loads: int = 0
    failed_loads: int = 0
    refused: bool = False
    load_seconds: float = 0.0
    woken: int = 0
    malformed: int = 0
    cut: int = 0
    lost_lines: int = 0
    requests: Counter[tuple[int, str]] = field(default_factory=Counter)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def answered(self, status: int, form: str, seconds: float) -> None:
        """Count one answer. Long polls are counted without a latency, by `waited`."""
        self.requests[status, form] += 1
        self.seconds += seconds
        place = 0
        for bound in BOUNDS:
            if seconds <= bound:
                break
            place += 1
        self.buckets[place] += 1

    def waited(self, status: int, form: str) -> None:
        """Count an answer that waited for a change."""
        self.requests[status, form] += 1

    def exposition(self, now: float, connections: int, waiting: int) -> bytes:
        """The page that Prometheus reads; `now` in seconds since the epoch."""
        return exposition(
            [*self._of_snapshot(now), *self._of_process(connections, waiting), *self._of_requests()]
        ).encode()

    def _of_snapshot(self, now: float) -> Iterator[Family]:
        loaded = self.loaded_time > 0
        meaning = "Number of the generation in force, 0 for none or a plain file."
        yield _figure("generation", "gauge", meaning, self.generation)
        samples = [Sample(1, {"name": self.name})] if loaded else []
        yield Family("dmetad_snapshot", "gauge", "The snapshot that answers, by name.", samples)
        yield _figure("ready", "gauge", "Whether there is a snapshot to answer from.", int(loaded))
        meaning = "0 while what is there cannot be loaded, so that an earlier snapshot or none answers."
        yield _figure("in_force", "gauge", meaning, int(not self.refused))
        ages = (now - self.snapshot_time, now - self.loaded_time) if loaded else (0, 0)
        yield _figure("snapshot_age_seconds", "gauge", "Time since the generation was made.", ages[0])
        yield _figure("snapshot_loaded_age_seconds", "gauge", "Time since it is in force here.", ages[1])
        yield _figure("loads_total", "counter", "Snapshots put in force.", self.loads)
        yield _figure("failed_loads_total", "counter", "Snapshots refused because they were bad.", self.failed_loads)
        meaning = "How long the latest load took, in its own thread."
        yield _figure("last_load_seconds", "gauge", meaning, self.load_seconds)

    def _of_process(self, connections: int, waiting: int) -> Iterator[Family]:
        yield _figure("connections", "gauge", "Open connections.", connections)
        yield _figure("waiting", "gauge", "Requests that wait for a change.", waiting)
        yield _figure("woken_total", "counter", "Waiting requests that a change has answered.", self.woken)
        yield _figure("malformed_requests_total", "counter", "Requests that were no HTTP.", self.malformed)
        meaning = "Connections closed because the client was too slow."
        yield _figure("cut_connections_total", "counter", meaning, self.cut)
        meaning = "Lines of the access log that could not be written."
        yield _figure("lost_log_lines_total", "counter", meaning, self.lost_lines)
        yield _figure("start_time_seconds", "gauge", "When this process started, since the epoch.", self.started)

    def _of_requests(self) -> Iterator[Family]:
        samples = [
            Sample(count, {"status": str(status), "format": form})
            for (status, form), count in sorted(self.requests.items())
        ]
        yield Family("dmetad_requests_total", "counter", "Answers by status and format.", samples)
        meaning = "Time from request to answer, without those that waited."
        counts = zip(BOUNDS, self.buckets, strict=False)
        yield histogram("dmetad_request_seconds", meaning, counts, sum(self.buckets), self.seconds)


def _figure(name: str, kind: Literal["counter", "gauge"], meaning: str, value: float) -> Family:
    return Family(f"dmetad_{name}", kind, meaning, [Sample(value)])
