"""Rows of words folded into ranges: `w101 10.0.0.1`, `w102 10.0.0.2` … become `w[101-102] 10.0.0.[1-2]`.

Only neighbours are folded, so the order of a text stays; and only where the result is read more easily than the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from matrix_grammar.ranges import expand

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
        row = rows[position]
        if end < len(rows) and (
            len(rows[end]) != len(row) or rows[end][0].text.translate(_NO_DIGITS) != row[0].text.translate(_NO_DIGITS)
        ):  # their names differ in more than numbers
            yield [cell.text for cell in row], 1
            position = end
            continue
        run = _Run(row)
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
    moves: bool = False
    """Whether the second text is another one than the first. If not, all that follow are the first one."""
    _gaps: int = 0
    """How many texts there were before the first that does not follow the one before; 0 while there is none."""
    _head: str = ""
    _tail: str = ""
    _first: str = ""
    _last: str = ""
    _next: str = ""

    def second(self, text: str) -> bool:
        """Whether the second text goes with the first."""
        if text == self.texts[0]:
            return True
        self.moves = self.steps and self._find_field(text)
        return self.moves and self.add(text)

    def add(self, text: str) -> bool:
        """Whether a further text goes with the ones before, of which two differ; it is kept then."""
        tail = len(self._tail)
        number = text[len(self._head) : len(text) - tail if tail else None]
        if text != self._next:
            if not (
                text.startswith(self._head) and text.endswith(self._tail) and number.isascii() and number.isdigit()
            ):
                return False
            if len(number) > _MOST_DIGITS:
                return False
            follows = int(number) == int(self._last) + 1 and _one_style(self._last, number)
            if not follows:
                if self.straight:
                    return False
                self.spans += 1
                self._gaps = self._gaps or len(self.texts)
        self._last = number
        after = str(int(number) + 1)
        if number[0] == "0":
            after = after.zfill(len(number))
        self._next = f"{self._head}{after}{self._tail}" if len(after) <= _MOST_DIGITS else ""
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
        at = differing[0]
        self._head, self._first, self._tail = "".join(before[:at]), before[at], "".join(before[at + 1 :])
        self._last = self._first
        return True

    def pattern(self, count: int) -> str:
        """The first `count` texts as one pattern, in their order."""
        if not self.moves:
            return self.texts[0]
        head, tail = self._head, self._tail
        if not self._gaps or count <= self._gaps:
            last = self.texts[count - 1]
            number = last[len(head) : len(last) - len(tail)]
            if self._first[0] != "0" or _one_style(self._first, number):
                return f"{head}[{self._first}-{number}]{tail}"
        numbers = [text[len(head) : len(text) - len(tail)] for text in self.texts[:count]]
        return f"{head}[{_spans(numbers)}]{tail}"


class _Run:
    """Rows that may become one: grows row by row, and remembers where it was last worth reading."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._still: list[tuple[int, Cell]] = []
        self._moving: list[tuple[int, _Column]] = []
        self._columns: list[_Column] = []
        self._count = self._best = 1

    def add(self, row: Row) -> bool:
        """Whether a further row goes with the ones before; it is kept then."""
        if len(row) != len(self._row):
            return False
        if not self._columns:
            if not self._begin(row):
                return False
        else:
            for at, own in self._still:
                cell = row[at]
                if cell is not own and (cell[0] != own[0] or cell[1] != own[1]):
                    return False
            for at, column in self._moving:
                text, steps, _ = row[at]
                if not steps or not column.add(text):
                    return False
        self._count = count = self._count + 1
        spans = 1
        for _, column in self._moving:
            if column.spans > spans:
                spans = column.spans
        if spans > _MOST_SPANS:
            return False
        if spans <= 1 + (count - 1) // _ROWS_A_SPAN:
            self._best = count
        return True

    def _begin(self, row: Row) -> bool:
        """Whether a second row goes with the first, and in which cells they differ."""
        for cell, own in zip(row, self._row, strict=True):
            if cell.steps != own.steps or (cell.text != own.text and not cell.steps):
                return False
        self._columns = [_Column([cell.text], cell.steps, cell.straight) for cell in self._row]
        for at, column in enumerate(self._columns):
            if not column.second(row[at].text):
                return False
            if column.moves:
                self._moving.append((at, column))
            else:
                self._still.append((at, self._row[at]))
        return True

    def best(self) -> tuple[list[str], int]:
        """The texts of the longest run that is worth reading, and its number of rows."""
        count = self._best
        if count > 1:
            texts = [column.pattern(count) for column in self._columns]
            if all(
                not column.moves or text == column.texts[0] or expand(text) == column.texts[:count]
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
