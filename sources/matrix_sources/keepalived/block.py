"""A block of keepalived.conf that is taken apart word by word: what nobody takes is told when it is closed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from matrix_sources.outline.outline import Outline

from .conf import KeepalivedStatement

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_TIMER: Final = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,6}))?")
_UNKNOWN: Final = "MATRIX has nothing like it"


class Block:
    """The statements of a block that are not taken yet."""

    def __init__(self, statements: Iterable[KeepalivedStatement], outline: Outline) -> None:
        self._left = list(statements)
        self._keywords = {statement.keyword for statement in self._left}
        self.outline = outline

    def all(self, *keywords: str) -> list[KeepalivedStatement]:
        """Take all statements with one of these keywords."""
        if self._keywords.isdisjoint(keywords):
            return []
        found = [statement for statement in self._left if statement.keyword in keywords]
        self._left = [statement for statement in self._left if statement.keyword not in keywords]
        return found

    def last(self, *keywords: str) -> KeepalivedStatement | None:
        """Take the last statement with one of these keywords: it counts, those before it are told."""
        if self._keywords.isdisjoint(keywords):
            return None
        found = self.all(*keywords)
        for statement in found[:-1]:
            leave(self.outline, statement, "it is given again below")
        return found[-1] if found else None

    def number(self, keyword: str, low: int, high: int) -> int | None:
        """Take a whole number; one that is none, or out of bounds, is told and None."""
        statement = self.last(keyword)
        if statement is None:
            return None
        written = statement.words[1] if len(statement.words) == 2 else ""
        if _NUMBER.fullmatch(written) and low <= int(written) <= high:
            return int(written)
        leave(self.outline, statement, f"not a whole number from {low} to {high}")
        return None

    def milliseconds(self, *keywords: str) -> int | None:
        """Take a <TIMER>: seconds with a fraction. One that is none, or not from 1 ms to a day, is told and None."""
        statement = self.last(*keywords)
        if statement is None:
            return None
        match = _TIMER.fullmatch(statement.words[1]) if len(statement.words) == 2 else None
        value = int(match[1]) * 1000 + int(f"{match[2] or ''}000"[:3]) if match else 0
        if not 1 <= value <= 86_400_000:
            leave(self.outline, statement, "not a time from a millisecond to a day")
            return None
        return value

    def word(self, *keywords: str) -> tuple[str, KeepalivedStatement | None]:
        """Take the argument of a statement, and the statement itself; further words are told."""
        statement = self.last(*keywords)
        if statement is None:
            return "", None
        if len(statement.words) < 2:
            leave(self.outline, statement, "nothing stands behind it")
            return "", None
        if len(statement.words) > 2:
            leave(self.outline, statement, f"its further words: {_UNKNOWN}")
        return statement.words[1], statement

    def flag(self, keyword: str) -> bool | None:
        """Take a <BOOL>, which is true when nothing stands behind the keyword; None when it is not there."""
        statement = self.last(keyword)
        if statement is None:
            return None
        written = statement.words[1] if len(statement.words) > 1 else "on"
        if written not in ("on", "true", "yes", "off", "false", "no"):
            leave(self.outline, statement, "neither on nor off")
            return None
        return written in ("on", "true", "yes")

    def close(self, reason: str = _UNKNOWN) -> None:
        """Tell what was not taken."""
        for statement in self._left:
            leave(self.outline, statement, reason)
        self._left = []


def leave(outline: Outline, statement: KeepalivedStatement, reason: str = _UNKNOWN) -> None:
    """Tell a statement, with all of its block, as not carried over."""
    outline.leave(statement.line, shown(statement), reason)


def shown(statement: KeepalivedStatement) -> str:
    """A statement in one line, its block as an ellipsis."""
    return " ".join(statement.words) + (" { … }" if statement.block is not None else "")


def duration(milliseconds: int) -> str:
    """A time as MATRIX spells it."""
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
