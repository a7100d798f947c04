"""One line of text to its statement."""

from __future__ import annotations

from .nodes import Document, Line, Statement, WrongLine
from .scan import BadEscapeError, scan


def parse_line(text: str) -> Statement:
    """The statement of a line; a line that does not parse is a WrongLine."""
    try:
        statement = scan(text)
    except BadEscapeError as error:
        return WrongLine("M020", 1, len(text) + 1, str(error))
    return statement or WrongLine("M011", 1, len(text) + 1, "this line is not understood")


def parse(file: str, text: str) -> Document:
    """All lines of a text; it never fails, lines that do not parse are WrongLines."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return Document(file, tuple(Line(file, number, line, parse_line(line)) for number, line in enumerate(lines, 1)))
