"""The roles of a MATRIX: what their headers say, site by site, and the hosts that are in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.facts import Value, sorted_facts
from matrix_grammar.model.host import Host
from matrix_grammar.model.role import Role, RoleSection
from matrix_grammar.statements.walk import Header
from matrix_grammar.syntax.nodes import HeaderLine, MoreLine


class RoleTexts:
    """What the headers say of each role, before any host is put into it."""

    def __init__(self, headers: Sequence[Header], problems: Problems) -> None:
        self._problems = problems
        self.meanings: dict[str, str] = {}
        self.sections: dict[str, dict[str | None, dict[str, Value]]] = {}
        self._first: dict[str, Header] = {}
        self._given: dict[tuple[str, str | None, str], Header] = {}
        for header in headers:
            self._meaning(header)
            self._section(header)

    def _meaning(self, header: Header) -> None:
        if not header.meaning:
            return
        first = self._first.setdefault(header.role, header)
        if first.meaning != header.meaning:
            self._problems.add(
                "M030", _meaning_at(header), f"two meanings for role {header.role}",
                notes=[(_meaning_at(first), "given here first")],
            )  # fmt: skip
        self.meanings.setdefault(header.role, header.meaning)

    def _section(self, header: Header) -> None:
        mine = self.sections.setdefault(header.role, {}).setdefault(header.site, {})
        for key, value in header.properties.items():
            first = self._given.setdefault((header.role, header.site, key), header)
            if mine.setdefault(key, value) != value:
                where = f" in site {header.site}" if header.site else ""
                self._problems.add(
                    "M030", property_at(header, key), f"two values for {key} of role {header.role}{where}",
                    notes=[(property_at(first, key), "given here first")],
                )  # fmt: skip


def property_at(header: Header, key: str) -> At:
    """Where a header gives a property, on its line or below."""
    lines: list[tuple[Spot, HeaderLine | MoreLine]] = [(header.spot, header.statement), *header.more]
    for spot, statement in lines:
        for pair in statement.pairs:
            if pair.key == key:
                return spot.at(pair)
    return role_at(header)


def role_at(header: Header) -> At:
    """The role of a header, with its brackets."""
    return header.spot.at(header.statement.bracketed)


def _meaning_at(header: Header) -> At:
    note = header.statement.notes[0]
    return header.spot.at(note)


def build_roles(names: Iterable[str], texts: RoleTexts, members: Mapping[str, Sequence[Host]]) -> dict[str, Role]:
    """The roles in the order of `names`; a sub-role is given its parent, which is among them."""
    built: dict[str, Role] = {}
    return {name: _build(name, built, texts, members) for name in names}


def _build(name: str, built: dict[str, Role], texts: RoleTexts, members: Mapping[str, Sequence[Host]]) -> Role:
    """No closure: one that calls itself is a circle, which would keep every host until the collector comes by."""
    if name not in built:
        parent = _build(name.rpartition(".")[0], built, texts, members) if "." in name else None
        here = texts.sections.get(name, {})
        sites: list[str | None] = sorted(here, key=lambda site: site is not None)
        sections = tuple(RoleSection(site, sorted_facts(here[site])) for site in sites)
        built[name] = Role(name, texts.meanings.get(name, ""), sections, parent, tuple(members.get(name, ())))
    return built[name]


def order_of_mention(headers: Sequence[Header], hosts: Iterable[Host]) -> list[str]:
    """Every role, those with a header first, each after the roles that it is a part of."""
    order: dict[str, None] = {}
    for header in headers:
        parts = header.role.split(".")
        for depth in range(len(parts)):
            order.setdefault(".".join(parts[: depth + 1]))
    for host in hosts:
        for membership in host.memberships:
            if membership.role not in order:
                order[membership.role] = None
    return list(order)
