"""Paths of this machine."""

from .homes import at_home

__all__ = [
    "at_home",
]
