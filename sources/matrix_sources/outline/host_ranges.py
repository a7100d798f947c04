"""Names with ranges in foreign texts, expanded within bounds."""

from __future__ import annotations

from typing import Final

from matrix_grammar.ranges import RangeError, parse

from .outline import Outline

MOST_HOSTS: Final = 200_000
"""Hosts of one foreign text."""

_MOST_NAMES: Final = 500_000
"""Names that the ranges of one foreign text stand for in all, the same ones again included."""


def expand_name(outline: Outline, line: int, name: str) -> list[str]:
    """The names that a name with brackets stands for; one that is no range, or too many, is told and gives none."""
    if "[" not in name and "]" not in name and len(outline.hosts) < MOST_HOSTS:
        return [name]
    try:
        pattern = parse(name)
    except RangeError as error:
        outline.leave(line, name, error.message)
        return []
    if pattern.count + len(outline.hosts) > MOST_HOSTS:
        outline.leave(line, name, f"more than {MOST_HOSTS:,} hosts")
        return []
    if pattern.count > 1:
        if pattern.count + outline.expanded > _MOST_NAMES:
            outline.leave(line, name, f"with it the ranges stand for more than {_MOST_NAMES:,} names in all")
            return []
        outline.expanded += pattern.count
    return pattern.expand()
