"""Ranges in names, addresses and values: `w[101-103]`, `n[001-120]`, `[1-9/2]`, `[1-3,7]`, `[a-f]`, `r[1-2]n[01-04]`.

A pattern is counted before it is expanded, so that `[1-1000000000]` costs nothing. Items keep the order and the
repetitions in which they are written; with several dimensions the last one turns fastest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import NamedTuple

from .folding import fold, fold_digits

__all__ = ["Pattern", "RangeError", "expand", "fold", "fold_digits", "parse"]

LARGEST = 1_000_000
"""A pattern may expand to this many texts at most."""

_BRACKETS = re.compile(r"\[([^\[\]]*)\]|[\[\]]")
_NUMBERS = re.compile(r"([0-9]+)(?:-([0-9]+)(?:/([0-9]+))?)?")
_LETTERS = re.compile(r"([a-zA-Z])(?:-([a-zA-Z])(?:/([0-9]+))?)?")
_MOST_DIGITS = 18


class RangeError(ValueError):
    """A range that is not one. `start` and `end` are offsets in the pattern, `end` the one after the last character."""

    def __init__(self, message: str, start: int, end: int) -> None:
        self.message = message
        self.start = start
        self.end = end
        super().__init__(message)


class Span(NamedTuple):
    """One item of a bracket: the numbers or letters of `codes`, written with at least `width` digits."""

    codes: range
    width: int = 0
    letters: bool = False

    def texts(self) -> list[str]:
        """What it stands for, one by one."""
        if self.letters:
            return [chr(code) for code in self.codes]
        if self.width:
            return [f"{code:0{self.width}d}" for code in self.codes]
        return [str(code) for code in self.codes]


Dimension = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with ranges, parsed: `literals` are the parts around the brackets, one more than `dimensions`."""

    text: str
    literals: tuple[str, ...]
    dimensions: tuple[Dimension, ...]

    @property
    def has_ranges(self) -> bool:
        """Whether there is any bracket in it."""
        return bool(self.dimensions)

    @property
    def count(self) -> int:
        """How many texts it stands for, found without expanding it."""
        return prod(sum(len(span.codes) for span in dimension) for dimension in self.dimensions)

    def expand(self) -> list[str]:
        """All texts that it stands for, in the order written. See `count` first."""
        if not self.dimensions:
            return [self.text]
        columns = [[text for span in dimension for text in span.texts()] for dimension in self.dimensions]
        if len(columns) == 1:
            head, tail = self.literals
            return [head + middle + tail for middle in columns[0]]
        parts: list[list[str]] = [[self.literals[0]]]
        for column, literal in zip(columns, self.literals[1:], strict=True):
            parts += [column, [literal]]
        return ["".join(combination) for combination in product(*parts)]


def parse(text: str) -> Pattern:
    """A text with its brackets understood; without brackets it stands for itself. Raises RangeError."""
    if "[" not in text and "]" not in text:
        return Pattern(text, (text,), ())
    literals: list[str] = []
    dimensions: list[Dimension] = []
    position = 0
    for match in _BRACKETS.finditer(text):
        if match[0] == "[":
            raise RangeError("the bracket is not closed", match.start(), len(text))
        if match[0] == "]":
            raise RangeError("there is no `[` to this `]`", match.start(), match.end())
        literals.append(text[position : match.start()])
        dimensions.append(_dimension(match[1], match.start(1)))
        position = match.end()
    literals.append(text[position:])
    return Pattern(text, tuple(literals), tuple(dimensions))


def expand(text: str, limit: int = LARGEST) -> list[str]:
    """All texts that a pattern stands for. Raises RangeError, also when they are more than `limit`."""
    pattern = parse(text)
    if pattern.count > limit:
        raise RangeError(f"it stands for {pattern.count:,} texts; at most {limit:,} are allowed", 0, len(text))
    return pattern.expand()


def _dimension(inner: str, start: int) -> Dimension:
    """The items between two brackets; `start` is the offset of the first one in the pattern."""
    spans: list[Span] = []
    for item in inner.split(","):
        spans.append(_span(item, start))
        start += len(item) + 1
    return tuple(spans)


def _span(item: str, start: int) -> Span:
    end = start + len(item)
    match = _NUMBERS.fullmatch(item)
    if match is None:
        match = _LETTERS.fullmatch(item)
        if match is None:
            what = f"`{item}` is no range" if item else "an empty range"
            cure = "write numbers `1-3`, steps `1-9/2`, letters `a-f`, or several with `,`"
            raise RangeError(f"{what}: {cure}", start, max(end, start + 1))
        return _letters(match[1], match[2], match[3], start, end)
    first, last, step = match[1], match[2] or match[1], _step(match[3], start, end)
    if max(len(first), len(last)) > _MOST_DIGITS:
        raise RangeError(f"a number of more than {_MOST_DIGITS} digits", start, end)
    padded = len(first) > 1 and first[0] == "0"
    if (padded or (len(last) > 1 and last[0] == "0")) and len(first) != len(last):
        raise RangeError(f"`{first}` and `{last}` are padded with zeros to different widths", start, end)
    if int(first) > int(last):
        raise RangeError(f"the range runs backwards: write `{last}-{first}`", start, end)
    return Span(range(int(first), int(last) + 1, step), len(first) if padded else 0)


def _letters(first: str, last: str | None, step: str | None, start: int, end: int) -> Span:
    last = last or first
    if first.isupper() != last.isupper():
        raise RangeError(f"`{first}` and `{last}` are not of one case", start, end)
    if first > last:
        raise RangeError(f"the range runs backwards: write `{last}-{first}`", start, end)
    return Span(range(ord(first), ord(last) + 1, _step(step, start, end)), letters=True)


def _step(digits: str | None, start: int, end: int) -> int:
    if digits is None:
        return 1
    if len(digits) > _MOST_DIGITS or int(digits) == 0:
        raise RangeError(f"`/{digits[:_MOST_DIGITS]}` is no step: write 1 or more", start, end)
    return int(digits)
