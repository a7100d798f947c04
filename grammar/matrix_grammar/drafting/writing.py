"""An outline to the text of a draft: laid out as `matrix fmt` would, hosts in ranges, what was left at the end.

The text is read back before it is given away: a draft that does not pass is a mistake of this program, not of the user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..formatter import format_text
from ..reading import reads
from .leftover import Leftover
from .naming import LegalNames, legal_names
from .outline import Facts, HostOutline, Outline, RoleOutline
from .range_rows import Cell, Row, folded
from .spelling import LONGEST_VALUE, comment, has_strange, is_bare, quoted, reason, spelled

_WIDEST: Final = 100
"""Columns of a line before further properties go to lines of their own."""

_LONGEST_LINE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a MATRIX, and what of the foreign text is not in it as it stood, in the order of its lines."""

    text: str
    leftovers: tuple[Leftover, ...]
    hosts: int
    roles: int


def write(outline: Outline, source: str) -> Draft:
    """The draft of an outline; `source` names the foreign text in the comments."""
    _drop_what_no_line_takes(outline)
    names = legal_names(outline)
    writer = _Writer(outline, names)
    leftovers = tuple(sorted(outline.leftovers))
    lines = [comment(f"Drafted by matrix import {outline.kind} from {source}"), "@matrix 1", "", *writer.lines()]
    lines += _told("Not carried over", [left for left in leftovers if not left.changed])
    lines += _told("Carried over in another form", [left for left in leftovers if left.changed])
    lines += _remarks(outline.comments)
    text = format_text("".join(f"{line}\n" for line in lines))
    reading = reads(text)
    if reading.errors:
        raise AssertionError(f"the draft is no MATRIX: {reading.errors[0].message}")
    assert reading.fleet is not None
    return Draft(text, leftovers, len(reading.fleet), len(reading.fleet.roles))


def _drop_what_no_line_takes(outline: Outline) -> None:
    """Values that are too long are left out, and told; so are characters that no text has."""
    holders: list[tuple[int, str, Facts]] = [(0, "every host", outline.defaults)]
    holders += [(role.line, role.name, role.facts) for role in outline.roles.values()]
    for host in outline.hosts.values():
        holders.append((host.line, host.name, host.facts))
        holders += [(host.line, host.name, facts) for facts in host.roles.values()]
    for line, name, facts in holders:
        for key, values in list(facts.items()):
            if any(len(value) > LONGEST_VALUE for value in values):
                outline.leave(line, f"{name}: {key}", f"a value of more than {LONGEST_VALUE:,} characters")
                del facts[key]
            elif any(has_strange(value) for value in values):
                outline.change(line, f"{name}: {key}", "without its control characters")
    for host in outline.hosts.values():
        size = 0
        for role, facts in host.roles.items():
            for key in list(facts):
                size += 300 + len(facts[key]) * 150 + 2 * sum(map(len, facts[key]))
                if size > _LONGEST_LINE // 2:
                    outline.leave(host.line, f"{host.name}: {role}: {key}", "more than a line takes")
                    del facts[key]


def _told(title: str, leftovers: Sequence[Leftover]) -> Iterator[str]:
    """What was left, as comments with their lines."""
    if leftovers:
        yield from ("", comment(f"{title}:"))
    for left in leftovers:
        where = f"line {left.line}: " if left.line else ""
        yield comment(f"  {where}{left.text}: {left.reason}")


def _remarks(comments: Sequence[tuple[int, str]]) -> Iterator[str]:
    if comments:
        yield from ("", comment("Its comments:"))
    for line, text in comments:
        yield comment(f"  line {line}: {text}")


class _Writer:
    """The lines of a draft but for its head and what was left."""

    def __init__(self, outline: Outline, names: LegalNames) -> None:
        self._outline = outline
        self._names = names
        self._homes: dict[str, list[HostOutline]] = {}
        self._guests: dict[str, list[HostOutline]] = {}
        self._sites = list(dict.fromkeys(host.site for host in outline.hosts.values() if host.site))
        self._crowded: set[str] = set()
        """Hosts with so many roles that tags would hide the rest of their lines."""
        for key, host in outline.hosts.items():
            home = "" if self._sites else next(iter(host.roles), "")
            self._homes.setdefault(home, []).append(host)
            if len(host.roles) > 1 and sum(len(role) + 3 for role in list(host.roles)[1:]) > _WIDEST // 2:
                self._crowded.add(key)
                for role in [role for role, facts in host.roles.items() if role != home and not facts]:
                    self._guests.setdefault(role, []).append(host)

    def lines(self) -> Iterator[str]:
        """Directives, hosts without a role, roles with their hosts, groups."""
        if self._outline.domain:
            yield f"@domain {self._outline.domain}"
        for name, (kind, is_list) in self._names.types.items():
            yield f"@property {name} {kind}{' list' if is_list else ''}"
        for pairs in _wrapped(self._pairs(self._outline.defaults), _WIDEST):
            yield f"@default {pairs}"
        yield ""
        yield from self._host_lines([host for host in self._homes.get("", ()) if not host.site], "")
        apart = True
        for role in self._outline.roles.values():
            homes, guests = self._homes.get(role.name, ()), self._guests.get(role.name, ())
            if (self._sites or role.parent) and not (role.facts or role.meaning or homes or guests):
                continue
            if apart or homes or guests:
                yield ""
            apart = bool(homes or guests)
            yield from self._header(role)
            yield from self._host_lines(homes, role.name)
            for texts, _ in folded([(self._name(host),) for host in guests]):
                yield f"    {texts[0]}"
        of_site: dict[str, list[HostOutline]] = {}
        for host in self._homes.get("", ()):
            of_site.setdefault(host.site, []).append(host)
        for site in self._sites:
            yield from ("", f"@site {site}")
            yield from self._host_lines(of_site[site], "")
        yield ""
        for name, (_, members) in self._outline.groups.items():
            yield f"@group {self._names.roles[name]} = {','.join(self._names.roles[member] for member in members)}"

    def _name(self, host: HostOutline) -> Cell:
        return Cell(self._names.hosts[host.name.lower()], steps=True)

    def _header(self, role: RoleOutline) -> Iterator[str]:
        meaning = f"  {quoted(role.meaning[:LONGEST_VALUE])}" if role.meaning else ""
        head = f"[{self._names.roles[role.name]}]{meaning}"
        pairs = self._pairs(role.facts)
        if len(head) + sum(len(pair) + 2 for pair in pairs) <= _WIDEST:
            yield "  ".join([head, *pairs])
            return
        yield head
        for line in _wrapped(pairs, _WIDEST):
            yield f"    {line}"

    def _pairs(self, facts: Facts) -> list[str]:
        return [self._pair(key, value) for key, values in facts.items() for value in values]

    def _pair(self, key: str, value: str) -> str:
        if key in self._outline.references:
            value = self._names.hosts[value.lower()]
        return f"{self._names.properties[key]}={spelled(value)}"

    def _host_lines(self, hosts: Iterable[HostOutline], home: str) -> Iterator[str]:
        indent = "    " if home else ""
        rows = [self._row(host, home) for host in hosts]
        position = 0
        for texts, count in folded([row for row, _ in rows]):
            row, head = rows[position]
            position += count
            if len(indent) + sum(len(text) + 2 for text in texts) <= _WIDEST:
                yield indent + "  ".join(texts)
                continue
            pairs = [text for text, cell in zip(texts[head:], row[head:], strict=True) if not cell.text.startswith('"')]
            notes = [text for text, cell in zip(texts[head:], row[head:], strict=True) if cell.text.startswith('"')]
            yield indent + "  ".join([*texts[:head], *notes])
            for line in _wrapped(pairs, _WIDEST):
                yield f"{indent}    {line}"

    def _row(self, host: HostOutline, home: str) -> tuple[Row, int]:
        """The cells of a host's line, and how many of them are its name, addresses and tags."""
        cells = [self._name(host)]
        cells += [Cell(address, True) for address in host.addresses] or [Cell("-")]
        crowded = host.name.lower() in self._crowded
        for role, facts in host.roles.items():
            if facts or (role != home and not crowded):
                cells.append(Cell(f"[{' '.join([self._names.roles[role], *self._pairs(facts)])}]"))
        if host.state:
            why = f": {reason(host.reason[:LONGEST_VALUE])}" if host.reason else ""
            cells.append(Cell(f"[{host.state}{why}]"))
        head = len(cells)
        if host.rack:
            cells.append(Cell(f"rack={host.rack}"))
        for key, values in host.facts.items():
            for value in values:
                cells.append(Cell(self._pair(key, value), is_bare(value), straight=True))
        if host.note:
            cells.append(Cell(quoted(host.note[:LONGEST_VALUE])))
        return tuple(cells), head


def _wrapped(words: Sequence[str], widest: int) -> Iterator[str]:
    """Words in lines of at most so many columns, at least one in each."""
    line = ""
    for word in words:
        if line and len(line) + len(word) + 2 > widest:
            yield line
            line = ""
        line = f"{line}  {word}" if line else word
    if line:
        yield line
