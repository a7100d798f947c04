"""What holds for a line by where it stands: site, rack, domain, defaults, and the header above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from matrix_grammar.model.facts import EMPTY, Facts, Value
from matrix_grammar.model.host import Host


@dataclass(slots=True, eq=False)
class Result:
    """What one host line says.

    `hosts` are whole hosts of a declaring line; those of a line that adds to hosts declared elsewhere have no
    addresses and no full name. `keys` are their names in lower case, `identities` what their addresses are told
    apart by, `undeclared` properties that no `@property` declares, `references` what properties of type `host` say.
    `version` is that of the headers' text for which the hosts hold a catalogue, 0 while that is not known.
    """

    hosts: tuple[Host, ...]
    declares: bool
    keys: tuple[str, ...]
    identities: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    version: int = 0


NOTHING = Result((), False, ())


class Surroundings(NamedTuple):
    """The values of a scope. `role` is that of the header above, for indented lines."""

    site: str | None = None
    rack: str | None = None
    domain: str | None = None
    role: str | None = None
    defaults: tuple[tuple[str, Value], ...] = ()


@dataclass(slots=True, eq=False)
class Scope:
    """One setting, with what lines were found to say under it: `results` by the text of the line."""

    setting: Surroundings
    defaults: Mapping[str, Value] = field(default=EMPTY)
    results: dict[str, Result] = field(default_factory=dict)


class Scopes:
    """Every scope that was ever met, so that equal settings share what was found under them."""

    def __init__(self) -> None:
        self._known: dict[Surroundings, Scope] = {}

    def get(self, setting: Surroundings) -> Scope:
        """The scope of a setting."""
        scope = self._known.get(setting)
        if scope is None:
            scope = self._known[setting] = Scope(setting, Facts(setting.defaults))
        return scope

    @property
    def size(self) -> int:
        """How many results are kept."""
        return sum(len(scope.results) for scope in self._known.values())

    @property
    def weight(self) -> int:
        """How many hosts they are of; one that is of none counts as one."""
        return sum(len(result.hosts) or 1 for scope in self._known.values() for result in scope.results.values())

    def forget(self) -> None:
        """Let go of every result, one by one: tens of thousands freed at once would hold up all other threads."""
        for scope in self._known.values():
            while scope.results:
                scope.results.popitem()
        self._known.clear()

    def change(self, scope: Scope, **changes: object) -> Scope:
        """The scope that differs from another in these values."""
        return self.get(scope.setting._replace(**changes))  # type: ignore[arg-type]
