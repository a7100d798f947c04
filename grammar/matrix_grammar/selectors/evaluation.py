"""Facts of a selector, such as `site=tky1`, and every mistake of it, found in one go; `names.py` has the operators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.diagnostic import Diagnostic, SelectorError
from matrix_grammar.ranges.folding import fold
from matrix_grammar.ranges.ranges import RangeError

from .errors import (
    NO_MATCH,
    NO_NUMBER,
    UNKNOWN_NAME,
    UNKNOWN_PROPERTY,
    UNKNOWN_VALUE,
    WRONG_RANGE,
    listed,
    problem,
)
from .hostset import bits_of
from .index import BUILT_IN, Index, Texts
from .names import NameEvaluation
from .nodes import Fact, Name, Node

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?")
_MOST_CURES: Final = 3
_SHAPE: Final = re.compile(r"[0-9]+|\[[^\[\]]*\]|[*?]+")


class Evaluation(NameEvaluation[Index]):
    """One selector over one index; afterwards `problems` holds what was wrong."""

    def __init__(self, index: Index, text: str) -> None:
        super().__init__(index)
        self._text = text
        self.problems: list[Diagnostic] = []

    def run(self, node: Node) -> int:
        """The bits of the hosts. Raises SelectorError with all problems, in order of place."""
        bits = self.bits(node)
        if self.problems:
            raise SelectorError(sorted(self.problems, key=lambda problem: problem.place))
        return bits

    def _wrong(self, node: Name | Fact, code: str, message: str, cure: str = "", hint: str = "") -> int:
        self.problems.append(problem(self._text, code, node.start, node.end, message, cure=cure, hint=hint))
        return 0

    def _meant(self, word: str, known: Sequence[str]) -> str:
        """The cure that names what was probably meant; looked for only for the first few, for it takes its time."""
        return did_you_mean(nearest(word, known)) if len(self.problems) < _MOST_CURES else ""

    def _unknown(self, node: Name) -> int:
        kinds = self._index.words()
        known = [name for _, names in kinds for name in names]
        cure = self._meant(node.text, (*known, *self._index.names))
        return self._wrong(node, UNKNOWN_NAME, f"unknown name {node.text}", cure, listed(kinds))

    def _wrong_range(self, node: Name, error: RangeError) -> int:
        start, message, cure = node.start + error.start, error.message, ""
        odd = next((letter for letter in node.text[error.start : error.end] if not letter.isascii()), "")
        if odd:
            from matrix_common.characters import what_it_is

            what, cure = what_it_is(odd)
            message = what or message
        self.problems.append(problem(self._text, WRONG_RANGE, start, node.start + error.end, message, cure=cure))
        return 0

    def _missing(self, node: Name, missing: list[str]) -> int:
        """Names the hosts that a pattern asks for in vain, and those of the same shape that there are."""
        letters = _SHAPE.sub("#", node.text.lower())
        alike = [name for name in self._index.names if _SHAPE.sub("#", name.lower()) == letters]
        hint = f"hosts of this shape: {_short(fold(alike))}" if alike else listed(self._index.words())
        if any(letter in missing[0] for letter in "*?"):
            message = f"no host matches {_short(', '.join(missing))}"
        else:
            message = f"no host {_short(fold(missing))}"
        cure = ""
        if not alike:
            cure = self._meant(missing[0], self._index.names)
        return self._wrong(node, NO_MATCH, message, cure, hint)

    def _fact(self, node: Fact) -> int:
        index = self._index
        if node.key not in BUILT_IN and not index.knows_property(node.key):
            known = (*BUILT_IN, *index.properties)
            hint = listed([("facts", known)])
            cure = self._meant(node.key, known)
            return self._wrong(node, UNKNOWN_PROPERTY, f"unknown property {node.key}", cure, hint)
        if node.operator in ("=", "!="):
            return self._equality(node)
        if not _NUMBER.fullmatch(node.value):
            message = f"`{node.operator}` compares numbers, and {node.value or 'an empty text'} is none"
            return self._wrong(node, NO_NUMBER, message, f"write `{node.key}={node.value}` for equal texts")
        return self._comparison(node)

    def _equality(self, node: Fact) -> int:
        wanted = node.value.lower() if node.key == "name" else node.value
        vocabulary = self._index.vocabulary(node.key)
        if vocabulary is not None:
            known = self._index.lowered if node.key == "name" else vocabulary
            if wanted not in known:
                cure = self._meant(node.value, vocabulary)
                hint = listed([(f"{node.key}s", vocabulary)])
                return self._wrong(node, UNKNOWN_VALUE, f"unknown {node.key} {node.value}", cure, hint)
        equal = bits_of([n for n, value in enumerate(self._index.values(node.key)) if wanted in value])
        return equal if node.operator == "=" else self._index.everything & ~equal

    def _comparison(self, node: Fact) -> int:
        wanted = _number(node.value)
        return bits_of(
            [n for n, value in enumerate(self._index.values(node.key)) if _holds(value, node.operator, wanted)]
        )


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _holds(value: Texts, operator: str, wanted: int | float) -> bool:
    """Whether any item of a value is a number for which the comparison holds."""
    for item in value:
        if not _NUMBER.fullmatch(item):
            continue
        number = _number(item)
        if operator == "<" and number < wanted:
            return True
        if operator == "<=" and number <= wanted:
            return True
        if operator == ">" and number > wanted:
            return True
        if operator == ">=" and number >= wanted:
            return True
    return False


def _short(text: str, limit: int = 100) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
