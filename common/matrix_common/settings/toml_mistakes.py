"""What is wrong with a text that is no TOML, in more than the parser's words."""

from __future__ import annotations

import re
from typing import Final

from matrix_common.characters import what_it_is
from matrix_common.merges.conflicts import CONFLICT_CURE, conflicts

_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_WORD: Final = re.compile(r"[^\s,\]}#]+")
_LIKE_BOOLEAN: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def explain_toml(text: str, error: Exception) -> str:
    """The parser's message, with the cure where it is known: a merge that was not finished, a character that is not
    what it looks like, a text without quotes.
    """
    lines = text.splitlines()
    for conflict in conflicts(lines):
        numbers = ", ".join(str(marker.number) for marker in conflict.markers)
        return f"lines {numbers}: {conflict.message}; {CONFLICT_CURE}"
    place = _PLACE.search(str(error))
    if place is None or int(place[1]) > len(lines):
        return f"not TOML: {error}"
    line, column = lines[int(place[1]) - 1], int(place[2])
    for position, letter in enumerate(line, 1):
        what, cure = ("", "") if letter.isascii() or position < column - 1 else what_it_is(letter)
        if what:
            return f"not TOML: line {place[1]}, column {position}: {what}; {cure}"
    word = _WORD.match(line, column - 1)
    plain = word[0] if word else ""
    if plain.lower() in ("true", "false", *_LIKE_BOOLEAN):
        lower = plain.lower()
        return f"not TOML: {error}; write {_LIKE_BOOLEAN.get(lower, lower)}, or in quotes if it is a text"
    if "Invalid value" in str(error) and plain and plain[0] not in "\"'[{":
        return f'not TOML: {error}; a text stands in quotes: "{plain:.60}"'
    return f"not TOML: {error}"
