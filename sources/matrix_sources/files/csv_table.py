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
    columns: list[str] = []
    meanings: list[str] = []
    called: list[int] = []  # the columns that name the hosts
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            outline.leave(before + 1, "", f"this row cannot be read: {error}")
            continue
        if cells is None:
            return outline if columns else _no_table(columns)
        cells = list(map(str.strip, cells))
        if not any(cells):
            continue
        if not columns:
            columns, meanings = cells, [_meaning(cell) for cell in cells]
            called = [at for at, meaning in enumerate(meanings) if meaning == "name"]
            if not called:
                _no_table(columns)
        else:
            _read_row(outline, before + 1, cells, columns, meanings, called)


def _no_table(columns: list[str]) -> Outline:
    found = f"; the columns are {', '.join(columns)[:200]}" if columns else "; the text is empty"
    raise DraftError(f"no column names the hosts (one of {', '.join(_MEANINGS['name'])}){found}")


def _meaning(heading: str) -> str:
    return next((meaning for meaning, words in _MEANINGS.items() if heading.lower() in words), "")


def _read_row(
    outline: Outline, number: int, cells: list[str], columns: list[str], meanings: list[str], called: list[int]
) -> None:
    filled = list(compress(enumerate(cells), cells))
    named = [cells[at] for at in called if at < len(cells) and cells[at]]
    if not named or len(outline.hosts) >= MOST_HOSTS:
        outline.leave(
            number,
            " ".join(filter(None, cells)),
            "no name of a host" if not named else f"more than {MOST_HOSTS:,} hosts",
        )
        return
    host = outline.host(named[0], number)
    for further in named[1:]:
        add(host.facts, "alias", further)
    for cell in cells[len(columns) :] if len(cells) > len(columns) else ():
        if cell:
            outline.leave(number, cell, "a cell without a heading")
    for at, cell in filled:
        if at >= len(columns):
            break
        column, meaning = columns[at], meanings[at]
        if meaning == "name":
            continue
        if meaning:
            _TAKERS[meaning](outline, host, number, cell)
        elif not column:
            outline.leave(number, cell, "a cell without a heading")
        elif column not in host.facts:
            host.facts[column] = [cell]
        elif host.facts[column] != [cell]:
            outline.leave(number, f"{column}: {cell}", f"{host.name} has another value already")


def _addresses(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    for address in (cell,) if is_ipv4(cell) else filter(None, _SEPARATORS.split(cell)):
        outline.address(host, address, number)


def _roles(outline: Outline, host: HostOutline, number: int, cell: str) -> None:
    for role in filter(None, _SEPARATORS.split(cell)):
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
    "address": _addresses,
    "role": _roles,
    "state": _state,
    "reason": _one("reason"),
    "note": _one("note"),
    "site": _one("site", lru_cache(legal_host)),
    "rack": _one("rack", lru_cache(legal_host)),
}
