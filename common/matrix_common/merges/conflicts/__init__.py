"""The conflicts of a text: needed only for one that has a sign of them."""

from .markers import CONFLICT_CURE, Conflict, Marker, conflicts

__all__ = ["CONFLICT_CURE", "Conflict", "Marker", "conflicts"]
