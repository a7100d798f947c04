"""Bounds of what an own template can make: the size of every text, list and number, and the number of steps.

Every operator, filter and method that can make much out of little is asked for first what it would make.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from matrix_emitters.errors import EmitterError

MOST_CHARACTERS: Final = 16_000_000
"""Characters of one text, and of the whole file."""

MOST_ITEMS: Final = 1_000_000
"""Items of one list, those of lists in it among them."""

MOST_BITS: Final = 65_536
"""Of a whole number."""

MOST_STEPS: Final = 1_000_000
"""Turns of all loops in one file; a call counts as ten."""

WIDEST: Final = 10_000
"""Of a column, as of `center`, `ljust` and `%10d`."""

STEP: Final = " step"
CONCAT: Final = " concat"
"""Filters that no template can name: a turn of a loop, and the operator `~`."""


class Bounding(NodeTransformer):
    """Has every loop count its turns, and every `~` asked for its size."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        """Count a turn."""
        self.generic_visit(node)
        turn = nodes.Filter(nodes.Const(""), STEP, [], [], None, None, lineno=node.lineno)
        node.body.insert(0, nodes.Output([turn], lineno=node.lineno))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        """Put the parts together by the filter."""
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, CONCAT, [], [], None, None, lineno=node.lineno)


def demand(size: int, most: int, what: str) -> None:
    """Raises EmitterError for a size beyond a bound."""
    if size > most:
        raise EmitterError(f"{what}: at most {most:,} are allowed")


def weigh(value: object) -> int:
    """Characters of a value as text, about. Raises EmitterError for lists of too many items."""
    left, found, waiting = MOST_ITEMS, 0, [value]
    while waiting:
        one = waiting.pop()
        left -= 1
        if left < 0:
            raise EmitterError(f"items of a list: at most {MOST_ITEMS:,} are allowed")
        if isinstance(one, str):
            found += len(one)
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        else:
            found += 20
    return found


def binary(operator: str, left: Any, right: Any) -> None:
    """Raises EmitterError for an operation that would make too much."""
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
        if operator in ("*", "**") and right > 0:
            demand(bits, MOST_BITS, "bits of a number")
    elif operator == "*":
        many, times = (left, right) if isinstance(right, int) else (right, left)
        if isinstance(times, int) and isinstance(many, str | list | tuple):
            length(many, len(many) * times)
    elif operator == "+" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        length(left, len(left) + len(right))
    elif operator == "%" and isinstance(left, str):
        formatted(left, right)


def length(of: object, size: int) -> None:
    """Raises EmitterError when so long a text or list is too long."""
    text = isinstance(of, str)
    demand(size, MOST_CHARACTERS if text else MOST_ITEMS, "characters of a text" if text else "items of a list")


def formatted(pattern: str, values: object) -> None:
    """Raises EmitterError for a pattern of `%` that would make too much: a width is written in it, or given as `*`."""
    digits = 0
    for letter in pattern:
        digits = digits * 10 + int(letter) if letter in "0123456789" else 0
        demand(digits, WIDEST, "columns of a format")
    if "*" in pattern:
        raise EmitterError("a format with * for its width: write the width")
    length("", len(pattern) + (WIDEST + weigh(values)) * pattern.count("%"))


def call(function: object, arguments: Iterable[Any], keywords: Mapping[str, Any]) -> None:
    """Raises EmitterError for a method of a text that would make too much."""
    name = getattr(function, "__name__", "")
    of = getattr(getattr(function, "__wrapped__", function), "__self__", None)  # the sandbox wraps `format`
    if not isinstance(of, str):
        return
    given = [*arguments, *keywords.values()]
    for each in given:
        if isinstance(each, int) and name not in (
            "find",
            "rfind",
            "index",
            "rindex",
            "count",
            "startswith",
            "endswith",
        ):
            demand(abs(each), WIDEST, f"columns of {name}")
    if name == "expandtabs":
        length("", len(of) + of.count("\t") * WIDEST)
    elif name in ("join", "replace", "translate", "format", "format_map"):
        joined(name, of, given)


def joined(name: str, of: str, given: list[Any]) -> None:
    """Raises EmitterError when putting these together makes too much."""
    if name == "join" and given and isinstance(given[0], list | tuple):
        length("", weigh(given[0]) + len(of) * len(given[0]))
    elif name == "replace" and len(given) >= 2 and all(isinstance(each, str) for each in given[:2]):
        length("", len(of) + (of.count(given[0]) if given[0] else len(of) + 1) * len(given[1]))
    elif name == "format":
        formatted(of.replace("%", "").replace("*", ""), ())
        if any("{" in part.partition("}")[0] for part in of.split(":")[1:]):
            raise EmitterError("a format with {} for its width: write the width")
        length("", len(of) + (WIDEST + weigh(given)) * of.count("{"))
    elif name in ("translate", "format_map"):
        raise EmitterError(f"{name} is no method for templates")
