"""The fuse against an edit that takes away more than was meant."""

from __future__ import annotations

from dataclasses import dataclass

from matrix_distributor.errors import DistributorError
from matrix_grammar import Fleet
from matrix_grammar.difference import emptied_roles, removed_hosts

SHARE = 5
"""An edit that removes more than one host in so many waits for a person."""


@dataclass(frozen=True, slots=True)
class Removals:
    """What an edit takes away: hosts, and roles that had hosts and have none any more. `of` hosts there were."""

    hosts: tuple[str, ...]
    roles: tuple[str, ...]
    of: int

    @property
    def need_consent(self) -> bool:
        """Whether a person has to say that this is meant: more than a fifth of the hosts, or all of a role's."""
        return len(self.hosts) * SHARE > self.of or bool(self.roles)


class RemovalsNeedConsent(DistributorError):
    """An edit that waits for `--accept-removals`; carries what it removes."""

    def __init__(self, removals: Removals, folded: str, verb: str = "push") -> None:
        self.removals = removals
        parts = []
        if removals.hosts:
            parts.append(f"{len(removals.hosts)} of {removals.of} hosts ({folded})")
        if removals.roles:
            parts.append(f"all hosts of {', '.join(removals.roles)}")
        super().__init__(
            f"this edit removes {' and '.join(parts)}; nothing is pushed until that is accepted: "
            f"matrix {verb} --accept-removals"
        )


def removals(old: Fleet, new: Fleet) -> Removals:
    """What `new` no longer has of `old`."""
    return Removals(removed_hosts(old, new), emptied_roles(old, new), len(old.hosts))
