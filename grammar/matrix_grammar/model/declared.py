"""States, types of properties and named selections, as a text declares them by its directives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .facts import Named


@dataclass(frozen=True, slots=True)
class StateKind(Named):
    """A state that may be written: built in (`WARN`, `STOP`) or from `@state`; `out` takes a host out of service."""

    name: str
    in_service: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class PropertyType(Named):
    """The declared type of a property; `kind` is the word of `@property`, `choices` those of `one-of`."""

    name: str
    kind: str = "text"
    is_list: bool = False
    meaning: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    declared: bool = True


class ValueForm(NamedTuple):
    """What the text of a property's value looks like beyond its type, in one of three ways.

    `name` is a form that `value_forms` knows, as `host name`. Else the value is one of `words`, or matches the regular
    expression `pattern` as a whole; `noun` says what it is not when it does not, `cure` what to write.
    """

    name: str = ""
    words: tuple[str, ...] = ()
    pattern: str = ""
    noun: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Group(Named):
    """A named selection: its selector as written, and the hosts it selects, in the order of the MATRIX."""

    name: str
    selector: str
    hosts: tuple[str, ...]
