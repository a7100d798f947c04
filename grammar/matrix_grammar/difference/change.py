"""One change in meaning, as a value, and the helpers that find and gather changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from matrix_grammar.model.facts import Value

Subject = Literal["host", "role", "group", "state", "property"]
Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise than before, of all the `names` of which it is so.

    `aspect` says what of them changed (empty when they themselves came or went): `name`, `address`, `fullname`, `site`,
    `rack`, `note`, `state`, `role` (they joined or left `role`), `property`, `default`, `order` and others. With a
    property `key` is its name; `role` and `site` say where it holds. `old` or `new` is None where there was nothing.
    """

    subject: Subject
    names: tuple[str, ...]
    kind: Kind
    aspect: str = ""
    key: str = ""
    role: str = ""
    site: str = ""
    old: Value | None = None
    new: Value | None = None


def gathered(changes: Iterable[Change]) -> list[Change]:
    """Changes that differ in their names alone as one, where the first of them stands."""
    names: dict[tuple[Change, str], tuple[Change, list[str]]] = {}
    for change in changes:
        alike = replace(change, names=())
        names.setdefault((alike, repr((change.old, change.new))), (alike, []))[1].extend(change.names)
    return [replace(change, names=tuple(alike)) for change, alike in names.values()]


def moved(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The fewest of the names in both that must move to turn the one order into the other, in the new order."""
    place = {name: position for position, name in enumerate(old)}
    common = [name for name in new if name in place]
    tails: list[int] = []
    lengths: list[int] = []
    for name in common:
        length = bisect_left(tails, place[name])
        tails[length : length + 1] = [place[name]]
        lengths.append(length)
    staying: set[str] = set()
    wanted = len(tails) - 1
    for name, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted:
            staying.add(name)
            wanted -= 1
    return tuple(name for name in common if name not in staying)


def differing(old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[tuple[str, Value | None, Value | None]]:
    """The keys whose values differ, with both; a value equals only one of its own type (`1` is not `true`)."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before != after or _types(before) != _types(after):
            yield key, before, after


def _types(value: Value | None) -> object:
    return [type(item) for item in value] if isinstance(value, tuple) else type(value)
