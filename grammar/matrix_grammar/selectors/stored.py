"""The sets of a Fleet in a form that can be kept: selectors of names are answered from it without reading the MATRIX.

Facts, and every mistake, need the Fleet itself; for them there is no answer here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from matrix_grammar.diagnostics.diagnostic import SelectorError

from .evaluation import Evaluation
from .hostset import flags
from .index import Index
from .nodes import Chain, Fact, Node
from .scanner import scan

if TYPE_CHECKING:
    from matrix_grammar.fleet import Fleet

STORED_FORMAT: Final = 1
"""Changes with the form of what `stored` gives."""


def stored(fleet: Fleet) -> dict[str, Any]:
    """The names and sets of a fleet, as values that JSON can hold; sets are hexadecimal."""
    index = fleet.index
    words = (*fleet.roles, *fleet.groups, *fleet.states, "UP")
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
        bits = Evaluation(index, selector).run(node)
    except (_NotStoredError, SelectorError):
        return None
    return tuple(compress(index.names, flags(bits)))


def _has_fact(node: Node) -> bool:
    if isinstance(node, Chain):
        return any(_has_fact(part) for part in (node.first, *(term for _, term in node.rest)))
    return isinstance(node, Fact)


class _NotStoredError(Exception):
    pass


class _StoredIndex(Index):
    """The index that `stored` kept; whatever else is asked of it raises _NotStoredError."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept
        self.names = tuple(kept["names"])
        self.full_names = kept["full_names"]
        self.everything = (1 << len(self.names)) - 1

    @property
    def fleet(self) -> Fleet:  # type: ignore[override]
        """There is none: a mistake needs all that is known, to name what was meant."""
        raise _NotStoredError

    def word(self, text: str) -> int | None:
        """As the index of the fleet had it."""
        bits = self._kept["words"].get(text)
        return None if bits is None else int(bits, 16)
