"""What merges, keyboards and clipboards leave in a text: conflicts, and characters that are not what they look like."""

from .characters import (
    ALIKE_IN_WORD,
    DOUBTFUL,
    JOINERS,
    NO_LETTER,
    OUT_OF_ASCII,
    QUOTE,
    what_it_is,
)
from .conflict_markers import CONFLICT_CURE, MERGE_SIGNS, Conflict, Marker, conflicts

__all__ = [
    "ALIKE_IN_WORD",
    "CONFLICT_CURE",
    "DOUBTFUL",
    "JOINERS",
    "MERGE_SIGNS",
    "NO_LETTER",
    "OUT_OF_ASCII",
    "QUOTE",
    "Conflict",
    "Marker",
    "conflicts",
    "what_it_is",
]
