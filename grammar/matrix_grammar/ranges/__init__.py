"""Ranges in names and addresses: `w[101-103]` expanded, and names folded into it."""

from .ranges import Pattern, RangeError, expand, fold, parse

__all__ = [
    "Pattern",
    "RangeError",
    "expand",
    "fold",
    "parse",
]
