"""What git leaves in a text where a merge could not decide."""

from .conflict_markers import CONFLICT_CURE, MERGE_SIGNS, Conflict, Marker, conflicts

__all__ = ["CONFLICT_CURE", "MERGE_SIGNS", "Conflict", "Marker", "conflicts"]
