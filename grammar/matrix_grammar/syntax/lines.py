"""One line of text to its statement, by the fast path where that is enough; and a whole text to its lines."""

from __future__ import annotations

from .nodes import Document, Line, Statement
from .scanner import BadEscapeError, scan


def parse_line(text: str) -> Statement:
    """The statement of a line; a line that does not parse is a WrongLine. It never raises for what stands in the
    line.
    """
    try:
        return scan(text) or _parse_slowly(text)
    except BadEscapeError:
        return _parse_slowly(text)


def _parse_slowly(text: str) -> Statement:
    """The same by the grammar, with what is wrong where it does not take the line."""
    from . import automaton, mistakes

    offset = automaton.stops(text)
    if offset is not None:
        return mistakes.diagnose(text, offset)
    from . import parser as grammar  # with Lark, which takes 80 ms

    try:
        return grammar.parse(text)
    except grammar.UnparsedError as error:
        return mistakes.diagnose(text, error.offset)
    except BadEscapeError as error:
        return mistakes.wrong_escape(text, error.offset, error.escape)


def parse(file: str, text: str) -> Document:
    """All lines of a text, each with the place and layout of every word; lines that do not parse are WrongLines."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return Document(file, tuple(Line(file, number, line, parse_line(line)) for number, line in enumerate(lines, 1)))
