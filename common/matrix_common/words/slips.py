"""Slips of the finger: which known name a name in a text was meant to be, one letter away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

_SEPARATORS: Final = "-._"
_NO_DIGITS: Final = str.maketrans("", "", "0123456789")

_LONGEST: Final = 64
"""Letters of a name that is looked at: longer ones would make the index large."""

_CROWD: Final = 40
"""Names that are kept for one spelling with a letter left out."""


def is_slip(word: str, name: str, least: int = 3) -> bool:
    """Whether a word is a name with two letters exchanged, or one missing, one too many or another one in its place.

    Not so: another number, another first letter, and what is too short to tell: an exchange below `least` letters;
    another letter in a part (between `-`, `.` and `_`) below 5; a letter within a part of below 3, or at the end of one
    of below 4.
    """
    if word == name or abs(len(word) - len(name)) > 1 or word.translate(_NO_DIGITS) == name.translate(_NO_DIGITS):
        return False
    shorter, longer = sorted((word, name), key=len)
    begin = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shorter, longer, strict=False)))
    one, other = shorter[begin:], longer[begin:]
    if len(one) == len(other) and one[1:] != other[1:]:
        return len(word) >= least and one[:2] == other[1::-1] and one[2:] == other[2:]
    whole = other[0] in _SEPARATORS
    start = 0 if whole else max(shorter.rfind(each, 0, begin) for each in _SEPARATORS) + 1
    end = len(shorter) if whole else min(shorter.find(each, begin) % (len(shorter) + 1) for each in _SEPARATORS)
    if begin == start:
        return False
    if len(one) == len(other):
        return end - start >= 5
    return other[1:] == one and end - start >= (4 if begin == end else 3)


class Slips:
    """Names among which slips are looked for, each look as quick among many names as among few."""

    def __init__(self, names: Iterable[str], least: int = 3) -> None:
        self._least = least
        self._spelled: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            for spelling in _spellings(name):
                crowd = self._spelled.setdefault(spelling, [])
                if len(crowd) < _CROWD:
                    crowd.append(name)

    def of(self, word: str) -> tuple[str, ...]:
        """The names of which a word is a slip."""
        found = dict.fromkeys(name for spelling in _spellings(word) for name in self._spelled.get(spelling, ()))
        return tuple(name for name in found if is_slip(word, name, self._least))


def _spellings(name: str) -> Iterator[str]:
    """A name as it is, and with each of its letters left out."""
    if len(name) <= _LONGEST:
        yield name
        for position in range(len(name)):
            yield name[:position] + name[position + 1 :]
