"""Bytes to lines, and one line to its statement (the AST): by regular expressions where they suffice, else by Lark."""

from .decoding import decode
from .lines import parse, parse_line
from .nodes import Line
from .occurrences import Written, written

__all__ = [
    "Line",
    "Written",
    "decode",
    "parse",
    "parse_line",
    "written",
]
