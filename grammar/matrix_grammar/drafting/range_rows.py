"""Rows of words folded into ranges: `w101 10.0.0.1`, `w102 10.0.0.2` … become `w[101-102] 10.0.0.[1-2]`.

Only neighbours are folded, so the order of a text stays; and only where the result is read more easily than the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..ranges import expand

_DIGITS: Final = re.compile(r"([0-9]+)")
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))
_MOST_DIGITS: Final = 15
_MOST_SPANS: Final = 4
_ROWS_A_SPAN: Final = 3


class Cell(NamedTuple):
    """One word of a row. A `steps` cell may step along with the name of the host; any other must be the same in all."""

    text: str
    steps: bool = False
    straight: bool = False
    """Whether it may only count up by one, without gaps."""


Row = tuple[Cell, ...]


def folded(rows: Sequence[Row]) -> Iterator[tuple[list[str], int]]:
    """The rows with neighbours folded; each with the number of rows that it stands for. The first cell is the name."""
    position = 0
    while position < len(rows):
        end = position + 1
        if end < len(rows) and len(rows[end]) != len(rows[position]):
            yield [cell.text for cell in rows[position]], 1
            position = end
            continue
        run = _Run(rows[position])
        while end < len(rows) and run.add(rows[end]):
            end += 1
        texts, count = run.best()
        yield texts, count
        position += count


@dataclass(slots=True)
class _Column:
    """The texts of one cell down a run of rows."""

    texts: list[str]
    steps: bool
    straight: bool
    spans: int = 1
    _found: bool = False
    _head: str = ""
    _tail: str = ""
    _last: str = ""
    _number: str = ""
    _next: str = ""

    def add(self, text: str) -> bool:
        """Whether a further text goes with the ones before; it is kept then."""
        if not self._found:
            if len(self.texts) > 1 or not self.steps or text == self.texts[0]:
                return self._keep(text) if text == self.texts[0] else False
            if not self._find_field(text):
                return False
        if text == self._next:
            number = self._number
        else:
            number = text[len(self._head) : len(text) - len(self._tail)]
            if not (
                text.startswith(self._head) and text.endswith(self._tail) and number.isascii() and number.isdigit()
            ):
                return False
            if len(number) > _MOST_DIGITS:
                return False
            follows = int(number) == int(self._last) + 1 and _one_style(self._last, number)
            if not follows and self.straight:
                return False
            self.spans += not follows
        self._last = number
        self._foresee()
        self.texts.append(text)
        return True

    def _foresee(self) -> None:
        """What follows in the style of the last one, and so goes on with its range."""
        last = self._last
        number = str(int(last) + 1).zfill(len(last)) if last[0] == "0" else str(int(last) + 1)
        if len(number) > _MOST_DIGITS or not _one_style(last, number):
            number = ""
        self._number = number
        self._next = f"{self._head}{number}{self._tail}" if number else ""

    def _keep(self, text: str) -> bool:
        self.texts.append(text)
        return True

    def _find_field(self, text: str) -> bool:
        """Find the one number in which the second text differs from the first."""
        before, after = _DIGITS.split(self.texts[0]), _DIGITS.split(text)
        if len(before) != len(after):
            return False
        differing = [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
        if len(differing) != 1 or differing[0] % 2 == 0 or len(before[differing[0]]) > _MOST_DIGITS:
            return False
        if differing == [1] and not before[0]:
            return False  # a word that begins with a bracket is a tag
        self._found, at = True, differing[0]
        self._head, self._last, self._tail = "".join(before[:at]), before[at], "".join(before[at + 1 :])
        return True

    def pattern(self, count: int) -> str:
        """The first `count` texts as one pattern, in their order."""
        if not self._found:
            return self.texts[0]
        head, tail = self._head, self._tail
        numbers = [text[len(head) : len(text) - len(tail)] for text in self.texts[:count]]
        return f"{head}[{_spans(numbers)}]{tail}"


class _Run:
    """Rows that may become one: grows row by row, and remembers where it was last worth reading."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._columns: list[_Column] = []
        self._best = 1

    def add(self, row: Row) -> bool:
        """Whether a further row goes with the ones before; it is kept then."""
        if len(row) != len(self._row):
            return False
        if not self._columns and row[0].text.translate(_NO_DIGITS) != self._row[0].text.translate(_NO_DIGITS):
            return False  # their names differ in more than numbers
        for cell, own in zip(row, self._row, strict=True):
            if cell.text != own.text and not (cell.steps and own.steps):
                return False
        self._columns = self._columns or [_Column([cell.text], cell.steps, cell.straight) for cell in self._row]
        for cell, column in zip(row, self._columns, strict=True):
            if cell.steps != column.steps or not column.add(cell.text):
                return False
        count = len(self._columns[0].texts)
        spans = max(column.spans for column in self._columns)
        if spans > _MOST_SPANS:
            return False
        if spans <= 1 + (count - 1) // _ROWS_A_SPAN:
            self._best = count
        return True

    def best(self) -> tuple[list[str], int]:
        """The texts of the longest run that is worth reading, and its number of rows."""
        count = self._best
        if count > 1:
            texts = [column.pattern(count) for column in self._columns]
            if all(
                not column.steps or text == column.texts[0] or expand(text) == column.texts[:count]
                for text, column in zip(texts, self._columns, strict=True)
            ):
                return texts, count
        return [cell.text for cell in self._row], 1


def _one_style(before: str, after: str) -> bool:
    """Whether both can stand in one range: padded to one width, or not padded at all."""
    if len(before) > 1 and before[0] == "0":
        return len(before) == len(after)
    return after[0] != "0"


def _spans(numbers: Sequence[str]) -> str:
    """Numbers in their order as ranges: `1-3,7`."""
    pieces: list[str] = []
    first = last = numbers[0]
    for number in numbers[1:]:
        if int(number) == int(last) + 1 and _one_style(first if first[0] == "0" else last, number):
            last = number
            continue
        pieces.append(first if first == last else f"{first}-{last}")
        first = last = number
    pieces.append(first if first == last else f"{first}-{last}")
    return ",".join(pieces)
