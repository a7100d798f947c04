"""Selectors, such as `ps&WARN`: parsed, evaluated on a Fleet, or answered from a stored index."""

from .errors import unknown_name
from .hostset import HostSet
from .stored import STORED_FORMAT, select_stored, stored

__all__ = [
    "STORED_FORMAT",
    "HostSet",
    "select_stored",
    "stored",
    "unknown_name",
]
