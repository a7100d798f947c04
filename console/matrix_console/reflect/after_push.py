"""What a push reflects as well: after the generation, on the hosts that hold it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace
from matrix_console.report.outcomes import as_json

from .rollout import Run
from .showing import print_outcomes

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.conversation import Converse
    from matrix_distributor.generation import Generation
    from matrix_distributor.reflect import Made, ReflectOutcome, ReflectPlan, Rollout
    from matrix_distributor.state import OriginState
    from matrix_distributor.transport import Pool
    from matrix_grammar import Fleet


@dataclass(frozen=True, slots=True)
class Reflecting:
    """The entries that go along with this push, and what carries them."""

    reflection: ReflectPlan
    carrier: Rollout
    pool: Pool

    @classmethod
    def of(
        cls, reflection: ReflectPlan | None, fleet: Fleet, reach: Converse, pool: Pool, *, accept_removals: bool
    ) -> Reflecting | None:
        """What carries the entries of a reflection, if there is one."""
        if reflection is None:
            return None
        from matrix_distributor.reflect import Rollout

        return cls(reflection, Rollout(fleet, reach, reflection.options, accept_removals), pool)

    def dry(self) -> Reflecting:
        """The same, changing nothing."""
        carrier = replace(self.carrier, options=replace(self.carrier.options, dry=True))
        return Reflecting(self.reflection, carrier, self.pool)


@dataclass(slots=True)
class Reflections:
    """What became of them: an outcome for every file on every host, and the entries that made nothing."""

    dry: bool = False
    outcomes: list[ReflectOutcome] = field(default_factory=list)
    unmade: list[Made] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status of the command."""
        if not (self.outcomes or self.unmade):
            return 0
        from matrix_distributor.hosts import exit_status

        return 3 if self.unmade else exit_status(self.outcomes)

    def show(self, console: Console) -> None:
        """For people."""
        from matrix_common.terminal import safe

        print_outcomes(console, self.outcomes, dry=self.dry)
        for made in self.unmade:
            console.print(f"  failed           {made.entry.name}: {safe(made.cause)}", style="red", soft_wrap=True)

    def as_json(self) -> dict[str, Any]:
        """For programs; empty when nothing goes along with a push."""
        if not (self.outcomes or self.unmade):
            return {}
        unmade = [{"entry": made.entry.name, "cause": made.cause} for made in self.unmade]
        return {"reflections": [as_json(outcome) for outcome in self.outcomes], "unmade": unmade}


def reflect_along(
    workspace: Workspace,
    reflecting: Reflecting | None,
    generation: Generation,
    hosts: Iterable[str],
    state: OriginState | None,
) -> Reflections:
    """Carry a generation's files to those of these hosts that are to have them; remember it where there is a state."""
    if reflecting is None:
        return Reflections()
    from matrix_distributor.reflect import ReflectOutcome

    found = Reflections(dry=reflecting.carrier.options.dry)
    coming = reflecting.reflection.carry(reflecting.carrier, generation, tuple(hosts))
    try:
        with interruptible(Run(reflecting.carrier, reflecting.pool), "matrix push"):
            for one in coming:
                if isinstance(one, ReflectOutcome):
                    found.outcomes.append(one)
                else:
                    found.unmade.append(one)
    finally:
        if state is not None:
            state.reflections.note(found.outcomes, generation.number, datetime.now(UTC))
    return found
