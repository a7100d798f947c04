"""What git leaves in a text where a merge could not decide: the signs, and in `conflicts` the reading of them."""

from .signs import MERGE_SIGNS

__all__ = ["MERGE_SIGNS"]
