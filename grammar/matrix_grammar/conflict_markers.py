"""What git leaves in a text where a merge could not decide: one mistake for each place, with both sides of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .diagnostics import Diagnostic, Note, Place
from .sources import MERGE_SIGNS

_MARKER: Final = re.compile(r"(<{7,}|\|{7,}|>{7,})(?:[ \t]+(\S.*?)?)?[ \t]*$|(={7,})[ \t]*$")
_USUAL: Final = 7
"""Signs of a marker. git writes more for what it could not decide within what both had before, and where
gitattributes(5), conflict-marker-size, say so."""
_CURE: Final = "keep what is true, and remove the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>"


@dataclass(frozen=True, slots=True)
class Marker:
    """One line of git's: `size` times `sign`, and what the side is called."""

    number: int
    sign: str
    size: int
    name: str
    length: int


def conflicts(path: str, lines: Sequence[str]) -> Iterator[tuple[Diagnostic, frozenset[int]]]:
    """Each conflict of a text, with the numbers of the lines that are not read because of it.

    The first side is read as usual, so that the lines around it still stand where they belong; of the others every line
    is left out, and none of it is missed elsewhere.
    """
    markers = list(_markers(lines))
    alike: dict[int, list[Marker]] = {}
    for marker in markers:
        alike.setdefault(marker.size, []).append(marker)
    position = 0
    while position < len(markers):
        whole = _together(alike[markers[position].size], markers[position])
        end = position + 1
        while end < len(markers) and markers[end].number <= whole[-1].number:
            end += 1
        if len(whole) > 1 or whole[0].size == _USUAL:
            second = next((each for each in whole if each.sign in "|="), whole[0])
            within = (each.number for each in markers[position:end])
            refused = {*within, *range(second.number, whole[-1].number + 1)}
            yield _told(path, lines, whole), frozenset(refused)
        position = end


def _markers(lines: Sequence[str]) -> Iterator[Marker]:
    for number, line in enumerate(lines, 1):
        if line.startswith(MERGE_SIGNS):
            match = _MARKER.match(line)
            if match is not None:
                size = len(match[1] or match[3])
                yield Marker(number, line[0], size, match[2] or "", len(line))


def _together(alike: Sequence[Marker], first: Marker) -> Sequence[Marker]:
    """The markers from this one on that are one conflict: `<`, perhaps `|`, `=`, `>`; a stray one alone."""
    position = bisect_left(alike, first.number, key=lambda each: each.number)
    signs = "".join(each.sign for each in alike[position : position + 4])
    count = next((len(whole) for whole in ("<|=>", "<=>") if signs.startswith(whole)), 1)
    return alike[position : position + count]


def _told(path: str, lines: Sequence[str], markers: Sequence[Marker]) -> Diagnostic:
    first, last = markers[0], markers[-1]
    place = Place(path, first.number, 1, first.length + 1)
    if len(markers) == 1:
        message = f"a line of a merge that was not finished: {first.sign * _USUAL}"
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
