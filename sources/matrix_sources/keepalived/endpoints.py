"""Addresses and ports of keepalived.conf: of a virtual server, of a group, of a range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from matrix_grammar.model import is_ipv4
from matrix_sources.outline.outline import Outline

from .block import leave
from .conf import KeepalivedConf, KeepalivedStatement

TRANSPORTS: Final = ("tcp", "udp", "sctp")
_WIDEST_RANGE: Final = 1_024
_PORT: Final = re.compile("[0-9]{1,5}")


@dataclass(slots=True)
class ServerGroup:
    """A virtual_server_group: its endpoints once a virtual server was for it, and the protocols of those that were."""

    statement: KeepalivedStatement
    endpoints: list[tuple[str, int]] | None = None
    protocols: set[str] = field(default_factory=set)


def server_groups(conf: KeepalivedConf, outline: Outline) -> dict[str, ServerGroup]:
    """The groups of virtual servers by name; keepalived takes no second one of a name, and none without."""
    found: dict[str, ServerGroup] = {}
    for group in conf.each("virtual_server_group"):
        if not group.arguments:
            leave(outline, group, "a group without a name")
        elif group.arguments[0] in found:
            leave(outline, group, "the group is given above already")
        else:
            found[group.arguments[0]] = ServerGroup(group)
    return found


def endpoints(
    statement: KeepalivedStatement, groups: dict[str, ServerGroup], outline: Outline
) -> list[tuple[str, int]]:
    """The addresses and ports that a virtual server is for; none when MATRIX cannot have it.

    Of a group there may be one virtual server for each protocol.
    """
    words = statement.arguments
    if words[:1] == ("group",) and len(words) == 2 and words[1] in groups:
        group = groups[words[1]]
        protocol = _transport(statement)
        if protocol in group.protocols:
            leave(outline, statement, f"a second virtual server over {protocol.upper()} for the group")
            return []
        group.protocols.add(protocol)
        if group.endpoints is None:
            entries = group.statement.block or ()
            group.endpoints = list(dict.fromkeys(one for entry in entries for one in _of_group(entry, outline)))
        found = group.endpoints
        if len(found) > 1:
            outline.change(statement.line, f"virtual_server group {words[1]}", f"{len(found)} VIPs one by one")
        if not found:
            leave(outline, statement, "nothing of its group is carried over")
        return found
    single = endpoint_of(words)
    if single is None:
        reason = (
            "a firewall mark; a VIP is an address and a port" if words[:1] == ("fwmark",) else "no address and port"
        )
        leave(outline, statement, reason)
    return [single] if single is not None else []


def _of_group(entry: KeepalivedStatement, outline: Outline) -> Iterator[tuple[str, int]]:
    """The endpoints of a line of a virtual_server_group, which may be a range of addresses."""
    first, rest = entry.keyword, entry.arguments
    single = endpoint_of(entry.words)
    if single is not None:
        yield single
        return
    addresses = _range(first)
    if len(rest) != 1 or _port(rest[0]) is None or not addresses:
        leave(outline, entry, "no address, or short range of addresses, and port")
        return
    for address in addresses:
        yield str(address), int(rest[0])


def _transport(server: KeepalivedStatement) -> str:
    """The transport that keepalived takes: UDP unless another is said."""
    said = [" ".join(one.arguments[:1]).lower() for one in server.each("protocol")]
    return said[-1] if said and said[-1] in TRANSPORTS else "udp"


def _range(text: str) -> Sequence[IPv4Address | IPv6Address]:
    """`192.0.2.3-10`, `2001:db8::2-9` (in hex) and `192.0.2.8/29`; empty for what is none or is wide."""
    try:
        if "/" in text:
            network = ip_network(text)
            return list(network) if network.num_addresses <= _WIDEST_RANGE else []
        low, _, high = text.partition("-")
        first = ip_address(low)
        sign = ":" if first.version == 6 else "."
        last = ip_address(high if sign in high else low[: low.rindex(sign) + 1] + high)
    except ValueError:
        return []
    if first.version != last.version or not 0 <= int(last) - int(first) < _WIDEST_RANGE:
        return []
    return [
        ip_address(number) if first.version == 4 else IPv6Address(number) for number in range(int(first), int(last) + 1)
    ]


def endpoint_of(words: Sequence[str]) -> tuple[str, int] | None:
    """An address in its canonical spelling, and a port."""
    if len(words) != 2:
        return None
    port = _port(words[1])
    if port is not None and is_ipv4(words[0]):
        return words[0], port
    try:
        return None if port is None or "%" in words[0] else (str(ip_address(words[0])), port)
    except ValueError:
        return None


def is_six(found: tuple[str, int]) -> bool:
    """Whether an endpoint is of IPv6."""
    return ":" in found[0]


def _port(text: str) -> int | None:
    return int(text) if _PORT.fullmatch(text) and 1 <= int(text) <= 65535 else None
