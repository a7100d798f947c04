"""The whole way from texts to a Fleet, once or again and again."""

from .reader import Reader, Reading, collector_at_rest, load, loads, read, reads

__all__ = [
    "Reader",
    "Reading",
    "collector_at_rest",
    "load",
    "loads",
    "read",
    "reads",
]
