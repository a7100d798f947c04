"""Cells to columns.

A very wide cell stretches no column: it pushes aside what follows in its own line only. Nor does the last item of a
line, as its note, for nothing follows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from .formatter_rows import INDENT, Row

_WIDEST_CELL = 40
_WIDEST_LINE = 110
_GAP = 2
_ALWAYS = 2


def lay_out(rows: Sequence[Row]) -> list[str]:
    """The lines of rows that stand together: cells in columns, comments below each other."""
    aligned = [row for row in rows if row.kind != "comment"]
    bodies = _directives(aligned) if aligned and aligned[0].kind == "directive" else _table(aligned)
    noted = [len(body) for row, body in zip(aligned, bodies, strict=True) if row.comment and len(body) <= _WIDEST_LINE]
    column = max(noted, default=0)
    waiting = iter(bodies)
    return [
        " " * row.indent + row.comment if row.kind == "comment" else _with_comment(next(waiting), row.comment, column)
        for row in rows
    ]


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
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        for column, cell in enumerate(row):
            stretches = column < _ALWAYS or column < len(row) - 1
            if stretches and widths[column] < len(cell) <= _WIDEST_CELL:
                widths[column] = len(cell)
    filled = [any(column < len(row) and row[column] for row in rows) for column in range(len(widths))]
    lines: list[str] = []
    for row in rows:
        line = ""
        start = 0
        for column, cell in enumerate(row):
            if cell:
                line = f"{line:<{max(start, len(line) + gap if line else 0)}}{cell}"
            if filled[column]:
                start += widths[column] + gap
        lines.append(line)
    return lines
