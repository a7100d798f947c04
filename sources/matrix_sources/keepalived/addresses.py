"""The addresses of a vrrp_instance, as keepalived.conf has them: an address and words about it, in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Final

from matrix_sources.outline.outline import Outline

from .block import leave
from .conf import KeepalivedStatement

_WITH_VALUE: Final = (
    "brd", "broadcast", "dev", "scope", "label", "peer", "preferred_lft", "track_group", "min_ttl", "max_ttl",
)  # fmt: skip
"""Words behind which another belongs to them; the others (`home`, `no_track`, …) stand for themselves."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of such a list: its address as it stands there, the interface that it names, and its further words."""

    statement: KeepalivedStatement
    written: str
    interface: str
    further: str

    @property
    def address(self) -> str:
        """The address in its canonical spelling; empty where there is none."""
        try:
            return str(ip_interface(self.written).ip)
        except ValueError:
            return ""

    @property
    def prefix(self) -> int:
        """The length of its prefix, in bits."""
        return int(ip_interface(self.written).network.prefixlen)


def entries(lists: Iterable[KeepalivedStatement]) -> list[Entry]:
    """The entries of `virtual_ipaddress { … }` and lists like it."""
    return [_entry(statement) for held in lists for statement in held.block or ()]


def _entry(statement: KeepalivedStatement) -> Entry:
    written, interface, further = "", "", []
    words = iter(statement.words)
    for word in words:
        if word == "dev":
            interface = next(words, "")
        elif word in _WITH_VALUE:
            further.append(f"{word} {next(words, '')}".rstrip())
        elif not written and word[:1] in "0123456789abcdefABCDEF:" and ("." in word or ":" in word):
            written = word
        else:
            further.append(word)
    return Entry(statement, written, interface, " ".join(further))


def tell_further(entry: Entry, outline: Outline) -> None:
    """Tell what stands beside an address that is carried over."""
    if entry.further:
        outline.leave(entry.statement.line, entry.further, f"of {entry.written}: MATRIX has nothing like it")


def prefixes(found: Iterable[Entry], interface: str, own: set[str], vips: set[str], outline: Outline) -> dict[str, int]:
    """The entries that are VIPs of the family of the first, with their prefix lengths; those in `own` are no VIPs."""
    taken: dict[str, int] = {}
    for entry in found:
        address = entry.address
        if not address:
            leave(outline, entry.statement, "no address")
        elif address in own:
            continue
        elif address not in vips:
            leave(outline, entry.statement, "no virtual_server has this address, or an instance above carries it")
        elif taken and (":" in address) != (":" in next(iter(taken))):
            leave(outline, entry.statement, "of another family than the first address")
        elif address in taken:
            leave(outline, entry.statement, "it is given above already")
        elif entry.interface not in ("", interface):
            leave(outline, entry.statement, "on another interface than its instance")
        else:
            tell_further(entry, outline)
            taken[address] = entry.prefix
    return taken
