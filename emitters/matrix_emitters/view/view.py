"""The Fleet as tables: what every binding renders, so that all of them answer alike.

A host's value for a property is found by one rule in every language (docs/language.md, Lookup):

    in a role:       tag, else host, else the role's table for the host's site, else the host's defaults
    without a role:  host, else the host's defaults

The role's tables are resolved here, sub-roles' parents included, so that a binding needs no second rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from matrix_grammar import Fleet
from matrix_grammar.model import Host, Role, StateKind, Value

from .options import BindingOptions

FORMAT = 1
"""The version of the bindings' answers; raised when a question changes its meaning."""


@dataclass(frozen=True, slots=True)
class RoleTable:
    """A role: its hosts as indices into `View.hosts`, and its properties with every lookup already done.

    `properties` answers when asked without a site, `everywhere` on behalf of a host in no site, and
    `by_site[site]` on behalf of that site, holding only what differs there from `everywhere`.
    """

    name: str
    meaning: str
    parent: str | None
    hosts: tuple[int, ...]
    in_service: tuple[int, ...]
    properties: Mapping[str, Value] = field(hash=False)
    everywhere: Mapping[str, Value] = field(hash=False)
    by_site: Mapping[str, Mapping[str, Value]] = field(hash=False)


class GroupTable(NamedTuple):
    """A group: all its hosts, and those whose own state leaves them in service, as indices into `View.hosts`."""

    name: str
    selector: str
    hosts: tuple[int, ...]
    in_service: tuple[int, ...]


class View:
    """What a generation's bindings say. Pure: the same Fleet, generation and options give the same tables, and equal
    views.
    """

    format = FORMAT

    def __init__(self, fleet: Fleet, generation: int, options: BindingOptions) -> None:
        self.fleet = fleet
        self.generation = generation
        self.options = options

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View):
            return NotImplemented
        mine, theirs = (self.generation, self.options, self.fleet), (other.generation, other.options, other.fleet)
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.generation, self.fleet))

    @property
    def digest(self) -> str:
        """The digest of the facts, in hex; layout and comments of the text do not change it."""
        return self.fleet.digest

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All hosts in the order of the MATRIX; elsewhere a host is its index in here."""
        return self.fleet.hosts

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites, in order of first mention."""
        return self.fleet.sites

    @cached_property
    def states(self) -> tuple[StateKind, ...]:
        """The states that may be written, whether or not a host is in one."""
        return tuple(self.fleet.states.values())

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Each host's index by its name in lower case; by its full name too, where no name is spelled so."""
        by_name = {host.name.lower(): number for number, host in enumerate(self.hosts)}
        by_fullname: dict[str, int] = {}
        for number, host in enumerate(self.hosts):
            by_fullname.setdefault(host.fullname.lower(), number)
        return {**by_fullname, **by_name}

    @cached_property
    def roles(self) -> tuple[RoleTable, ...]:
        """All roles, in the Fleet's order."""
        members: dict[str, list[int]] = {name: [] for name in self.fleet.roles}
        serving: dict[str, list[int]] = {name: [] for name in self.fleet.roles}
        for number, host in enumerate(self.hosts):
            host_serves = host.in_service
            for membership in host.memberships:
                members[membership.role].append(number)
                if host_serves and (membership.state is None or membership.state.in_service):
                    serving[membership.role].append(number)
        return tuple(
            _role_table(role, tuple(members[name]), tuple(serving[name]), self.sites)
            for name, role in self.fleet.roles.items()
        )

    @cached_property
    def groups(self) -> tuple[GroupTable, ...]:
        """All groups, in the Fleet's order."""
        tables = []
        for group in self.fleet.groups.values():
            hosts = tuple(self.index[name.lower()] for name in group.hosts)
            serving = tuple(number for number in hosts if self.hosts[number].in_service)
            tables.append(GroupTable(group.name, group.selector, hosts, serving))
        return tuple(tables)

    @cached_property
    def defaults(self) -> tuple[Mapping[str, Value], ...]:
        """The different sets of `@default` properties that hosts have; `default_of` says which host has which."""
        return tuple(dict(items) for items in self._default_sets)

    @cached_property
    def default_of(self) -> tuple[int, ...]:
        """For each host the index of its set in `defaults`."""
        found = self._default_sets
        by_identity: dict[int, int] = {}
        numbers = []
        for host in self.hosts:
            number = by_identity.get(id(host.defaults))
            if number is None:
                number = by_identity[id(host.defaults)] = found[tuple(host.defaults.items())]
            numbers.append(number)
        return tuple(numbers)

    @cached_property
    def _default_sets(self) -> Mapping[tuple[tuple[str, Value], ...], int]:
        sets: dict[tuple[tuple[str, Value], ...], int] = {}
        seen: set[int] = set()
        for host in self.hosts:
            if id(host.defaults) not in seen:
                seen.add(id(host.defaults))
                sets.setdefault(tuple(host.defaults.items()), len(sets))
        return sets

    @cached_property
    def property_names(self) -> tuple[str, ...]:
        """Every property that is known: declared, or set anywhere; sorted."""
        known = set(self.fleet.property_types)
        for host in self.hosts:
            known.update(host.properties)
            for membership in host.memberships:
                if membership.properties:
                    known.update(membership.properties)
        for defaults in self.defaults:
            known.update(defaults)
        for role in self.fleet.roles.values():
            known.update(role.keys())
        return tuple(sorted(known))


def _role_table(role: Role, hosts: tuple[int, ...], in_service: tuple[int, ...], sites: tuple[str, ...]) -> RoleTable:
    keys: dict[str, None] = {}
    ancestor: Role | None = role
    while ancestor is not None:
        keys.update(dict.fromkeys(ancestor.keys()))
        ancestor = ancestor.parent
    everywhere = {key: value for key in keys if (value := role.for_all_sites(key)) is not None}
    by_site = {}
    for site in sites:
        local = {
            key: value
            for key in keys
            if (value := role.property(key, site)) is not None and value != everywhere.get(key)
        }
        if local:
            by_site[site] = local
    asked = {key: value for key in keys if (value := role.property(key)) is not None}
    parent = role.parent.name if role.parent is not None else None
    return RoleTable(role.name, role.meaning, parent, hosts, in_service, asked, everywhere, by_site)
