"""Changes as lines for people: `w[101-103]  weight 10 → 20`."""

from __future__ import annotations

from .difference import Change
from .folding import fold
from .model import Value, texts

_SIGNS = {"added": "+", "removed": "-", "changed": " "}


def describe(change: Change) -> str:
    """One line without its line end. Values stand as they are: make them safe before a terminal sees them."""
    return f"{_SIGNS[change.kind]} {_who(change)}  {_what(change)}".rstrip()


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
