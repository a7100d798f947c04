"""Changes as lines for people: `w[101-103]  weight 10 → 20`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from matrix_grammar.model.facts import Value, texts
from matrix_grammar.ranges.folding import fold
from matrix_grammar.ranges.ranges import RangeError, expand

from .change import Change

_SIGNS = {"added": "+", "removed": "-", "changed": " "}


def describe(change: Change) -> str:
    """One line without its line end. Values stand as they are: make them safe before a terminal sees them."""
    return f"{_SIGNS[change.kind]} {_who(change)}  {_what(change)}".rstrip()


def describe_all(changes: Iterable[Change]) -> list[str]:
    """All changes as lines; those whose values go in step with the names as one: `w[1-3]  address 10.0.0.[1-3] → …`."""
    lines: list[str] = []
    for _, alike in groupby(changes, key=lambda change: replace(change, names=(), old=None, new=None)):
        group = list(alike)
        together = _in_step(group) if len(group) > 1 else None
        lines += [describe(together)] if together else [describe(change) for change in group]
    return lines


def _in_step(changes: list[Change]) -> Change | None:
    """One change with ranges in its values for several of single hosts, if ranges can say exactly that."""
    if any(change.subject != "host" or len(change.names) != 1 for change in changes):
        return None
    first = changes[0]
    names = fold(change.names[0] for change in changes)
    columns = [[change.old for change in changes], [change.new for change in changes]]
    values = [None if all(value is None for value in column) else _folded(column) for column in columns]
    if "" in values or _expanded(names) != [change.names[0] for change in changes]:
        return None
    return replace(first, names=(names,), old=values[0], new=values[1])


def _folded(values: list[Value | None]) -> str:
    """Values as one pattern that gives them in this order, or an empty text when there is none."""
    single = [value[0] if isinstance(value, tuple) and len(value) == 1 else value for value in values]
    if not all(isinstance(value, str) for value in single):
        return ""
    written = [str(value) for value in single]
    pattern = fold(written)
    return pattern if _expanded(pattern) == written else ""


def _expanded(pattern: str) -> list[str] | None:
    try:
        return expand(pattern)
    except RangeError:
        return None


def _who(change: Change) -> str:
    if change.subject == "host":
        who = fold(change.names)
        return who if change.aspect else f"host {who}"
    return f"{change.subject} {', '.join(change.names)}"


def _what(change: Change) -> str:
    old, new = change.old, change.new
    if not change.aspect:
        value = old if change.kind == "removed" else new
        return f"in {', '.join(texts(value))}" if value else ""
    if change.aspect == "role":
        return f"in {change.role}"
    if change.aspect == "hosts":
        return fold(texts((old if change.kind == "removed" else new) or ()))
    if change.aspect == "order":
        moved = f": {fold(texts(new))}" if new else ""
        return f"moved in the order{moved}"
    where = f"in {change.role}: " if change.role else f"at {change.site}: " if change.site else ""
    if change.aspect == "header":
        return f"{where}a header"
    what = {"property": change.key, "default": f"@default {change.key}"}.get(change.aspect, change.aspect)
    return f"{where}{what} {_value(old)} → {_value(new)}"


def _value(value: Value | None) -> str:
    if value is None:
        return "(none)"
    shown = [text if text and not set(text) & set(', "') else f'"{text}"' for text in texts(value)]
    if isinstance(value, tuple):
        return ", ".join(shown) or "(none)"
    return texts(value)[0] or '""'
