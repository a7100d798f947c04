"""What the daemon is working towards: one generation, and how to reach the hosts that are to hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matrix_distributor.dialogue.dialogue import Target
from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.delta import Delta
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.identity import Identity, Way, identify
from matrix_distributor.hosts.targets import in_service_first, may_install_here, target_of
from matrix_grammar import Fleet


@dataclass(frozen=True)
class Goal:
    """A generation and its Fleet, the hosts in the order in which they are served, and which of them is this one.

    `deltas` are what leads to it from other generations, by their digests.
    """

    fleet: Fleet
    generation: Generation
    targets: dict[str, Target]
    here: Identity
    deltas: Mapping[str, Delta] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        fleet: Fleet,
        generation: Generation,
        deltas: Mapping[str, Delta],
        *,
        named: str,
        local: bool,
        limit: int,
        way: Way,
    ) -> Goal:
        """The goal for this Fleet; `way` tells how hosts are reached, `limit` how many there may be (0: any number).

        Raises DistributorError when it has more.
        """
        if limit and len(fleet) > limit:
            raise DistributorError(
                f"the MATRIX has {len(fleet)} hosts, more than push.host-limit allows ({limit}); nothing is pushed"
            )
        targets = {host.name: target_of(host) for host in in_service_first(fleet.hosts)}
        here = identify(fleet, named, way) if local and may_install_here() else Identity()
        return cls(fleet, generation, targets, here, deltas)
