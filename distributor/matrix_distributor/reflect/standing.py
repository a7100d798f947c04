"""The entries that go along with every push, and with the daemon: all of them for one generation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from matrix_distributor.generation.generation import Generation
from matrix_distributor.origin.templates import templates_of
from matrix_emitters.reflection.model import Configuration

from .applying import ApplyOptions
from .making import Made, make
from .outcome import ReflectOutcome
from .rollout import Rollout


@dataclass(frozen=True, slots=True)
class ReflectPlan:
    """The entries whose `push` is set, in the order in which they are applied, and how."""

    entries: tuple[Configuration, ...] = ()
    options: ApplyOptions = field(default_factory=ApplyOptions)

    def carry(
        self, carrier: Rollout, generation: Generation, only: Iterable[str] | None = None
    ) -> Iterator[ReflectOutcome | Made]:
        """Bring every entry's files of a generation to its hosts, or to those of `only` alone.

        An outcome for every host; where an entry makes nothing that may be used, that is told instead, and the others
        go on: one that fails holds up no other.
        """
        templates = templates_of(generation)
        for entry in self.entries:
            made = make(carrier.fleet, generation.number, entry, templates, only)
            if made.cause:
                yield made
            else:
                yield from carrier.carry(made.files)
