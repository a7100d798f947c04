"""The sets of a Fleet in a form that can be kept: selectors of names are answered from it without reading the MATRIX.

Facts, and every mistake, need the Fleet itself; for them there is no answer here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import compress
from typing import Any, Final, NoReturn

from matrix_grammar.ranges.ranges import RangeError

from .hostset import flags
from .index import Indexed, NameIndex
from .names import NameEvaluation
from .nodes import Chain, Fact, Name, Node
from .scanner import scan

STORED_FORMAT: Final = 1
"""Changes with the form of what `stored` gives."""


def stored(fleet: Indexed) -> dict[str, Any]:
    """The names and sets of a fleet, as values that JSON can hold; sets are hexadecimal."""
    index = fleet.index
    words = (*index.roles, *index.groups, *index.states, "UP")
    full = {name: position for name, position in index.full_names.items() if name not in index.positions}
    return {
        "names": list(index.names),
        "full_names": full,
        "words": {word: f"{index.word(word) or 0:x}" for word in words},
    }


def select_stored(kept: Mapping[str, Any], selector: str) -> tuple[str, ...] | None:
    """The names that a selector names, in the order of the MATRIX, or None when the Fleet must be asked."""
    node = scan(selector)
    if node is None or _has_fact(node):
        return None
    index = _StoredIndex(kept)
    try:
        bits = _StoredEvaluation(index).bits(node)
    except _NotStoredError:
        return None
    return tuple(compress(index.names, flags(bits)))


def _has_fact(node: Node) -> bool:
    if isinstance(node, Chain):
        return any(_has_fact(part) for part in (node.first, *(term for _, term in node.rest)))
    return isinstance(node, Fact)


class _NotStoredError(Exception):
    pass


class _StoredIndex(NameIndex):
    """The sets that `stored` kept."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept

    @cached_property
    def names(self) -> tuple[str, ...]:
        """As the index of the fleet had them."""
        return tuple(self._kept["names"])

    @cached_property
    def full_names(self) -> Mapping[str, int]:
        """As the index of the fleet had them, without those that are names too."""
        return self._kept["full_names"]  # type: ignore[no-any-return]  # as JSON had it

    def word(self, text: str) -> int | None:
        """As the index of the fleet had it."""
        bits = self._kept["words"].get(text)
        return None if bits is None else int(bits, 16)


class _StoredEvaluation(NameEvaluation[_StoredIndex]):
    """Evaluates names alone: for a fact or a mistake it raises _NotStoredError, since both need all that is known."""

    def _fact(self, node: Fact) -> NoReturn:
        raise _NotStoredError

    def _unknown(self, node: Name) -> NoReturn:
        raise _NotStoredError

    def _wrong_range(self, node: Name, error: RangeError) -> NoReturn:
        raise _NotStoredError

    def _missing(self, node: Name, missing: list[str]) -> NoReturn:
        raise _NotStoredError
