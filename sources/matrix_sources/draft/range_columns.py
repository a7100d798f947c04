"""The texts of one cell down rows that may become one: `w101`, `w102`, `w104` to `w[101-102,104]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = re.compile(r"([0-9]+)")
_MOST_DIGITS: Final = 15


@dataclass(slots=True)
class Column:
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

    def due(self, count: int) -> list[str]:
        """The next `count` texts if each follows the one before; none where their numbers become too long."""
        number, width = int(self._last) + 1, len(self._last)
        if len(str(number + count)) > _MOST_DIGITS:
            return []
        head, tail = self._head, self._tail
        return [f"{head}{each:0{width}d}{tail}" for each in range(number, number + count)]

    def keep(self, texts: list[str]) -> None:
        """Keep texts that are due."""
        self.texts += texts[:-1]
        self._next = texts[-1]
        self.add(self._next)

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
