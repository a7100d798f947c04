"""What values are, how they are spelled, and properties by name; and the order of what has a name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import total_ordering
from typing import NoReturn

Scalar = str | int | float | bool
"""One value. `int`, `number` and `bool` properties hold that Python type, every other type holds its text."""

Value = Scalar | tuple[Scalar, ...]
"""What a property holds: one scalar, or several in the order they were given."""


class Facts(dict[str, Value]):
    """Properties by name: a dict that nobody changes, so that it can be shared and hashed by content."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _refuse(self, *arguments: object, **more: object) -> NoReturn:
        raise TypeError("the facts of a Fleet cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


def sorted_facts(values: Mapping[str, Value]) -> Facts:
    """Properties in the order of their names, so that equal facts are written alike wherever they go."""
    return Facts(values) if len(values) < 2 else Facts(sorted(values.items()))


EMPTY: Mapping[str, Value] = Facts()


def text(value: Scalar) -> str:
    """The one spelling of a value as text: what a shell, a report and a selector see."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def texts(value: Value) -> tuple[str, ...]:
    """The spellings of a value, always as a tuple."""
    return tuple(text(item) for item in value) if isinstance(value, tuple) else (text(value),)


@total_ordering
class Named:
    """Two of one kind in the order of their names, compared without case first."""

    __slots__ = ()

    name: str

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Named) or type(self) is not type(other):
            return NotImplemented
        return (self.name.lower(), self.name) < (other.name.lower(), other.name)
