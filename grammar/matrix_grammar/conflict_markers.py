"""What git leaves in a text where a merge could not decide: one mistake for each place, with both sides of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .diagnostics import Diagnostic, Note, Place
from .sources import MERGE_SIGNS

_MARKER: Final = re.compile(r"(<{7}|\|{7}|>{7})(?:[ \t]+(\S.*?)?)?[ \t]*$|(={7})[ \t]*$")
_CURE: Final = "keep what is true, and remove the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>"


@dataclass(frozen=True, slots=True)
class Marker:
    """One line of git's: `sign` is its first letter, `name` what the side is called."""

    number: int
    sign: str
    name: str
    length: int


def conflicts(path: str, lines: Sequence[str]) -> Iterator[tuple[Diagnostic, frozenset[int]]]:
    """Each conflict of a text, with the numbers of the lines that are not read because of it.

    The first side is read as usual, so that the lines around it still stand where they belong; of the others every line
    is left out, and none of it is missed elsewhere.
    """
    markers = list(_markers(lines))
    position = 0
    while position < len(markers):
        taken = _together(markers, position)
        first, last = markers[position], markers[position + taken - 1]
        second = next((each for each in markers[position : position + taken] if each.sign in "|="), first)
        refused = {first.number, *range(second.number, last.number + 1)}
        yield _told(path, lines, markers[position : position + taken]), frozenset(refused)
        position += taken


def _markers(lines: Sequence[str]) -> Iterator[Marker]:
    for number, line in enumerate(lines, 1):
        if line.startswith(MERGE_SIGNS):
            match = _MARKER.match(line)
            if match is not None:
                yield Marker(number, line[0], match[2] or "", len(line))


def _together(markers: Sequence[Marker], position: int) -> int:
    """How many markers from here on are one conflict: `<`, perhaps `|`, `=`, `>`; a stray one stands alone."""
    signs = "".join(each.sign for each in markers[position : position + 4])
    return next((len(whole) for whole in ("<|=>", "<=>") if signs.startswith(whole)), 1)


def _told(path: str, lines: Sequence[str], markers: Sequence[Marker]) -> Diagnostic:
    first, last = markers[0], markers[-1]
    place = Place(path, first.number, 1, first.length + 1)
    if len(markers) == 1:
        message = f"a line of a merge that was not finished: {first.sign * 7}"
        return Diagnostic("M062", "error", place, message, lines[first.number - 1], _CURE)
    notes = []
    for marker in markers[1:]:
        what = {"|": "what both had before begins here", "=": f"{_name(last)} begins here", ">": "it ends here"}
        here = Place(path, marker.number, 1, marker.length + 1)
        notes.append(Note(here, what[marker.sign], lines[marker.number - 1]))
    message = f"a merge was not finished: {_name(first)} and {_name(last)} say different things here"
    return Diagnostic("M062", "error", place, message, lines[first.number - 1], _CURE, notes=tuple(notes))


def _name(marker: Marker) -> str:
    return marker.name[:80] or ("the first side" if marker.sign == "<" else "the other side")
