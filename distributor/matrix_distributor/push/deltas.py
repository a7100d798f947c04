"""Which deltas are made for a push: from the generations that most hosts hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from matrix_distributor.generation.delta import Delta, deltas_to
from matrix_distributor.generation.generation import Generation
from matrix_distributor.state.store import OriginState

MOST_BASES = 3
"""A fleet is rarely at more than two generations; whoever holds another is sent the whole."""


def deltas_for(generation: Generation, state: OriginState, held: Iterable[tuple[int, str]]) -> dict[str, Delta]:
    """What leads to a generation from those that hosts hold (number and digest of each), as far as they are remembered.

    Of many, those that most hosts hold. Raises StateError.
    """
    common = Counter(pair for pair in held if pair[1] != generation.digest).most_common(MOST_BASES)
    bases = (state.whole(number, digest) for (number, digest), _ in common)
    return deltas_to(generation, [base for base in bases if base is not None])
