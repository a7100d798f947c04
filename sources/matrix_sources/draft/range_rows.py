"""Rows of words folded into ranges: `w101 10.0.0.1`, `w102 10.0.0.2` … become `w[101-102] 10.0.0.[1-2]`.

Only neighbours are folded, so the order of a text stays; and only where the result is read more easily than the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from matrix_grammar.ranges import expand

from .range_columns import Column

_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))
_MOST_SPANS: Final = 4
_ROWS_A_SPAN: Final = 3
_FIRST_BLOCK: Final = 8
"""Rows that are first looked at together; then twice as many each time."""


class Cell(NamedTuple):
    """One word of a row. A `steps` cell may step along with the name of the host; any other must be the same in all."""

    text: str
    steps: bool = False
    straight: bool = False
    """Whether it may only count up by one, without gaps."""


Row = tuple[Cell, ...]


def folded(rows: Sequence[Row]) -> Iterator[tuple[list[str], int]]:
    """The rows with neighbours folded; each with the number of rows that it stands for. The first cell is the name."""
    position, many = 0, len(rows)
    following = ""  # the name of the row at `position` without its digits, where that is known
    while position < many:
        row, end = rows[position], position + 1
        shape = following or row[0][0].translate(_NO_DIGITS)
        following = rows[end][0][0].translate(_NO_DIGITS) if end < many else ""
        if end < many and (shape != following or not _may_join(row, rows[end])):
            yield [cell[0] for cell in row], 1
            position = end
            continue
        run = _Run(row)
        while end < many and run.add(rows[end]):
            end = run.follow(rows, end + 1)
        texts, count = run.best()
        yield texts, count
        position += count
        following = following if count == 1 else ""


def _may_join(row: Row, other: Row) -> bool:
    """Whether two rows are of one length, and their last cells, of which most are notes, do not keep them apart."""
    last, own = other[-1], row[-1]
    return len(other) == len(row) and (last[1] or last[0] == own[0])


class _Run:
    """Rows that may become one: grows row by row, and remembers where it was last worth reading."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._still: list[tuple[int, Cell]] = []
        self._moving: list[tuple[int, Column]] = []
        self._columns: list[Column] = []
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
        return self._grow(1)

    def follow(self, rows: Sequence[Row], start: int) -> int:
        """Keep the rows from `start` on in which nothing is out of step; where they end.

        It looks at one cell of many rows at a time, which takes a third of the time that `add` takes.
        """
        size = _FIRST_BLOCK
        while start < len(rows):
            block = rows[start : start + size]
            kept = self._in_step(block)
            start += kept
            if kept < size:
                break
            size *= 2
        return start

    def _in_step(self, rows: Sequence[Row]) -> int:
        """How many rows go with the ones before, up to the first in which something is out of step; they are kept."""
        width, good = len(self._row), len(rows)
        if any(len(row) != width for row in rows):
            good = next(at for at, row in enumerate(rows) if len(row) != width)
        for at, own in self._still:
            cells = [row[at] for row in rows[:good]]
            if cells.count(own) != good:
                good = next(at for at, cell in enumerate(cells) if cell != own)
        for at, column in self._moving:
            texts = [row[at][0] if row[at][1] else "" for row in rows[:good]]
            due = column.due(good)
            if texts != due:
                good = next(
                    (at for at, (text, wanted) in enumerate(zip(texts, due, strict=False)) if text != wanted), 0
                )
        if good:
            for at, column in self._moving:
                column.keep([row[at][0] for row in rows[:good]])
            self._grow(good)
        return good

    def _grow(self, rows: int) -> bool:
        """Count further rows, as the best so far if they are worth reading; whether there may be more."""
        self._count = count = self._count + rows
        spans = max((column.spans for _, column in self._moving), default=1)
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
        self._columns = [Column([cell.text], cell.steps, cell.straight) for cell in self._row]
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
        return [cell[0] for cell in self._row], 1
