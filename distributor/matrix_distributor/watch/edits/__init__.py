"""Noticing edits: events of the file system, who is writing, and whether a text may be taken."""

from .rest import Rests

__all__ = [
    "Rests",
]
