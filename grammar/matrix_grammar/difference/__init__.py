"""What changed in meaning between two Fleets, as values and as lines for people."""

from .change import Change
from .comparison import compare, emptied_roles, removed_hosts
from .text import describe, describe_all

__all__ = [
    "Change",
    "compare",
    "describe",
    "describe_all",
    "emptied_roles",
    "removed_hosts",
]
