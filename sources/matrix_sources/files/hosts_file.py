"""`/etc/hosts` (hosts(5)) to an outline: a host per canonical name, its further names as `alias`."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from matrix_grammar.model import is_ipv4
from matrix_grammar.statements import HOST_NAME
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.lines import numbered_lines
from matrix_sources.outline.outline import HostOutline, Outline, add

_EVERYWHERE: Final = "every machine has this for itself"
_ITSELF_OR_MANY: Final = {"127", *map(str, range(224, 240))}
"""First numbers of loopback and multicast addresses."""

_NO_ADDRESS: Final = "the first word is not an IP address"


def read_hosts(text: str) -> Outline:
    """The outline of a hosts file. What every machine has for itself alone (loopback, multicast) is left, and told.

    Raises DraftError when most lines have no address.
    """
    outline = Outline("hosts")
    names: dict[str, set[str]] = {}
    entries = 0
    for number, line in numbered_lines(text, outline):
        entry, _, comment = line.partition("#")
        words, comment = entry.split(), comment.strip("# \t")
        if not words:
            if comment:
                outline.comments.append((number, comment))
            continue
        entries += 1
        host = _read_entry(outline, names, number, words)
        if not comment:
            continue
        if host is None or (host.note and host.note != comment):
            outline.comments.append((number, comment))
        else:
            host.note = comment
    strange = [left for left in outline.leftovers if left.reason == _NO_ADDRESS]
    if 2 * len(strange) > entries:
        told = f"line {strange[0].line}: {strange[0].text[:60]!r}: {_NO_ADDRESS}; is this the right file?"
        raise DraftError(told)
    _take_domain(outline)
    return outline


def _read_entry(outline: Outline, names: dict[str, set[str]], number: int, words: list[str]) -> HostOutline | None:
    """One line's address and names; the host that they are of, if any. `names` are those that hosts have already."""
    address, given = words[0], words[1:]
    reason = _left(address)
    if reason or not given:
        outline.leave(number, " ".join(words), reason or "an address without a name")
        return None
    canonical = address if is_ipv4(address) else str(ip_address(address))
    owner = outline.owner(canonical)
    host = owner or outline.host(given[0], number)
    if owner is not None and owner.name.lower() != given[0].lower():
        outline.change(number, " ".join(words), f"further names of {owner.name}, which has the address already")
    if outline.address(host, canonical, number):
        known = names.setdefault(host.name.lower(), {host.name.lower()})
        for name in given:
            if not HOST_NAME.fullmatch(name):
                outline.leave(number, name, "no name for a host")
            elif name.lower() not in known:
                known.add(name.lower())
                add(host.facts, "alias", name)
    return host


def _left(address: str) -> str:
    """Why a line with this address is not carried over; empty when it is."""
    if is_ipv4(address):
        first, _, rest = address.partition(".")
        return _EVERYWHERE if first in _ITSELF_OR_MANY or (first == "0" and rest == "0.0.0") else ""
    try:
        parsed = ip_address(address)
    except ValueError:
        return _NO_ADDRESS
    if "%" in address:
        return "an address with a zone holds on one machine alone"
    if parsed.is_loopback or parsed.is_multicast or parsed.is_unspecified or address.lower() in ("fe00::0", "fe00::"):
        return _EVERYWHERE
    return ""


def _take_domain(outline: Outline) -> None:
    """If every host stands there by its full name and its short one, in one domain, the domain is said once."""
    domains = set()
    for host in outline.hosts.values():
        short, _, domain = host.name.partition(".")
        aliases = host.facts.get("alias", ())
        if short not in aliases and short.lower() not in (name.lower() for name in aliases):
            return
        domains.add(domain)
    if len(domains) != 1 or not HOST_NAME.fullmatch(next(iter(domains))):
        return
    outline.domain = domains.pop()
    for key, host in list(outline.hosts.items()):
        short = host.name.partition(".")[0]
        host.facts["alias"] = [name for name in host.facts["alias"] if name.lower() != short.lower()]
        if not host.facts["alias"]:
            del host.facts["alias"]
        del outline.hosts[key]
        host.name = short
        outline.hosts[short.lower()] = host
