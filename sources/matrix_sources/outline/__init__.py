"""What a foreign text says of hosts and roles, before it is a MATRIX; and what its readers share."""

from .leftover import DraftError, Leftover

__all__ = [
    "DraftError",
    "Leftover",
]
