"""Ranges in names and addresses: `w[101-103]` expanded, and names folded into it."""

from .ranges import RangeError, expand, fold, parse

__all__ = [
    "RangeError",
    "expand",
    "fold",
    "parse",
]
