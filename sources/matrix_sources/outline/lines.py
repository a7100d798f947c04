"""A foreign text line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .outline import Outline

LONGEST_LINE: Final = 65_536
"""Characters in one line; a longer one is left out, and told."""


def numbered_lines(text: str, outline: Outline) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without blanks at their ends."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            outline.leave(number, line[:LONGEST_LINE], f"a line of {len(line):,} characters")
        else:
            yield number, line.strip()


def without_comment(number: int, line: str, outline: Outline, signs: str = "#") -> str:
    """The line before the first sign of a comment; the comment is kept with the outline's."""
    if not any(sign in line for sign in signs):
        return line.strip()
    at = min((found for sign in signs if (found := line.find(sign)) >= 0), default=len(line))
    said = line[at:].lstrip(signs).strip()
    if said:
        outline.comments.append((number, said))
    return line[:at].strip()
