"""States, types of properties and named selections, as a text declares them by its directives."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Group(Named):
    """A named selection: its selector as written, and the hosts it selects, in the order of the MATRIX."""

    name: str
    selector: str
    hosts: tuple[str, ...]
