"""Cells to columns.

A very wide cell stretches no column: it pushes aside what follows in its own line only. Nor does the last item of a
line, as its note, for nothing follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .cells import INDENT, Row

_WIDEST_CELL = 40
_WIDEST_LINE = 110
_GAP = 2
_ALWAYS = 2


def lay_out(rows: Sequence[Row]) -> list[str]:
    """The lines of rows that stand together: cells in columns, comments below each other."""
    if len(rows) == 1:
        return [_lone(rows[0])]
    aligned = [row for row in rows if row.kind != "comment"]
    bodies = _directives(aligned) if aligned and aligned[0].kind == "directive" else _table(aligned)
    noted = [len(body) for row, body in zip(aligned, bodies, strict=True) if row.comment and len(body) <= _WIDEST_LINE]
    column = max(noted, default=0)
    waiting = iter(bodies)
    return [
        " " * row.indent + row.comment if row.kind == "comment" else _with_comment(next(waiting), row.comment, column)
        for row in rows
    ]


def _lone(row: Row) -> str:
    """The line of a row that stands alone, and so has no columns."""
    if row.kind == "comment":
        return " " * row.indent + row.comment
    gap = 1 if row.kind == "directive" and row.cells[0] == "@group" else _GAP
    filled = [cell for cell in row.cells if cell]
    if row.kind == "directive":
        body = (
            f"{row.cells[0]} {(' ' * gap).join(cell for cell in row.cells[1:] if cell)}"
            if len(filled) > 1
            else filled[0]
        )
    else:
        body = " " * (row.indent + (0 if row.cells[0] else INDENT)) + (" " * gap).join(filled)
    if row.comment:
        body = _with_comment(body, row.comment, len(body))
    return body


def _with_comment(body: str, comment: str, column: int) -> str:
    return f"{body:<{column}}{' ' * _GAP}{comment}" if comment else body


def _table(rows: Sequence[Row]) -> list[str]:
    """Hosts or headers, with the lines that say more of them under their first item."""
    bodies = align([row.cells for row in rows], _GAP)
    alone = not any(row.cells[0] for row in rows)
    return [" " * (row.indent + (INDENT if alone else 0)) + body for row, body in zip(rows, bodies, strict=True)]


def _directives(rows: Sequence[Row]) -> list[str]:
    """Directives: all arguments begin in one column, and those of one word are columns among themselves."""
    arguments: dict[int, str] = {}
    for word in dict.fromkeys(row.cells[0] for row in rows):
        same = [number for number, row in enumerate(rows) if row.cells[0] == word]
        gap = 1 if word == "@group" else _GAP
        arguments.update(zip(same, align([rows[number].cells[1:] for number in same], gap), strict=True))
    return align([(row.cells[0], arguments[number]) for number, row in enumerate(rows)], 1)


def align(rows: Sequence[Sequence[str]], gap: int) -> list[str]:
    """Each row as one line, its cells in columns with `gap` blanks between; a column of empty cells takes no room."""
    lengths: dict[int, list[Sequence[str]]] = {}
    for row in rows:
        lengths.setdefault(len(row), []).append(row)
    widths = [0] * max(lengths, default=0)
    filled = [False] * len(widths)
    wide: set[int] = set()  # lengths of rows in which a cell may push aside what follows
    for count, alike in lengths.items():
        for column, cells in enumerate(zip(*alike, strict=True)):
            sizes = set(map(len, cells))
            filled[column] |= sizes != {0}
            last = column == count - 1
            if not last and max(sizes) > _WIDEST_CELL:
                wide.add(count)
            if not last or column < _ALWAYS:
                widths[column] = max(widths[column], *(size for size in sizes if size <= _WIDEST_CELL), 0)
    starts = [0]
    for width, fills in zip(widths, filled, strict=True):
        starts.append(starts[-1] + (width + gap if fills else 0))
    patterns = {
        count: "".join(f"%-{end - start}s" for start, end in pairwise(starts[:count])) + "%s" for count in lengths
    }
    return [
        _pushed(row, starts, gap)
        if len(row) in wide
        else patterns[len(row)] % tuple(row)
        if row and row[-1]
        else (patterns[len(row)] % tuple(row)).rstrip(" ")
        if row
        else ""
        for row in rows
    ]


def _pushed(row: Sequence[str], starts: Sequence[int], gap: int) -> str:
    """A row in which a cell that is wider than its column pushes aside what follows."""
    line = ""
    for cell, start in zip(row, starts, strict=False):
        if cell:
            line = f"{line:<{max(start, len(line) + gap if line else 0)}}{cell}"
    return line
