"""One line of text to its statement (the AST): by regular expressions where they suffice, else by Lark."""

from .lines import parse, parse_line
from .nodes import Line
from .occurrences import Written, written

__all__ = [
    "Line",
    "Written",
    "parse",
    "parse_line",
    "written",
]
