"""Dialogues with many hosts at once, over SSH or on this machine; and how answers are told from noise."""

from .exchange import Output
from .reach import Converse, Reach

__all__ = [
    "Converse",
    "Output",
    "Reach",
]
