"""The parts of a Fleet as immutable values; where they stand in the text takes no part in comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from .named import Named

Scalar = str | int | float | bool
"""One value. `int`, `number` and `bool` properties hold that Python type, every other type holds its text."""

Value = Scalar | tuple[Scalar, ...]
"""What a property holds: one scalar, or several in the order they were given."""


class Facts(dict[str, Value]):
    """Properties by name: a dict that nobody changes, so that it can be shared and hashed by content."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def _refuse(self, *arguments: object, **more: object) -> NoReturn:
        raise TypeError("the facts of a Fleet cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


def sorted_facts(values: Mapping[str, Value]) -> Facts:
    """Properties in the order of their names, so that equal facts are written alike wherever they go."""
    return Facts(values) if len(values) < 2 else Facts(sorted(values.items()))


EMPTY: Mapping[str, Value] = Facts()


def text(value: Scalar) -> str:
    """The one spelling of a value as text: what a shell, a report and a selector see."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def texts(value: Value) -> tuple[str, ...]:
    """The spellings of a value, always as a tuple."""
    return tuple(text(item) for item in value) if isinstance(value, tuple) else (text(value),)


@dataclass(frozen=True, slots=True)
class StateKind(Named):
    """A state that may be written: built in (`WARN`, `STOP`) or from `@state`; `out` takes a host out of service."""

    name: str
    in_service: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class State(Named):
    """The state that a host, or a host in one role, is in, with the reason that was written."""

    name: str
    in_service: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A host in a role. `properties` and `state` are the tag's own: of this host in this role alone."""

    role: str
    properties: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    state: State | None = None


@dataclass(frozen=True, slots=True)
class RoleSection:
    """What one or more headers say of a role for one site (`site` None: for all sites)."""

    site: str | None
    properties: Mapping[str, Value] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class PropertyType(Named):
    """The declared type of a property; `kind` is the language's word, `choices` those of `one-of`."""

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


@dataclass(frozen=True, slots=True)
class Role(Named):
    """What a set of hosts is for.

    `hosts` are all its hosts, in the order of the MATRIX, out of service or not. `sections` are in the order of the
    text, the one for all sites (if any) first. `parent` is the role that a sub-role is also in, or None.
    """

    name: str
    meaning: str = ""
    sections: tuple[RoleSection, ...] = ()
    parent: Role | None = field(default=None, compare=False, repr=False)
    hosts: tuple[Host, ...] = field(default=(), compare=False, repr=False)

    @property
    def in_service(self) -> tuple[Host, ...]:
        """Its hosts that do their work in this role."""
        return tuple(host for host in self.hosts if host.in_service_in(self.name))

    def keys(self) -> tuple[str, ...]:
        """The properties that any of its sections sets, in order of first mention."""
        return tuple(dict.fromkeys(key for section in self.sections for key in section.properties))

    def property(self, key: str, site: str | None = None) -> Value | None:
        """The role's value for `key`, or None when nothing sets it.

        With a site: that site's value, else the one for all sites, else the parent role's. Without: the
        one value, or where sites differ the values of all sites in order.
        """
        if site is not None:
            for wanted in (site, None):
                for section in self.sections:
                    if section.site == wanted and key in section.properties:
                        return section.properties[key]
        else:
            found = list(dict.fromkeys(s.properties[key] for s in self.sections if key in s.properties))
            if len(found) == 1:
                return found[0]
            if found:
                parts = [value if isinstance(value, tuple) else (value,) for value in found]
                return tuple(dict.fromkeys(item for part in parts for item in part))
        return self.parent.property(key, site) if self.parent is not None else None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Host(Named):
    """One server.

    `addresses` is empty for a host that is found by its name. `memberships` are in the order of first mention; a
    sub-role's parent (`db` of `db.master`) stands among them. `properties` are the host's own, `defaults`
    those of the `@default` lines in force where it is declared. `catalogue` is what the headers say of roles, for
    lookup alone: its roles have no hosts (those of the Fleet have), and roles without a header are not in it.
    """

    name: str
    addresses: tuple[str, ...]
    fullname: str
    site: str | None = None
    rack: str | None = None
    state: State | None = None
    memberships: tuple[Membership, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    defaults: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    note: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    catalogue: Mapping[str, Role] = field(default_factory=dict, compare=False, repr=False)

    def __hash__(self) -> int:
        return hash((self.name, self.addresses))

    @property
    def address(self) -> str:
        """The first address, or the full name of a host that is found by its name."""
        return self.addresses[0] if self.addresses else self.fullname

    @property
    def in_service(self) -> bool:
        """Whether the host's own state leaves it in service."""
        return self.state is None or self.state.in_service

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of its roles, parents of sub-roles included."""
        return tuple(membership.role for membership in self.memberships)

    def membership(self, role: str) -> Membership | None:
        """The host's membership in `role`, or None when it is not in it."""
        for membership in self.memberships:
            if membership.role == role:
                return membership
        return None

    def state_in(self, role: str) -> State | None:
        """The state that counts for the host in `role`: the host's when that is out of service, else the tag's, else
        the host's.
        """
        membership = self.membership(role)
        if membership is None or membership.state is None or not self.in_service:
            return self.state
        return membership.state

    def in_service_in(self, role: str) -> bool:
        """Whether the host does its work in `role`: neither it nor its tag for that role is out of service."""
        state = self.state_in(role)
        return state is None or state.in_service

    def property(self, key: str, role: str | None = None) -> Value | None:
        """The host's value for `key`, or None when nothing sets it.

        In a role: the tag's, else the host's, else the role's in the host's site, else the role's (a sub-role's
        parent after it), else `@default`'s. Without a role: the host's, else `@default`'s.
        """
        if role is not None:
            membership = self.membership(role)
            if membership is not None and key in membership.properties:
                return membership.properties[key]
        if key in self.properties:
            return self.properties[key]
        if role is not None:
            headed = role
            while headed and headed not in self.catalogue:
                headed = headed.rpartition(".")[0]
            if headed:
                value = self.catalogue[headed].property(key, self.site) if self.site else self._siteless(headed, key)
                if value is not None:
                    return value
        return self.defaults.get(key)

    def _siteless(self, role: str, key: str) -> Value | None:
        """A role's value for a host that stands in no site: only what the role says for all sites."""
        here: Role | None = self.catalogue[role]
        while here is not None:
            for section in here.sections:
                if section.site is None and key in section.properties:
                    return section.properties[key]
            here = here.parent
        return None


def sites_of(hosts: Iterable[Host], roles: Iterable[Role]) -> tuple[str, ...]:
    """The sites in which hosts or role headers stand, in order of first mention."""
    named = [host.site for host in hosts]
    named += [section.site for role in roles for section in role.sections]
    return tuple(dict.fromkeys(site for site in named if site is not None))
