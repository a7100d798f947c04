"""What a selector asks of a Fleet, as sets of bits: bit n stands for the n-th host of the MATRIX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from matrix_grammar.model.model import EMPTY, Value, texts

from .hostset import bits_of

if TYPE_CHECKING:
    from matrix_grammar.fleet import Fleet
    from matrix_grammar.model.model import Host

BUILT_IN: Final = ("site", "rack", "name", "address", "state")
"""The facts that every host has, beside its properties."""

Texts = tuple[str, ...]


class Index:
    """The sets of one Fleet, each made when it is first asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._sets: dict[str, int] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all hosts, in order."""
        return tuple(host.name for host in self.fleet.hosts)

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """The same in lower case."""
        return tuple(name.lower() for name in self.names)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each host by its name in lower case."""
        return {name: position for position, name in enumerate(self.lowered)}

    @cached_property
    def full_names(self) -> Mapping[str, int]:
        """The position of each host by its full name in lower case; a name counts before a full name."""
        return {host.fullname.lower(): position for position, host in enumerate(self.fleet.hosts)}

    @cached_property
    def everything(self) -> int:
        """All hosts."""
        return (1 << len(self.fleet.hosts)) - 1

    def word(self, text: str) -> int | None:
        """The hosts of a role, group, state or `UP`, out of service or not; None when it is no such word."""
        if text not in self._sets:
            found = self._find(text)
            if found is None:
                return None
            self._sets[text] = found
        return self._sets[text]

    def host(self, text: str) -> int | None:
        """The position of a host by name or full name, compared without case."""
        lowered = text.lower()
        position = self.positions.get(lowered)
        return self.full_names.get(lowered) if position is None else position

    def _find(self, text: str) -> int | None:
        fleet = self.fleet
        positions = self.positions
        if text in fleet.roles:
            return bits_of([positions[host.name.lower()] for host in fleet.roles[text].hosts])
        if text in fleet.groups:
            return bits_of([positions[name.lower()] for name in fleet.groups[text].hosts])
        if text == "UP":
            return bits_of([n for n, host in enumerate(fleet.hosts) if host.in_service])
        if text in fleet.states:
            return bits_of([n for n, host in enumerate(fleet.hosts) if host.state and host.state.name == text])
        return None

    def values(self, key: str) -> list[Texts]:
        """The value of a fact for each host in order, as texts; empty where a host has none."""
        read = _BUILT_IN_VALUES.get(key)
        if read is not None:
            return [read(host) for host in self.fleet.hosts]
        found: list[Texts] = []
        for host in self.fleet.hosts:
            value: Value | None = host.properties.get(key)
            if value is None:
                value = host.defaults.get(key)
            found.append(() if value is None else texts(value))
        return found

    def knows_property(self, key: str) -> bool:
        """Whether a property is declared, built in or set anywhere."""
        return key in self.fleet.property_types or key in self.properties

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Every property that is declared, built in or set anywhere, in that order."""
        known = dict.fromkeys(self.fleet.property_types)
        for role in self.fleet.roles.values():
            known.update(dict.fromkeys(role.keys()))
        seen: set[int] = {id(EMPTY)}
        for host in self.fleet.hosts:
            for mapping in (host.properties, host.defaults, *(m.properties for m in host.memberships)):
                if id(mapping) not in seen:
                    seen.add(id(mapping))
                    known.update(dict.fromkeys(mapping))
        return tuple(known)

    def vocabulary(self, key: str) -> tuple[str, ...] | None:
        """The names that a built-in fact may have here, or None when it may have any text."""
        if key == "site":
            return self.fleet.sites
        if key == "rack":
            return tuple(dict.fromkeys(host.rack for host in self.fleet.hosts if host.rack is not None))
        if key == "state":
            return tuple(self.fleet.states)
        return self.names if key == "name" else None


def _only(value: str | None) -> Texts:
    return () if value is None else (value,)


_BUILT_IN_VALUES: Mapping[str, Callable[[Host], Texts]] = {
    "site": lambda host: _only(host.site),
    "rack": lambda host: _only(host.rack),
    "name": lambda host: (host.name.lower(),),
    "address": lambda host: host.addresses or (host.fullname,),
    "state": lambda host: _only(host.state.name if host.state else None),
}


def words(fleet: Fleet) -> Iterable[tuple[str, Iterable[str]]]:
    """What may stand in a selector beside hosts, kind by kind."""
    return (("roles", fleet.roles), ("groups", fleet.groups), ("states", (*fleet.states, "UP")))
