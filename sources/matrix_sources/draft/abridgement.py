"""An abridgement of a large draft: of lines that say the same of other hosts the first one stands for all.

A line says the name of a host, its addresses, and items: tags, pairs, a note. What a reader makes of the items does
not depend on name and address, so equal items are read once, in column 1 and below headers. Of pairs that differ in
their values alone each value is judged by its type (`item_forms.py`), with the reader's own functions. Of lines of
several hosts those are alike whose ranges stand at the same places, for as many texts. What must be the only one of its
kind is collected and compared with what was read: names and addresses of hosts, names of roles. Whatever is of
another form stays in the abridgement, and where anything is in doubt it stands for nothing: all of the draft is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from matrix_grammar import Fleet
from matrix_grammar.layout import Row
from matrix_grammar.model import (
    RESERVED_NAMES,
    UP,
    PropertyType,
    ValueMistake,
    address_identity,
    binding_name,
    canonical_address,
    is_ipv4,
    property_table,
)
from matrix_grammar.ranges import expand
from matrix_grammar.statements import MOST_EXPANDED, MOST_WORDS, ROLE_NAME
from matrix_sources.outline.outline import Outline

from .item_forms import Forms, stepped
from .naming import LegalNames

_NAME: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_-])){0,199}")
_KEPT_NAMES: Final = ("WARN", "STOP", UP)

Unit = list[Row]
"""A line, and those below it that say more of it."""


class Abridgement:
    """`rows` stand for all rows of a draft, if in the end `stands_for_all` says so."""

    def __init__(self, outline: Outline, names: LegalNames, rows: Sequence[Row | None]) -> None:
        self.rows: list[Row | None] = []
        self._domain = outline.domain
        self._kept_roles = {names.roles[role] for _, members in outline.groups.values() for role in members}
        types = dict(property_table().types)
        types |= {name: PropertyType(name, kind, is_list=many) for name, (kind, many) in names.types.items()}
        self._hosts: set[str] = set()
        self._addresses: set[str] = set()
        self._headers: set[str] = set()
        self._roles: set[str] = set()
        self._guests: set[str] = set()
        self._known_guests: set[str] = set()
        """The same as they are written, ranges included."""
        self._forms = Forms(types)
        self._form_of = self._forms.__getitem__
        self._words = 0
        """What the ranges of lines that are left out stand for."""
        self._seen: set[object] = set()
        self._seen_here: set[object] = set()
        """The forms of lines that were kept, by the role above them."""
        self._above: Unit = []
        self._role = ""
        self._in_doubt = False
        for unit in _units(rows):
            self._take(unit)

    def stands_for_all(self, fleet: Fleet) -> bool:
        """Whether the draft is right if this, which says the `fleet`, is."""
        read = {host.name.lower() for host in fleet.hosts}
        addresses = {address_identity(address) for host in fleet.hosts for address in host.addresses}
        hosts, names = read | self._hosts, {*fleet.roles, *fleet.groups, *self._roles}
        return (
            not (self._in_doubt or self._forms.in_doubt or 2 * self._words > MOST_WORDS)
            and read.isdisjoint(self._hosts)
            and addresses.isdisjoint(self._addresses)
            and self._guests <= hosts
            and names.isdisjoint(hosts)
            and len({binding_name(name) for name in names}) == len(names)
            and not (self._domain and any("." in name for name in hosts))
        )

    @property
    def left_out(self) -> int:
        """How many hosts the rows do not say."""
        return len(self._hosts)

    def sizes(self, fleet: Fleet) -> tuple[int, int]:
        """How many hosts and roles the draft has."""
        return len(fleet) + len(self._hosts), len(self._roles | set(fleet.roles))

    def _take(self, unit: Unit) -> None:
        kind = unit[0].kind
        if kind == "header":
            self._header(unit)
        elif kind == "indented host" or kind == "host":
            if kind == "host":
                self._role, self._above = "", []
            if not self._host(unit):
                self.rows += self._above
                self._roles.discard(self._role if self._above else "")
                self._above = []
                self.rows += unit
        else:
            self._role, self._above = "", []
            self.rows += unit

    def _header(self, unit: Unit) -> None:
        """A header that says what another says of its role is left out until a line below it is kept."""
        role = self._role = unit[0].cells[0][1:-1]
        self._in_doubt |= role in self._headers
        self._headers.add(role)
        said = ("header", *(row.cells[1:] for row in unit))
        well_named = ROLE_NAME.fullmatch(role) is not None and "." not in role and role not in RESERVED_NAMES
        if well_named and said in self._seen and role not in self._kept_roles:
            self._roles.add(role)
            self._above = unit
            return
        self._seen.add(said)
        self._above = []
        self.rows += unit

    def _host(self, unit: Unit) -> bool:
        """Whether the lines of a host are left out."""
        cells = unit[0].cells
        name, address = cells[0], cells[1]
        if not address:
            return len(cells) == 2 and len(unit) == 1 and bool(self._role) and self._guest(name)
        if "[" in name:
            return self._several(unit)
        if not _NAME.fullmatch(name) or name in _KEPT_NAMES:
            return False
        identities = [address] if is_ipv4(address) else _identities(address)
        if identities is None or not self._is_said(unit, ()):
            return False
        key = name.lower()
        self._in_doubt |= key in self._hosts or not self._addresses.isdisjoint(identities)
        self._hosts.add(key)
        self._addresses.update(identities)
        return True

    def _several(self, unit: Unit) -> bool:
        """Whether the lines of several hosts are left out. A range with more or fewer addresses is of another form."""
        name, address = unit[0].cells[:2]
        names, addresses = stepped(name), stepped(address)
        if names is None or not all(map(_NAME.fullmatch, names.ends)):
            return False
        if address != "-" and (addresses is None or not all(map(is_ipv4, addresses.ends))):
            return False
        many = 0 if addresses is None else addresses.many
        if max(names.many, many) > MOST_EXPANDED or not self._is_said(unit, (names.many, many)):
            return False
        self._words += names.many * sum(cell.count("[") for row in unit for cell in row.cells)
        self._count([key.lower() for key in names.pattern.expand()], addresses.pattern.expand() if addresses else [])
        return True

    def _count(self, hosts: list[str], addresses: list[str]) -> None:
        """Count what no two hosts may have."""
        doubles = len(set(hosts)) < len(hosts) or len(set(addresses)) < len(addresses)
        self._in_doubt |= doubles or not (self._hosts.isdisjoint(hosts) and self._addresses.isdisjoint(addresses))
        self._hosts.update(hosts)
        self._addresses.update(addresses)

    def _is_said(self, unit: Unit, counts: tuple[int, ...]) -> bool:
        """Whether a line was kept that says the same, but for values that are right.

        `counts` are those of its name's and its address's ranges.
        """
        form = tuple([tuple(map(self._form_of, row.cells[2:])) for row in unit])
        here = (self._role, counts, form)
        if here in self._seen_here:
            return True
        self._seen_here.add(here)
        said = (self._below(unit[0].cells), counts, form)
        if said in self._seen:
            return True
        self._seen.add(said)
        return False

    def _below(self, cells: Sequence[str]) -> str:
        """What counts of the header above: which role it is only where a tag may speak of the same one."""
        role = self._role
        if not role:
            return ""
        same = "." in role or any(cell.startswith(role, 1) for cell in cells[2:] if cell[0] == "[")
        return role if same else "[]"

    def _guest(self, name: str) -> bool:
        """Whether a line that only adds hosts to the role above is left out: they are to be declared elsewhere."""
        if name in self._known_guests:
            return True
        names = expand(name) if "[" in name else [name]
        if not all(map(_NAME.fullmatch, names)):
            return False
        self._known_guests.add(name)
        self._guests.update(map(str.lower, names))
        return True


def _units(rows: Sequence[Row | None]) -> Iterator[Unit]:
    said = [row for row in rows if row is not None]
    begins = [at for at, row in enumerate(said) if at == 0 or not row.cells or row.cells[0]]
    for at, end in zip(begins, [*begins[1:], len(said)], strict=True):
        yield said[at:end]


def _identities(written: str) -> list[str] | None:
    """What the addresses of a line are told apart by; None where one is not spelled as a reader spells it."""
    if written == "-":
        return []
    addresses = written.split(" ")
    try:
        if addresses != [canonical_address(address) for address in addresses]:
            return None
    except ValueMistake:
        return None
    found = [address_identity(address) for address in addresses]
    return found if len(set(found)) == len(found) else None
