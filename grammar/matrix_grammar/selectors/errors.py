"""The mistakes of selectors and of names asked of a Fleet, as SelectorError."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place, SelectorError

from .index import BUILT_IN, Indexed

SYNTAX: Final = "M080"
UNKNOWN_NAME: Final = "M081"
NO_MATCH: Final = "M082"
WRONG_RANGE: Final = "M083"
UNKNOWN_PROPERTY: Final = "M084"
UNKNOWN_VALUE: Final = "M085"
NO_NUMBER: Final = "M086"
NO_VALUE: Final = "M087"

_SHOWN = 12


def problem(text: str, code: str, start: int, end: int, message: str, *, cure: str = "", hint: str = "") -> Diagnostic:
    """A mistake in a selector; offsets count from 0, and an empty stretch is widened to one column."""
    place = Place("selector", 1, start + 1, max(end, start + 1) + 1)
    return Diagnostic(code, "error", place, message, text, cure, hint)


def mistake(
    text: str, code: str, start: int, end: int, message: str, *, cure: str = "", hint: str = ""
) -> SelectorError:
    """The same as an exception."""
    return SelectorError([problem(text, code, start, end, message, cure=cure, hint=hint)])


def listed(words: Iterable[tuple[str, Iterable[str]]]) -> str:
    """A hint of the names that are known, kind by kind: `roles here: lv, ps; groups: front`."""
    parts: list[str] = []
    for kind, names in words:
        known = list(names)
        if known:
            more = f", … {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
            parts.append(f"{kind}{'' if parts else ' here'}: {', '.join(known[:_SHOWN])}{more}")
    return "; ".join(parts)


def unknown_name(fleet: Indexed, name: str, kind: str) -> SelectorError:
    """The error for a name that was asked for and is not known.

    `kind` is `host`, `role`, `group`, `property`, or `name` for any of the first three.
    """
    index = fleet.index
    kinds: dict[str, Iterable[str]] = {"role": index.roles, "group": index.groups, "host": index.names}
    if kind == "property":
        kinds = {kind: (*BUILT_IN, *index.properties)}
    elif kind in kinds:
        kinds = {kind: kinds[kind]}
    code = UNKNOWN_PROPERTY if kind == "property" else UNKNOWN_NAME
    hint = listed((f"{each[:-1]}ies" if each == "property" else f"{each}s", names) for each, names in kinds.items())
    known = [each for names in kinds.values() for each in names]
    place = Place("selector", 1, 1, max(len(name), 1) + 1)
    cure = did_you_mean(nearest(name, known))
    return SelectorError([Diagnostic(code, "error", place, f"unknown {kind} {name}", name, cure, hint)])
