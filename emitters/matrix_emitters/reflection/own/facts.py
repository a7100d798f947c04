"""The MATRIX as own templates see it: hosts, roles and services whose properties are read as `host.weight`.

A property that has no value gives an undefined that says which fact of the MATRIX is missing, so that
`{{ host.weight | default(1) }}` works and `{{ host.weight }}` tells what to write.

All are values: a host is the same whenever it is asked for, in whichever role and behind whichever VIP it is looked at,
so that `host in role.hosts`, `unique` and `sort` answer as a person expects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from functools import total_ordering

from matrix_emitters.errors import EmitterError, in_words
from matrix_emitters.reflection.model.service import Member, Service
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host, Role, Value


@total_ordering
class TemplateFacts(ABC):
    """Something of the MATRIX with properties. It prints as its name, and is sorted by it; what is no attribute is a
    property. Two are equal when they are of the same kind, and of the same of it.
    """

    name: str

    @property
    @abstractmethod
    def _fact(self) -> tuple[str, Hashable]:
        """The kind, and what of it this is."""

    def __eq__(self, other: object) -> bool:
        return self._fact == other._fact if isinstance(other, TemplateFacts) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fact)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, TemplateFacts) or self._fact[0] != other._fact[0]:
            return NotImplemented
        return (self.name.lower(), self.name) < (other.name.lower(), other.name)

    @abstractmethod
    def lacks(self, key: str) -> str:
        """What to say of a property that has no value."""

    @abstractmethod
    def _found(self, key: str) -> Value | None:
        """The value of a property, or None."""

    def __getitem__(self, key: str) -> object:
        value = self._found(key)
        if value is None:
            raise KeyError(key)
        return list(value) if isinstance(value, tuple) else value

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name


class RoleFacts(TemplateFacts):
    """A role: `role.hosts`, `role.sched`, `role["check.every"]`. Its properties are those for the site of `host`."""

    def __init__(self, role: Role, site: str | None) -> None:
        self._role = role
        self._site = site
        self.name = role.name
        self.meaning = role.meaning

    @property
    def hosts(self) -> list[HostFacts]:
        """All its hosts, out of service or not, each as a host in this role."""
        return [HostFacts(host, self.name) for host in self._role.hosts]

    @property
    def in_service(self) -> list[HostFacts]:
        """Its hosts that do their work in it."""
        return [HostFacts(host, self.name) for host in self._role.in_service]

    @property
    def _fact(self) -> tuple[str, Hashable]:
        return "role", (self._role, self._site)

    def _found(self, key: str) -> Value | None:
        return self._role.property(key, self._site)

    def lacks(self, key: str) -> str:
        """What to say of a property that has no value."""
        at = f" in site {self._site}" if self._site else ""
        return f"role {self.name} has no {key}{at}; write {key}=… on its header [{self.name}]"


class HostFacts(TemplateFacts):
    """A host, or a host in a role: `host.address`, `host.os`, `host["ssh.user"]`, `host.of("ps").weight`."""

    def __init__(self, host: Host, role: str | None = None) -> None:
        self._host = host
        self._role = role
        self.name = host.name
        self.fullname = host.fullname
        self.address = host.address
        self.addresses = list(host.addresses)
        self.site = host.site or ""
        self.rack = host.rack or ""
        self.note = host.note
        self.roles = list(host.roles)
        state = host.state if role is None else host.state_in(role)
        self.state = state.name if state is not None else ""
        self.reason = state.reason if state is not None else ""
        self.in_service = host.in_service if role is None else host.in_service_in(role)

    @property
    def ipv4(self) -> list[str]:
        """Its IPv4 addresses."""
        return [address for address in self.addresses if ":" not in address]

    @property
    def ipv6(self) -> list[str]:
        """Its IPv6 addresses."""
        return [address for address in self.addresses if ":" in address]

    def of(self, role: str) -> HostFacts:
        """The host in a role: its properties and state there. Raises EmitterError when it is not in it."""
        if self._host.membership(role) is None:
            raise EmitterError(f"host {self.name} is not in role {role}; it is in {', '.join(self.roles) or 'none'}")
        return HostFacts(self._host, role)

    @property
    def _fact(self) -> tuple[str, Hashable]:
        return "host", self._host

    def _found(self, key: str) -> Value | None:
        return self._host.property(key, self._role)

    def lacks(self, key: str) -> str:
        """What to say of a property that has no value."""
        if self._role is None:
            return f"host {self.name} has no {key}; write {key}=… on its line, or @default {key}=…"
        return f"host {self.name} has no {key} in role {self._role}; write {key}=… on its line, its tag or the header"


class MemberFacts(HostFacts):
    """A host behind a VIP: `address` is the one of the VIP's family, `port` and `weight` are those that count."""

    def __init__(self, role: str, member: Member) -> None:
        super().__init__(member.host, role)
        self.address = member.address
        self.port = member.port
        self.weight = member.weight


class ServiceFacts(TemplateFacts):
    """A VIP of a role with its members; its properties are the role's for this VIP. It prints as its endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.name = service.endpoint
        self.role = service.role
        self.site = service.site or ""
        self.address = service.address
        self.port = service.port
        self.family = service.family
        self.members = [MemberFacts(service.role, member) for member in service.members]

    @property
    def _fact(self) -> tuple[str, Hashable]:
        return "service", self._service

    def _found(self, key: str) -> Value | None:
        return self._service.properties.get(key)

    def lacks(self, key: str) -> str:
        """What to say of a property that has no value."""
        return f"{self._service.where} has no {key}; write {key}=… on its header [{self.role}]"


class FleetFacts:
    """The Fleet: all hosts, roles, and what a selector names."""

    def __init__(self, fleet: Fleet, site: str | None) -> None:
        self._fleet = fleet
        self._site = site
        self.sites = list(fleet.sites)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FleetFacts):
            return NotImplemented
        return self._fleet == other._fleet and self._site == other._site

    def __hash__(self) -> int:
        return hash((self._fleet, self._site))

    @property
    def hosts(self) -> list[HostFacts]:
        """All hosts, in the order of the MATRIX."""
        return [HostFacts(host) for host in self._fleet.hosts]

    @property
    def roles(self) -> list[RoleFacts]:
        """All roles."""
        return [RoleFacts(role, self._site) for role in self._fleet.roles.values()]

    def host(self, name: str) -> HostFacts:
        """The host of that name. Raises EmitterError."""
        try:
            return HostFacts(self._fleet.host(name))
        except SelectorError as error:
            raise EmitterError(in_words(error)) from error

    def role(self, name: str) -> RoleFacts:
        """The role of that name; its properties are those for this host's site. Raises EmitterError."""
        try:
            return RoleFacts(self._fleet.role(name), self._site)
        except SelectorError as error:
            raise EmitterError(in_words(error)) from error

    def select(self, selector: str) -> list[HostFacts]:
        """The hosts that a selector names. Raises EmitterError for one that is wrong or names what is unknown."""
        try:
            return [HostFacts(host) for host in self._fleet.select(selector)]
        except SelectorError as error:
            raise EmitterError(f"selector {selector!r}: {in_words(error)}") from error

    def __iter__(self) -> Iterator[HostFacts]:
        return iter(self.hosts)
