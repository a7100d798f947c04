"""Folding: many names to one short text, `w101 w102 w103 w105` to `w[101-103,105]`, as ClusterShell writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_DIGITS = re.compile(r"([0-9]+)")

_Axis = tuple[str, ...]


def fold(names: Iterable[str]) -> str:
    """Names as one text of patterns joined by commas, which expands to the same set of names.

    Names of one shape (equal but for their digits) become one pattern, or with several dimensions as few as a greedy
    merge finds. Shapes stand in the order of first mention, numbers in rising order, shorter digits first.
    """
    shapes: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for name in names:
        parts = _DIGITS.split(name)
        shapes.setdefault(tuple(parts[::2]), []).append(tuple(parts[1::2]))
    folded: list[str] = []
    for literals, rows in shapes.items():
        if len(literals) == 1:
            folded.append(literals[0])
        elif len(literals) == 2:
            folded.append(_pattern(literals, (_sorted(row[0] for row in rows),)))
        else:
            folded += [_pattern(literals, block) for block in _blocks(rows)]
    return ",".join(folded)


def fold_digits(digits: Iterable[str]) -> str:
    """Digits as the inner part of a bracket: `1-3,7`. Zeros in front are kept: `9` and `09` are two things."""
    return _ranges(_sorted(digits))


def _sorted(digits: Iterable[str]) -> _Axis:
    return tuple(sorted(sorted(set(digits)), key=len))


def _pattern(literals: Sequence[str], block: Sequence[_Axis]) -> str:
    pieces = [literals[0]]
    for axis, literal in zip(block, literals[1:], strict=True):
        pieces += [axis[0] if len(axis) == 1 else f"[{_ranges(axis)}]", literal]
    return "".join(pieces)


def _ranges(axis: _Axis) -> str:
    """Sorted digits as ranges. A run goes on while numbers follow each other in one style of padding."""
    pieces: list[str] = []
    first = last = ""
    following = -1
    padded = False
    for digits in axis:
        number = int(digits)
        if number == following and (len(digits) == len(first) if padded else digits[0] != "0"):
            last = digits
        else:
            if first:
                pieces.append(first if first == last else f"{first}-{last}")
            first = last = digits
            padded = len(digits) > 1 and digits[0] == "0"
        following = number + 1
    pieces.append(first if first == last else f"{first}-{last}")
    return ",".join(pieces)


def _blocks(rows: Iterable[tuple[str, ...]]) -> list[tuple[_Axis, ...]]:
    """Rows of digits as disjoint blocks (a set of digits per dimension), merged greedily, the last dimension first.

    Two blocks that differ in one dimension only become one; a pass over every dimension is linear, and passes
    go on until one merges nothing.
    """
    blocks: list[tuple[_Axis, ...]] = [tuple((digits,) for digits in row) for row in dict.fromkeys(rows)]
    dimensions = len(blocks[0])
    merged = True
    while merged and len(blocks) > 1:
        merged = False
        for axis in reversed(range(dimensions)):
            groups: dict[tuple[_Axis, ...], list[_Axis]] = {}
            for block in blocks:
                groups.setdefault(block[:axis] + block[axis + 1 :], []).append(block[axis])
            if len(groups) == len(blocks):
                continue
            merged = True
            blocks = [
                (*rest[:axis], _sorted(digits for part in parts for digits in part), *rest[axis:])
                for rest, parts in groups.items()
            ]
    return sorted(blocks, key=lambda block: [(len(axis[0]), axis[0]) for axis in block])
