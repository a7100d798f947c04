"""A host, its state and its roles; where it stands in the text takes no part in comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .facts import EMPTY, Named, Value


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


class RoleValues(Protocol):
    """What the headers say of a role."""

    def property(self, key: str, site: str | None = None) -> Value | None:
        """The value for `key` in a site, or None when nothing sets it."""

    def for_all_sites(self, key: str) -> Value | None:
        """The value for `key` on behalf of no site, or None when nothing sets it."""


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
    catalogue: Mapping[str, RoleValues] = field(default_factory=dict, compare=False, repr=False)

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
                values = self.catalogue[headed]
                value = values.property(key, self.site) if self.site else values.for_all_sites(key)
                if value is not None:
                    return value
        return self.defaults.get(key)
