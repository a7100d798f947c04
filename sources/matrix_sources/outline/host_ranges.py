"""Names with ranges in foreign texts, expanded within bounds."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from matrix_grammar.ranges import RangeError, parse

from .outline import Outline

MOST_HOSTS: Final = 200_000
"""Hosts of one foreign text."""

_MOST_NAMES: Final = 500_000
"""Names that the ranges of one foreign text stand for in all, the same ones again included."""

_parsed: Final = lru_cache(maxsize=16)(parse)
"""Lines that stand together often name the same hosts; a pattern is small, whatever it stands for."""


def expand_name(outline: Outline, line: int, name: str) -> list[str]:
    """The names that a name with brackets stands for; one that is no range, or too many, is told and gives none."""
    if "[" not in name and "]" not in name and len(outline.hosts) < MOST_HOSTS:
        return [name]
    try:
        pattern = _parsed(name)
    except RangeError as error:
        outline.leave(line, name, error.message)
        return []
    count = pattern.count
    if count + len(outline.hosts) > MOST_HOSTS:
        outline.leave(line, name, f"more than {MOST_HOSTS:,} hosts")
        return []
    if count > 1:
        if count + outline.expanded > _MOST_NAMES:
            outline.leave(line, name, f"with it the ranges stand for more than {_MOST_NAMES:,} names in all")
            return []
        outline.expanded += count
    return pattern.expand()
