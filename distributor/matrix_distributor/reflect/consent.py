"""What waits for a person: a new file that takes away most of what stands behind a VIP."""

from __future__ import annotations

from matrix_emitters import EmitterError
from matrix_emitters.reflection import removals
from matrix_emitters.reflection.model import Reflected
from matrix_grammar import Fleet

from .applying import Objection

NAMED = 3
"""So many services are named; of more the number is told."""


def objection_for(fleet: Fleet, *, accept_removals: bool) -> Objection:
    """What stands against a new file in the place of what a host has, when nobody has accepted removals."""

    def objection(wanted: Reflected, present: bytes) -> str:
        if accept_removals:
            return ""
        try:
            found = [str(removal) for removal in removals(wanted.entry, present, wanted.content, fleet)]
        except EmitterError as error:
            return f"the texts cannot be compared, so nobody can say what would be lost: {error}"
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return "; ".join(found[:NAMED]) + more

    return objection
