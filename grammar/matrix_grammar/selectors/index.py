"""The sets of hosts that a selector asks for, as bits: bit n stands for the n-th host of the MATRIX."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from matrix_grammar.model.facts import EMPTY, Value, texts
from matrix_grammar.model.role import sites_of

from .hostset import bits_of

if TYPE_CHECKING:
    from matrix_grammar.model.declared import Group, PropertyType, StateKind
    from matrix_grammar.model.host import Host
    from matrix_grammar.model.role import Role

BUILT_IN: Final = ("site", "rack", "name", "address", "state")
"""The facts that every host has, beside its properties."""

Texts = tuple[str, ...]


class NameIndex(ABC):
    """The sets of hosts that names stand for; nothing else of the hosts is known."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The names of all hosts, in the order of the MATRIX."""

    @property
    @abstractmethod
    def full_names(self) -> Mapping[str, int]:
        """The position of each host by its full name in lower case; a name counts before a full name."""

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """The names in lower case."""
        return tuple(name.lower() for name in self.names)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each host by its name in lower case."""
        return {name: position for position, name in enumerate(self.lowered)}

    @cached_property
    def everything(self) -> int:
        """All hosts."""
        return (1 << len(self.names)) - 1

    def host(self, text: str) -> int | None:
        """The position of a host by name or full name, compared without case."""
        lowered = text.lower()
        position = self.positions.get(lowered)
        return self.full_names.get(lowered) if position is None else position

    @abstractmethod
    def word(self, text: str) -> int | None:
        """The hosts of a role, group, state or `UP`, out of service or not; None when it is no such word."""


class Index(NameIndex):
    """The sets of these hosts, each computed when it is first asked for.

    `groups` may grow while groups are evaluated one after another: a word that was unknown is looked up again.
    """

    def __init__(
        self,
        hosts: tuple[Host, ...],
        roles: Mapping[str, Role],
        groups: Mapping[str, Group],
        states: Mapping[str, StateKind],
        property_types: Mapping[str, PropertyType],
    ) -> None:
        self.hosts = hosts
        self.roles = roles
        self.groups = groups
        self.states = states
        self.property_types = property_types
        self._sets: dict[str, int] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all hosts, in the order of the MATRIX."""
        return tuple(host.name for host in self.hosts)

    @cached_property
    def full_names(self) -> Mapping[str, int]:
        """The position of each host by its full name in lower case."""
        return {host.fullname.lower(): position for position, host in enumerate(self.hosts)}

    def word(self, text: str) -> int | None:
        """The hosts of a role, group, state or `UP`, out of service or not; None when it is no such word."""
        if text not in self._sets:
            bits = self._find(text)
            if bits is None:
                return None
            self._sets[text] = bits
        return self._sets[text]

    def words(self) -> Iterable[tuple[str, Iterable[str]]]:
        """What may stand in a selector beside hosts, kind by kind."""
        return (("roles", self.roles), ("groups", self.groups), ("states", (*self.states, "UP")))

    def _find(self, text: str) -> int | None:
        positions = self.positions
        if text in self.roles:
            return bits_of([positions[host.name.lower()] for host in self.roles[text].hosts])
        if text in self.groups:
            return bits_of([positions[name.lower()] for name in self.groups[text].hosts])
        if text == "UP":
            return bits_of([n for n, host in enumerate(self.hosts) if host.in_service])
        if text in self.states:
            return bits_of([n for n, host in enumerate(self.hosts) if host.state and host.state.name == text])
        return None

    def values(self, key: str) -> list[Texts]:
        """The value of a fact for each host in order, as texts; empty where a host has none."""
        read = _BUILT_IN_VALUES.get(key)
        if read is not None:
            return [read(host) for host in self.hosts]
        column: list[Texts] = []
        for host in self.hosts:
            value: Value | None = host.properties.get(key)
            if value is None:
                value = host.defaults.get(key)
            column.append(() if value is None else texts(value))
        return column

    def knows_property(self, key: str) -> bool:
        """Whether a property is declared, built in or set anywhere."""
        return key in self.property_types or key in self.properties

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Every property that is declared, built in or set anywhere, in that order."""
        known = dict.fromkeys(self.property_types)
        for role in self.roles.values():
            known.update(dict.fromkeys(role.keys()))
        seen: set[int] = {id(EMPTY)}
        for host in self.hosts:
            for mapping in (host.properties, host.defaults, *(m.properties for m in host.memberships)):
                if id(mapping) not in seen:
                    seen.add(id(mapping))
                    known.update(dict.fromkeys(mapping))
        return tuple(known)

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites in which hosts or role headers stand, in order of first mention."""
        return sites_of(self.hosts, self.roles.values())

    def vocabulary(self, key: str) -> tuple[str, ...] | None:
        """The names that a built-in fact may have here, or None when it may have any text."""
        if key == "site":
            return self.sites
        if key == "rack":
            return tuple(dict.fromkeys(host.rack for host in self.hosts if host.rack is not None))
        if key == "state":
            return tuple(self.states)
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


class Indexed(Protocol):
    """A fleet, for who only needs its index."""

    @property
    def index(self) -> Index:
        """The sets of its hosts."""
