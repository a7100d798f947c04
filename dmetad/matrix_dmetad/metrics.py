"""What is counted, and how Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

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
        lines: list[str] = []

        def metric(name: str, kind: str, meaning: str, value: float) -> None:
            lines.extend(head(name, kind, meaning))
            lines.append(f"dmetad_{name} {value:.15g}")

        def head(name: str, kind: str, meaning: str) -> tuple[str, str]:
            return f"# HELP dmetad_{name} {meaning}", f"# TYPE dmetad_{name} {kind}"

        loaded = self.loaded_time > 0
        metric("generation", "gauge", "Number of the generation in force, 0 for none or a plain file.", self.generation)
        lines.extend(head("snapshot", "gauge", "The snapshot that answers, by name."))
        lines.extend([f'dmetad_snapshot{{name="{self.name}"}} 1'] if loaded else [])
        metric("ready", "gauge", "Whether there is a snapshot to answer from.", int(loaded))
        meaning = "0 while what is there cannot be loaded, so that an earlier snapshot or none answers."
        metric("in_force", "gauge", meaning, int(not self.refused))
        metric(
            "snapshot_age_seconds",
            "gauge",
            "Time since the generation was made.",
            now - self.snapshot_time if loaded else 0,
        )
        metric(
            "snapshot_loaded_age_seconds",
            "gauge",
            "Time since it is in force here.",
            now - self.loaded_time if loaded else 0,
        )
        metric("loads_total", "counter", "Snapshots put in force.", self.loads)
        metric("failed_loads_total", "counter", "Snapshots refused because they were bad.", self.failed_loads)
        metric("last_load_seconds", "gauge", "How long the latest load took, in its own thread.", self.load_seconds)
        metric("connections", "gauge", "Open connections.", connections)
        metric("waiting", "gauge", "Requests that wait for a change.", waiting)
        metric("woken_total", "counter", "Waiting requests that a change has answered.", self.woken)
        metric("malformed_requests_total", "counter", "Requests that were no HTTP.", self.malformed)
        metric("cut_connections_total", "counter", "Connections closed because the client was too slow.", self.cut)
        metric("lost_log_lines_total", "counter", "Lines of the access log that could not be written.", self.lost_lines)
        metric("start_time_seconds", "gauge", "When this process started, since the epoch.", self.started)
        lines.extend(head("requests_total", "counter", "Answers by status and format."))
        for (status, form), count in sorted(self.requests.items()):
            lines.append(f'dmetad_requests_total{{status="{status}",format="{form}"}} {count}')
        lines.extend(head("request_seconds", "histogram", "Time from request to answer, without those that waited."))
        total = 0
        for bound, count in zip(BOUNDS, self.buckets, strict=False):
            total += count
            lines.append(f'dmetad_request_seconds_bucket{{le="{bound:g}"}} {total}')
        total += self.buckets[-1]
        lines.append(f'dmetad_request_seconds_bucket{{le="+Inf"}} {total}')
        lines.append(f"dmetad_request_seconds_sum {self.seconds:.9g}")
        lines.append(f"dmetad_request_seconds_count {total}")
        return ("\n".join(lines) + "\n").encode()
