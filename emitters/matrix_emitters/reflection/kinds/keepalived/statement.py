"""Reading single values out of statements of a keepalived.conf."""

from __future__ import annotations

from matrix_sources.keepalived import KeepalivedStatement


def first(block: KeepalivedStatement, keyword: str, default: str) -> str:
    """The first argument of the last statement with that keyword, as keepalived takes it."""
    given = [statement.arguments[0] for statement in block.each(keyword) if statement.arguments]
    return given[-1] if given else default


def number(text: str) -> int | None:
    """A whole number of at most nine digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
