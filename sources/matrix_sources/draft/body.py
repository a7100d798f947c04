"""The lines of a draft that say something, as rows for the layout: directives, roles with their hosts, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from matrix_grammar.layout import INDENT, Kind, Row, rows_of
from matrix_grammar.syntax import Line, parse_line
from matrix_sources.outline.outline import HostOutline, Outline, RawFacts, RoleOutline
from matrix_sources.outline.spelling import LONGEST_VALUE, is_bare, quoted, reason

from .naming import LegalNames
from .range_rows import Cell, folded
from .range_rows import Row as Cells

_WIDEST: Final = 100
"""Columns of a line before further properties go to lines of their own."""

_UNKNOWN: Final = Cell("-")
_made: Final = tuple.__new__
"""A cell or a row is made by it in half the time."""


class _Pairs(dict[str, Cell]):
    """The cells of one property by its values as the outline has them, made when they are first asked for."""

    def __init__(self, legal: str, hosts: dict[str, str] | None) -> None:
        super().__init__()
        self._legal = legal
        self._hosts = hosts
        """The legal names of hosts where the values are such."""

    def __missing__(self, value: str) -> Cell:
        meant = value if self._hosts is None else self._hosts[value.lower()]
        bare = is_bare(meant)
        text = f"{self._legal}={meant if bare else quoted(meant)}"
        cell: Cell = _made(Cell, (text, bare if meant is value else is_bare(value), True))
        self[value] = cell
        return cell


class Body:
    """Writes the rows of an outline under its legal names; None is a blank line."""

    def __init__(self, outline: Outline, names: LegalNames) -> None:
        self._outline = outline
        self._names = names
        self._homes: dict[str | None, list[HostOutline]] = {}
        """Hosts by the role under whose header they stand; None for those that stand alone, since '' may be a role."""
        self._guests: dict[str, list[Cells]] = {}
        """The names of hosts by each role under whose header they stand, but as another's."""
        self._sites = list(dict.fromkeys(host.site for host in outline.hosts.values() if host.site))
        self._crowded: set[str] = set()
        """Hosts with so many roles that tags would hide the rest of their lines."""
        self._pairs_of = {
            key: _Pairs(legal, names.hosts if key in outline.references else None)
            for key, legal in names.properties.items()
        }
        self._tags: dict[str, Cell] = {role: Cell(f"[{name}]") for role, name in names.roles.items()}
        for key, host in outline.hosts.items():
            roles = host.roles
            home = next(iter(roles)) if roles and not self._sites else None
            held = self._homes.get(home)
            if held is None:
                held = self._homes[home] = []
            held.append(host)
            if len(roles) > 1 and sum(map(len, roles)) - len(next(iter(roles))) + 3 * len(roles) - 3 > _WIDEST // 2:
                self._crowded.add(key)
                guest = (Cell(names.hosts[key], True),)
                for role in [role for role, facts in roles.items() if role != home and not facts]:
                    self._guests.setdefault(role, []).append(guest)

    def rows(self) -> Iterator[Row | None]:
        """Directives, hosts without a role, roles with their hosts, groups."""
        if self._outline.domain:
            yield from _written([f"@domain {self._outline.domain}"])
        yield from self._declarations()
        yield from _written(f"@default {pairs}" for pairs in _wrapped(self._pairs(self._outline.defaults), _WIDEST))
        yield None
        yield from self._hosts([host for host in self._homes.get(None, ()) if not host.site], None)
        yield from self._roles()
        of_site: dict[str, list[HostOutline]] = {}
        for host in self._homes.get(None, ()):
            of_site.setdefault(host.site, []).append(host)
        for site in self._sites:
            yield None
            yield from _written([f"@site {site}"])
            yield from self._hosts(of_site[site], None)
        yield None
        roles = self._names.roles
        for name, (_, members) in self._outline.groups.items():
            yield from _written([f"@group {roles[name]} = {','.join(roles[member] for member in members)}"])

    def _declarations(self) -> Iterator[Row]:
        """A line for each property; not parsed again, for they may be as many as the lines of the foreign text."""
        for name, (kind, is_list) in self._names.types.items():
            words = f"{kind} list" if is_list else kind
            yield Row("directive", ("@property", name, words, ""), f"@property {name} {words}")

    def _roles(self) -> Iterator[Row | None]:
        """Each role with the hosts that stand under it, as its own or as guests."""
        apart = True
        for role in self._outline.roles.values():
            homes, guests = self._homes.get(role.name, ()), self._guests.get(role.name, ())
            if (self._sites or role.parent) and not (role.facts or role.meaning or homes or guests):
                continue
            if apart or homes or guests:
                yield None
            apart = bool(homes or guests)
            yield from self._header(role)
            if homes:
                yield from self._hosts(homes, role.name)
            if guests:
                for texts, _ in folded(guests):
                    yield _made(Row, ("indented host", (texts[0], ""), f"    {texts[0]}", "", INDENT))

    def _header(self, role: RoleOutline) -> Iterator[Row]:
        name = self._tags[role.name].text
        meaning = [quoted(role.meaning[:LONGEST_VALUE])] if role.meaning else []
        if not role.facts:
            yield _header_row(name, "  ".join(meaning))
            return
        pairs = self._pairs(role.facts)
        if len(name) + sum(len(each) + 2 for each in (*meaning, *pairs)) <= _WIDEST:
            yield _header_row(name, "  ".join([*meaning, *pairs]))
            return
        yield _header_row(name, "  ".join(meaning))
        for line in _wrapped(pairs, _WIDEST):
            yield Row("header", ("", line), f"    {line}")

    def _pairs(self, facts: RawFacts) -> list[str]:
        return [self._pairs_of[key][value].text for key, values in facts.items() for value in values]

    def _hosts(self, hosts: Iterable[HostOutline], home: str | None) -> Iterator[Row]:
        kind: Kind = "host" if home is None else "indented host"
        indent = 0 if home is None else INDENT
        before = " " * indent
        rows = [self._cells(host, home) for host in hosts]
        position = 0
        for texts, count in folded([row for row, _, _ in rows]):
            row, head, addresses = rows[position]
            position += count
            written = before + "  ".join(texts)
            if len(written) + 2 <= _WIDEST and addresses == 1:
                yield _made(Row, (kind, tuple(texts), written, "", indent))
                continue
            name, address, first = texts[0], " ".join(texts[1 : 1 + addresses]), 1 + addresses
            if len(written) + 2 <= _WIDEST:
                yield Row(kind, (name, address, *texts[first:]), written, indent=indent)
                continue
            pairs = [text for text, cell in zip(texts[head:], row[head:], strict=True) if not cell.text.startswith('"')]
            notes = [text for text, cell in zip(texts[head:], row[head:], strict=True) if cell.text.startswith('"')]
            written = before + "  ".join([*texts[:head], *notes])
            yield Row(kind, (name, address, *texts[first:head], *notes), written, indent=indent)
            for words in _wrapped_words(pairs, _WIDEST):
                yield Row(kind, ("", "", *words), f"{before}    {'  '.join(words)}", indent=indent)

    def _cells(self, host: HostOutline, home: str | None) -> tuple[Cells, int, int]:
        """The cells of a host's line; how many of them are its name, addresses and tags, and how many addresses."""
        cells = [_made(Cell, (self._names.hosts[host.name.lower()], True, False))]
        addresses = len(host.addresses)
        if addresses == 1:
            cells.append(_made(Cell, (host.addresses[0], True, False)))
        elif addresses:
            cells += [Cell(address, True) for address in host.addresses]
        else:
            cells.append(_UNKNOWN)
            addresses = 1
        if host.roles:
            crowded = len(host.roles) > 1 and host.name.lower() in self._crowded
            for role, facts in host.roles.items():
                if facts:
                    cells.append(Cell(f"[{' '.join([self._names.roles[role], *self._pairs(facts)])}]"))
                elif role != home and not crowded:
                    cells.append(self._tags[role])
        if host.state:
            why = f": {reason(host.reason[:LONGEST_VALUE])}" if host.reason else ""
            cells.append(Cell(f"[{host.state}{why}]"))
        head = len(cells)
        if host.rack:
            cells.append(_made(Cell, (f"rack={host.rack}", False, False)))
        pairs_of = self._pairs_of
        for key, values in host.facts.items():
            for value in values:
                cells.append(pairs_of[key][value])
        if host.note:
            cells.append(_made(Cell, (quoted(host.note[:LONGEST_VALUE]), False, False)))
        return tuple(cells), head, addresses


def _header_row(name: str, items: str) -> Row:
    return Row("header", (name, items), f"{name}  {items}" if items else name)


def _written(lines: Iterable[str]) -> Iterator[Row | None]:
    """The rows of lines that are written as a MATRIX has them."""
    return rows_of(Line("", 0, line, parse_line(line)) for line in lines)


def _wrapped(words: Sequence[str], widest: int) -> Iterator[str]:
    return ("  ".join(line) for line in _wrapped_words(words, widest))


def _wrapped_words(words: Sequence[str], widest: int) -> Iterator[list[str]]:
    """Words in lines of at most so many columns, at least one in each."""
    line: list[str] = []
    width = 0
    for word in words:
        if line and width + len(word) + 2 > widest:
            yield line
            line, width = [], 0
        width += len(word) + (2 if line else 0)
        line.append(word)
    if line:
        yield line
