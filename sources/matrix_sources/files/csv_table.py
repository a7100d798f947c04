"""A table with a line of headings (RFC 4180) to an outline: a host a row, a property a column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import compress
from typing import Final

from matrix_grammar.model import is_ipv4
from matrix_sources.outline.host_ranges import MOST_HOSTS
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.outline import HostOutline, Outline, add
from matrix_sources.outline.spelling import legal_host

DELIMITERS: Final = ",;\t|"
"""Of these the one that is most frequent in the line of headings."""

_MEANINGS: Final = {
    "name": ("name", "host", "hostname", "node", "server", "fqdn"),
    "address": ("address", "addresses", "ip", "ips", "ipaddress", "ip address", "ipv4", "ipv6", "ansible_host"),
    "role": ("role", "roles", "group", "groups", "service"),
    "state": ("state", "status"),
    "reason": ("reason",),
    "note": ("note", "notes", "comment", "description"),
    "site": ("site", "datacenter", "dc", "location"),
    "rack": ("rack",),
}
_SEPARATORS: Final = re.compile(r"[\s,;|]+")


def read_csv(text: str, delimiter: str = "") -> Outline:
    """The outline of a table. Raises DraftError when no column names the hosts."""
    outline = Outline("csv")
    first = text.lstrip("\n").partition("\n")[0]
    if not delimiter:
        delimiter = max(DELIMITERS, key=lambda sign: (first.count(sign), -DELIMITERS.index(sign)))
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    table: _Table | None = None
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            outline.leave(before + 1, "", f"this row cannot be read: {error}")
            continue
        if cells is None:
            return outline if table is not None else _no_table([])
        if table is not None:
            table.read_row(before + 1, cells)
        elif any(map(str.strip, cells)):
            table = _Table(outline, list(map(str.strip, cells)))


def _no_table(columns: list[str]) -> Outline:
    found = f"; the columns are {', '.join(columns)[:200]}" if columns else "; the text is empty"
    raise DraftError(f"no column names the hosts (one of {', '.join(_MEANINGS['name'])}){found}")


def _meaning(heading: str) -> str:
    return next((meaning for meaning, words in _MEANINGS.items() if heading.lower() in words), "")


class _Table:
    """What the columns mean, and the rows under them."""

    def __init__(self, outline: Outline, columns: list[str]) -> None:
        meanings = [_meaning(column) for column in columns]
        if "name" not in meanings:
            _no_table(columns)
        self._outline = outline
        self._columns = columns
        self._called = [at for at, meaning in enumerate(meanings) if meaning == "name"]
        self._takers = [
            _TAKERS[meaning] if meaning else None if column else _without_heading
            for meaning, column in zip(meanings, columns, strict=True)
        ]
        """What takes a cell of each column; None where it is a property."""
        self._places = tuple(range(len(columns)))

    def read_row(self, number: int, cells: list[str]) -> None:
        """A row is a host, if anything stands in it."""
        outline, columns = self._outline, self._columns
        if len(cells) > len(self._places):
            self._places += tuple(range(len(self._places), len(cells)))
        # only what is filled is looked at: of a table with a thousand columns most cells are not
        filled = [(at, cell) for at in compress(self._places, cells) if (cell := cells[at].strip())]
        if not filled:
            return
        named = [cell for at in self._called if at < len(cells) and (cell := cells[at].strip())]
        if not named or len(outline.hosts) >= MOST_HOSTS:
            reason = "no name of a host" if not named else f"more than {MOST_HOSTS:,} hosts"
            outline.leave(number, " ".join([cell for _, cell in filled]), reason)
            return
        host = outline.host(named[0], number)
        facts = host.facts
        for further in named[1:]:
            add(facts, "alias", further)
        for at, cell in filled:
            take = self._takers[at] if at < len(columns) else _without_heading
            if take is not None:
                take(outline, host, number, cell)
            elif columns[at] not in facts:
                facts[columns[at]] = [cell]
            elif facts[columns[at]] != [cell]:
                outline.leave(number, f"{columns[at]}: {cell}", f"{host.name} has another value already")


def _name(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    """Taken before all others."""


def _without_heading(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    outline.leave(number, cell, "a cell without a heading")


def _addresses(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    for address in (cell,) if is_ipv4(cell) else filter(None, _SEPARATORS.split(cell)):
        outline.address(host, address, number)


@lru_cache(maxsize=1_000)
def _words(cell: str) -> tuple[str, ...]:
    """The words of a cell; most rows have roles that others have too."""
    return tuple(filter(None, _SEPARATORS.split(cell)))


def _roles(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    for role in _words(cell):
        outline.role(role, number)
        if role not in host.roles:
            host.roles[role] = {}


def _state(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    """`WARN`, `STOP: why`; what says that all is well needs no state."""
    name, _, reason = cell.partition(":")
    if name.strip().upper() in ("WARN", "STOP"):
        host.state, host.reason = name.strip().upper(), reason.strip() or host.reason
    elif name.strip().lower() not in ("up", "ok", "active", "in service", "-"):
        outline.leave(number, f"{host.name}: {cell}", "no state that is known here: WARN, STOP")


def _one(attribute: str, spell: Callable[[str], str] = str) -> Callable[[Outline, HostOutline, int, str], None]:
    """What takes a cell into one attribute of a host, and tells when there is another value already."""

    def take(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
        value = spell(cell)
        held = getattr(host, attribute)
        if held and held != value:
            outline.leave(number, f"{attribute}: {cell}", f"{host.name} has another one already")
            return
        if value != cell:
            outline.change(number, cell, f"the {attribute} is called {value} here")
        setattr(host, attribute, value)

    return take


_TAKERS: Final[dict[str, Callable[[Outline, HostOutline, int, str], None]]] = {
    "name": _name,
    "address": _addresses,
    "role": _roles,
    "state": _state,
    "reason": _one("reason"),
    "note": _one("note"),
    "site": _one("site", lru_cache(legal_host)),
    "rack": _one("rack", lru_cache(legal_host)),
}
