"""What git leaves in a text where a merge could not decide: each conflict, with both sides of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from matrix_common.merges.signs import MERGE_SIGNS

CONFLICT_CURE: Final = "keep what is true, and remove the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>"

_MARKER: Final = re.compile(r"(<{7,}|\|{7,}|>{7,})(?:[ \t]+(\S.*?)?)?[ \t]*$|(={7,})[ \t]*$")
_USUAL: Final = 7
"""Signs of a marker. git writes more for what it could not decide within what both had before, and where
gitattributes(5), conflict-marker-size, say so."""


@dataclass(frozen=True, slots=True)
class Marker:
    """One line of git's: `size` times `sign`, and what the side is called."""

    number: int
    sign: str
    size: int
    name: str
    length: int

    @property
    def side(self) -> str:
        """What the side is called, or which it is."""
        return self.name[:80] or ("the first side" if self.sign == "<" else "the other side")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict of a text: its markers in order, and the numbers of the lines that are not read because of it."""

    markers: tuple[Marker, ...]
    refused: frozenset[int]

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        first, last = self.markers[0], self.markers[-1]
        if len(self.markers) == 1:
            return f"a line of a merge that was not finished: {first.sign * _USUAL}"
        return f"a merge was not finished: {first.side} and {last.side} say different things here"

    def notes(self) -> Iterator[tuple[Marker, str]]:
        """Each marker after the first, with what begins or ends there."""
        last = self.markers[-1]
        for marker in self.markers[1:]:
            what = {"|": "what both had before begins here", "=": f"{last.side} begins here", ">": "it ends here"}
            yield marker, what[marker.sign]


def conflicts(lines: Sequence[str]) -> Iterator[Conflict]:
    """Each conflict of a text.

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
            yield Conflict(tuple(whole), frozenset({*within, *range(second.number, whole[-1].number + 1)}))
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
