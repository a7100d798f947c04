"""The operators of a selector (`,` `&` `!` `^`) and its names, evaluated over an index of names alone."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from fnmatch import translate
from typing import Final, Generic, TypeVar

from matrix_grammar.ranges.ranges import LARGEST, RangeError, expand

from .hostset import bits_of
from .index import NameIndex
from .nodes import Fact, Name, Node

_MOST_WILDCARDS: Final = 100
_LEAST_TEXTS: Final = 10_000

AnyIndex = TypeVar("AnyIndex", bound=NameIndex)


class NameEvaluation(ABC, Generic[AnyIndex]):
    """Evaluates selectors over one index. What becomes of facts and of mistakes is for the classes below it."""

    def __init__(self, index: AnyIndex) -> None:
        self._index = index

    def bits(self, node: Node) -> int:
        """The bits of the hosts."""
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Fact):
            return self._fact(node)
        bits = self.bits(node.first)
        for operator, term in node.rest:
            other = self.bits(term)
            if operator == ",":
                bits |= other
            elif operator == "&":
                bits &= other
            elif operator == "!":
                bits &= ~other
            else:
                bits ^= other
        return bits

    @abstractmethod
    def _fact(self, node: Fact) -> int:
        """The hosts for which a comparison holds."""

    @abstractmethod
    def _unknown(self, node: Name) -> int:
        """What to do with a name that nothing has."""

    @abstractmethod
    def _wrong_range(self, node: Name, error: RangeError) -> int:
        """What to do with a range that is none."""

    @abstractmethod
    def _missing(self, node: Name, missing: list[str]) -> int:
        """What to do with a pattern that stands for these texts too, which name no host."""

    def _limit(self, pattern: str) -> int:
        """How many texts a pattern may stand for: so many that a selector from anywhere cannot hold a server up."""
        if "*" in pattern or "?" in pattern:
            return _MOST_WILDCARDS
        return min(LARGEST, max(_LEAST_TEXTS, 2 * len(self._index.names)))

    def _name(self, node: Name) -> int:
        if node.text == "*":
            return self._index.everything
        if node.is_pattern:
            return self._pattern(node)
        bits = self._index.word(node.text)
        if bits is not None:
            return bits
        position = self._index.host(node.text)
        return self._unknown(node) if position is None else 1 << position

    def _pattern(self, node: Name) -> int:
        """All hosts of a pattern; each text that its ranges stand for must name one."""
        try:
            parts = expand(node.text, self._limit(node.text))
        except RangeError as error:
            return self._wrong_range(node, error)
        positions: set[int] = set()
        missing: list[str] = []
        for part in parts:
            if "*" in part or "?" in part:
                matched = self._matches(part)
                positions.update(matched)
            else:
                position = self._index.host(part)
                matched = [] if position is None else [position]
                positions.update(matched)
            if not matched:
                missing.append(part)
        return self._missing(node, missing) if missing else bits_of(positions)

    def _matches(self, glob: str) -> list[int]:
        match = re.compile(translate(glob.lower())).match
        return [position for position, name in enumerate(self._index.lowered) if match(name)]
