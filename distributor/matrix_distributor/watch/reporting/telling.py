"""What the daemon tells beside its log: figures for Prometheus, and systemd that it is alive."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from matrix_common.service import Notifier
from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.push.push import Push
from matrix_distributor.reflect.making import hosts_of
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_emitters.reflection.model import Configuration

from .metrics import Metrics

if TYPE_CHECKING:
    from .metrics_server import MetricsServer


class Telling:
    """All of it as one thing to the daemon. Times are those of a clock that never goes back, in seconds."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._notifier = Notifier(environment)
        self._metrics = Metrics()
        self._server: MetricsServer | None = None
        self._place: tuple[str, tuple[str, ...]] = ("", ())
        self._said = ""
        self._beat = self._told = 0.0

    def serve(self, place: str, names: tuple[str, ...] = ()) -> None:
        """Serve figures there (empty: nowhere), under loopback's names and these.

        Raises DistributorError, and goes on as before, when that cannot be.
        """
        if (place, names) == self._place:
            return
        if place and place == self._place[0]:
            self._end_server()  # the same place for other names: it has to be free
            self._place = ("", ())
        server = None
        if place:
            from .metrics_server import MetricsServer  # seldom wanted

            server = MetricsServer(place, self._metrics, names)
        self._end_server()
        self._server, self._place = server, (place, names)

    def ready(self) -> None:
        """The daemon has looked at the text once, or has read its settings again."""
        self._said = self._metrics.summary()
        self._notifier.ready(self._said)

    def reloading(self) -> None:
        """The settings are read again; `ready` follows, whether they were taken or not."""
        self._notifier.reloading()

    def aimed(self, goal: Push, entries: Iterable[Configuration]) -> None:
        """There is another goal, and these are reflected along."""
        files = {(entry.name, host) for entry in entries for host in hosts_of(goal.fleet, entry)}
        self._metrics.aim(goal.generation, goal.targets, files)

    def took(self, outcome: Outcome) -> None:
        """A host was worked on."""
        self._metrics.take(outcome)

    def reflected(self, outcome: ReflectOutcome) -> None:
        """A reflected file was brought to a host, or was not."""
        self._metrics.reflected(outcome)

    def carried(self, seconds: float) -> None:
        """An edit reached its last good host."""
        self._metrics.carried(seconds)

    def looked(self, wrong: bool, troubles: Iterable[str], pending: Iterable[str]) -> None:
        """The text was looked at."""
        self._metrics.looked(wrong=wrong, troubles=troubles, pending=pending)

    def next_beat(self) -> float | None:
        """When systemd is to hear from the daemon again; None where nobody waits for that."""
        interval = self._notifier.interval
        return None if interval is None else self._beat + interval

    def beat(self, now: float) -> None:
        """The daemon is at work: tell it where that is due, and how things stand, at most once in a second."""
        due = self.next_beat()
        if due is not None and now >= due:
            self._beat = now
            self._notifier.alive()
        if not self._notifier.heard or now < self._told + 1:
            return
        self._told = now
        summary = self._metrics.summary()
        if summary != self._said:
            self._said = summary
            self._notifier.status(summary)

    def stopping(self) -> None:
        """The daemon comes to its end."""
        self._notifier.stopping()
        self._end_server()

    def _end_server(self) -> None:
        server, self._server, self._place = self._server, None, ("", ())
        if server is not None:
            server.close()
