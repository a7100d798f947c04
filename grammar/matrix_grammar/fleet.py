"""The Fleet: what a MATRIX means, once resolved.

A Fleet is immutable and compares and hashes by content: two texts that say the same
facts give equal fleets, whatever their layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from matrix_grammar.model.declared import Group, PropertyType, StateKind
from matrix_grammar.model.facts import Value
from matrix_grammar.model.host import Host, State
from matrix_grammar.model.role import Role, sites_of

if TYPE_CHECKING:
    from matrix_grammar.diagnostics.diagnostic import SelectorError
    from matrix_grammar.selectors.hostset import HostSet
    from matrix_grammar.selectors.index import Index

_AT_ONCE = 200
"""Hosts that are encoded in one go: one call for all would let no other thread run until it is through."""


class Fleet:
    """All hosts, roles, groups and states of a site. Immutable; equal and hashed by content."""

    def __init__(
        self,
        hosts: tuple[Host, ...],
        roles: Mapping[str, Role],
        groups: Mapping[str, Group],
        states: Mapping[str, StateKind],
        property_types: Mapping[str, PropertyType],
    ) -> None:
        self.hosts = hosts
        self.roles = MappingProxyType(dict(roles))
        self.groups = MappingProxyType(dict(groups))
        self.states = MappingProxyType(dict(states))
        self.property_types = MappingProxyType(dict(property_types))

    def __iter__(self) -> Iterator[Host]:
        return iter(self.hosts)

    def __len__(self) -> int:
        return len(self.hosts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fleet):
            return NotImplemented
        return self is other or self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites in which hosts or role headers stand, in order of first mention."""
        return sites_of(self.hosts, self.roles.values())

    @cached_property
    def digest(self) -> str:
        """The sha256, in hex, of all facts. The same facts give the same digest, whatever the layout of the text."""
        import hashlib  # with json 5 ms, which `matrix check` never needs
        import json

        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        hosts, *others = self._facts()
        checksum = hashlib.sha256(b"[[")
        for start in range(0, len(hosts), _AT_ONCE):
            checksum.update(("," * (start > 0) + encode(hosts[start : start + _AT_ONCE])[1:-1]).encode())
        checksum.update(b"]")
        for part in others:
            checksum.update(f",{encode(part)}".encode())
        checksum.update(b"]")
        return checksum.hexdigest()

    @cached_property
    def index(self) -> Index:
        """The sets of hosts that selectors ask for, made when first needed."""
        from matrix_grammar.selectors.index import Index  # which `matrix check` hardly ever needs

        return Index(self.hosts, self.roles, self.groups, self.states, self.property_types)

    @cached_property
    def names(self) -> Mapping[str, Host]:
        """Every host by its name in lower case."""
        return MappingProxyType({host.name.lower(): host for host in self.hosts})

    def host(self, name: str) -> Host:
        """The host of that name, compared without case; full names too. Raises SelectorError when there is none."""
        lowered = name.lower()
        host = self.names.get(lowered)
        if host is None:
            host = next((host for host in self.hosts if host.fullname.lower() == lowered), None)
        if host is None:
            raise _unknown(self, name, "host")
        return host

    def role(self, name: str) -> Role:
        """The role of that name. Raises SelectorError when there is none."""
        if name not in self.roles:
            raise _unknown(self, name, "role")
        return self.roles[name]

    def group(self, name: str) -> Group:
        """The group of that name. Raises SelectorError when there is none."""
        if name not in self.groups:
            raise _unknown(self, name, "group")
        return self.groups[name]

    def select(self, selector: str) -> HostSet:
        """The hosts that a selector names (docs/selectors.md), in the order of the MATRIX; unknown names raise
        SelectorError.
        """
        from matrix_grammar.selectors.selector import evaluate

        return evaluate(self.index, selector)

    def _facts(self) -> list[list[object]]:
        def state(value: State | None) -> object:
            return value and [value.name, value.in_service, value.reason]

        def values(mapping: Mapping[str, Value]) -> object:
            return sorted(mapping.items())

        return [
            [
                [
                    h.name,
                    h.addresses,
                    h.fullname,
                    h.site,
                    h.rack,
                    state(h.state),
                    h.note,
                    [[m.role, values(m.properties), state(m.state)] for m in h.memberships],
                    values(h.properties),
                    values(h.defaults),
                ]
                for h in self.hosts
            ],
            [[r.name, r.meaning, [[s.site, values(s.properties)] for s in r.sections]] for r in self.roles.values()],
            [[g.name, g.hosts] for g in self.groups.values()],
            [[s.name, s.in_service, s.meaning] for s in self.states.values()],
            [
                [p.name, p.kind, p.is_list, p.meaning, p.low, p.high, p.choices, p.declared]
                for p in self.property_types.values()
            ],
        ]


def _unknown(fleet: Fleet, name: str, what: str) -> SelectorError:
    from matrix_grammar.selectors.errors import unknown_name

    return unknown_name(fleet, name, what)
