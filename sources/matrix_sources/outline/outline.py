"""What a foreign text says of hosts and roles, under its own names: between the readers and the writer of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from matrix_grammar.model import ValueMistake, address_identity, canonical_address, is_ipv4

from .leftover import Leftover

MOST_ADDRESSES: Final = 100
"""Of one host; they all stand in one line."""

_made: Final = tuple.__new__
"""A leftover, of which a text may give half a million, is made by it in half the time."""

RawFacts = dict[str, list[str]]
"""Values by the foreign name of the property; several values of one are a list."""


@dataclass(slots=True)
class HostOutline:
    """A host: its addresses, its facts, and its roles, each with the facts of this host in that role alone."""

    name: str
    line: int
    addresses: list[str] = field(default_factory=list)
    facts: RawFacts = field(default_factory=dict)
    roles: dict[str, RawFacts] = field(default_factory=dict)
    state: str = ""
    reason: str = ""
    note: str = ""
    site: str = ""
    rack: str = ""


@dataclass(slots=True)
class RoleOutline:
    """A role: what it is for, and its facts. A `parent` makes it a sub-role, as `lv.master` of `lv`."""

    name: str
    line: int
    meaning: str = ""
    facts: RawFacts = field(default_factory=dict)
    parent: str = ""


@dataclass(slots=True)
class Outline:
    """All of a foreign text. Hosts are the same when their names differ in case alone, as in a MATRIX.

    The values of the properties in `references` are hosts of the outline, by its names for them. Those in `meant` are
    MATRIX's own, with values that are right for them, and keep their names.
    """

    kind: str
    hosts: dict[str, HostOutline] = field(default_factory=dict)
    roles: dict[str, RoleOutline] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    defaults: RawFacts = field(default_factory=dict)
    domain: str = ""
    references: set[str] = field(default_factory=set)
    meant: frozenset[str] = frozenset()
    leftovers: list[Leftover] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    expanded: int = 0
    """How many names ranges stood for so far."""
    _owners: dict[str, str] = field(default_factory=dict)

    def leave(self, line: int, text: str, reason: str) -> None:
        """Tell that something is not carried over."""
        self.leftovers.append(_made(Leftover, (line, text, reason, False)))

    def change(self, line: int, text: str, how: str) -> None:
        """Tell that something is carried over in another form."""
        self.leftovers.append(_made(Leftover, (line, text, how, True)))

    def host(self, name: str, line: int) -> HostOutline:
        """The host of that name, begun here when it is new."""
        key = name.lower()
        found = self.hosts.get(key)
        if found is None:
            found = self.hosts[key] = HostOutline(name, line, [], {}, {})
        elif found.name != name:
            self.change(line, name, f"is the same host as {found.name}: names are compared without case")
        return found

    def role(self, name: str, line: int, parent: str = "") -> RoleOutline:
        """The role of that name, begun here when it is new."""
        found = self.roles.get(name)
        if found is None:
            found = self.roles[name] = RoleOutline(name, line, parent=parent)
        return found

    def address(self, host: HostOutline, text: str, line: int) -> bool:
        """Give a host a further address; one that is none, or another host's, is told. Whether it has it now."""
        identity = address = text
        if not is_ipv4(text):
            try:
                address = canonical_address(text)
            except ValueMistake as mistake:
                self.leave(line, text, f"{mistake.message}" + (f"; {mistake.cure}" if mistake.cure else ""))
                return False
            identity = address_identity(address)
        key = host.name.lower()
        owner = self._owners.setdefault(identity, key)
        if owner != key:
            self.leave(line, f"{host.name} {text}", f"the address is that of {self.hosts[owner].name} already")
            return False
        if address not in host.addresses:
            if len(host.addresses) == MOST_ADDRESSES:
                self.leave(line, f"{host.name} {text}", f"a host with more than {MOST_ADDRESSES} addresses")
                return False
            host.addresses.append(address)
        return True

    def owner(self, address: str) -> HostOutline | None:
        """The host that has this address (in its canonical spelling)."""
        name = self._owners.get(address_identity(address))
        return None if name is None else self.hosts[name]


def add(facts: RawFacts, key: str, values: str | Iterable[str]) -> None:
    """Add a value, or several, to a fact."""
    facts.setdefault(key, []).extend([values] if isinstance(values, str) else values)
