"""What a push would do, as a value: a step per host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome

Action = Literal["nothing", "send", "repair", "refused", "cannot"]


@dataclass(frozen=True, slots=True)
class Step:
    """What would be done with one host, and what it was found to hold.

    `refused`: the host would not have the generation unless forced. `cannot`: the host could not be asked.
    """

    host: str
    action: Action
    found: Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that bring a generation to hosts, in the order in which they would be taken."""

    generation: Generation
    steps: tuple[Step, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing would be sent to anybody."""
        return not any(step.action in ("send", "repair") for step in self.steps)

    @property
    def changing(self) -> tuple[str, ...]:
        """The hosts that something would be sent to."""
        return tuple(step.host for step in self.steps if step.action in ("send", "repair"))


def plan(generation: Generation, found: Iterable[Outcome], order: Iterable[str], *, force: bool = False) -> Plan:
    """The plan for hosts that were found so; `order` is the order of the hosts."""
    by_host = {outcome.host: outcome for outcome in found}
    steps = tuple(
        Step(host, decide(generation, by_host[host], force=force), by_host[host]) for host in order if host in by_host
    )
    return Plan(generation, steps)


def decide(generation: Generation, found: Outcome, *, force: bool = False) -> Action:
    """What a host that was found so needs."""
    match found.result:
        case "current":
            return "nothing"
        case "drifted":
            return "repair"
        case "behind":
            return "send" if force or generation.follows(found.generation, found.digest) else "refused"
        case _:
            return "cannot"
