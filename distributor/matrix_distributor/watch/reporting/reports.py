"""What the log says of hosts: once when something becomes so, not every time that it still is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome
from matrix_grammar.ranges import fold

from .log import Log

MOST_NEWS = 20
"""Sentences about one host within HOUR: one that alternates must not fill the journal."""

HOUR = 3600.0


class Reports:
    """Takes in outcomes and says what is news. Times are those of the daemon's own clock, in seconds."""

    def __init__(self, log: Log, carried: Callable[[float], None]) -> None:
        """`carried` hears how long an edit took to the last good host, in seconds."""
        self._log = log
        self._carried = carried
        self._trouble: dict[str, tuple[Outcome, float]] = {}
        self._said: dict[str, list[float]] = {}
        self._holds: dict[str, int] = {}
        self._waiting: set[str] = set()
        self._bad: dict[str, Outcome] = {}
        self._updated = 0
        self._here = ""
        self._digest = ""
        self._begun = self._last_good = 0.0
        self._hosts = 0

    def known(self, holds: Mapping[str, int]) -> None:
        """The generations that hosts are known to hold, from before."""
        self._holds.update(holds)

    def aim(self, generation: Generation, hosts: tuple[str, ...], began: float) -> None:
        """A new goal; `began` is when the edit was first noticed."""
        self._digest, self._hosts = generation.digest, len(hosts)
        self._waiting, self._bad = set(hosts), {}
        self._begun = self._last_good = began
        self._updated = 0
        self._here = ""
        self._trouble = {name: trouble for name, trouble in self._trouble.items() if name in self._waiting}
        self._said = {name: times for name, times in self._said.items() if name in self._waiting}

    def take(self, outcome: Outcome, generation: Generation, now: float) -> None:
        """An outcome for `generation`, which may be an earlier goal."""
        self._news(outcome, now)
        if generation.digest != self._digest or outcome.host not in self._waiting:
            return
        self._waiting.discard(outcome.host)
        if outcome.here:
            self._here = outcome.host
        if outcome.good:
            self._last_good = now
            self._updated += outcome.result == "updated"
        else:
            self._bad[outcome.host] = outcome
        if not self._waiting:
            self._whole_fleet(generation)

    def _whole_fleet(self, generation: Generation) -> None:
        """Every host has been tried once for this goal."""
        seconds = self._last_good - self._begun
        good = self._hosts - len(self._bad)
        if self._updated:
            self._carried(seconds)
        sentence = f"generation {generation.number} on {good} of {self._hosts} hosts"
        sentence += f" in {seconds:.2f} s" if self._updated else ", nothing was to do"
        if self._here:
            sentence += f"; this machine, without SSH: {self._here}"
        if self._bad:
            sentence += f"; not on {fold(self._bad)}"
        self._log(
            "warning" if self._bad else "info", "pushed", sentence, generation=generation.number,
            digest=generation.digest[:12], hosts=self._hosts, good=good, updated=self._updated, seconds=seconds,
            bad=tuple(self._bad), here=self._here,
        )  # fmt: skip

    def _news(self, outcome: Outcome, now: float) -> None:
        """Say what has become different with this host, as long as it is not ever something else."""
        host = outcome.host
        if outcome.generation:
            self._holds[host] = outcome.generation
        before = self._trouble.get(host)
        if outcome.good:
            if before is not None:
                del self._trouble[host]
                was, since = before
                if not self._may_say(host, now):
                    return
                self._log(
                    "info", "host-well", f"{host}: has generation {outcome.generation} after {now - since:.1f} s of "
                    f"being {was.result}", host=host, generation=outcome.generation, seconds=now - since,
                )  # fmt: skip
            return
        said = (outcome.result, outcome.stage, outcome.cause)
        if before is not None and (before[0].result, before[0].stage, before[0].cause) == said:
            return
        self._trouble[host] = (outcome, before[1] if before else now)
        if outcome.result == "skipped" or not self._may_say(host, now):
            return
        where = f" ({outcome.stage})" if outcome.stage else ""
        cure = f"; {outcome.cure}" if outcome.cure else ""
        self._log(
            "warning", f"host-{outcome.result}", f"{host}: {outcome.result}{where}: {outcome.cause}{cure}", host=host,
            stage=outcome.stage, cause=outcome.cause, generation=self._holds.get(host, 0), drift=outcome.drift,
        )  # fmt: skip

    def _may_say(self, host: str, now: float) -> bool:
        """Whether there is room for a sentence about this host; the last one for which there is tells that."""
        times = [time for time in self._said.get(host, ()) if time > now - HOUR]
        if len(times) >= MOST_NEWS:
            return False
        self._said[host] = [*times, now]
        if len(times) == MOST_NEWS - 1:
            self._log(
                "warning", "host-restless", f"{host}: told {MOST_NEWS} times within an hour, and no more in this hour; "
                f"see `matrix status {host} --live`", host=host,
            )  # fmt: skip
        return True
