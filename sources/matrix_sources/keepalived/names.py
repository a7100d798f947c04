"""Hosts of a keepalived.conf, which knows addresses alone: named by a hosts file, by comments, or after the address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from matrix_sources.files.hosts_file import read_hosts
from matrix_sources.outline.outline import HostOutline, Outline
from matrix_sources.outline.spelling import is_address

from .conf import KeepalivedConf
from .servers import ServerDraft

_NAME: Final = re.compile(r"((?=[^\s]*[0-9.])[A-Za-z][A-Za-z0-9_.-]*)(?: \[[A-Z]+\])?")
"""A comment that is the name of a host, and perhaps its state: with a digit or a dot, so that no remark is one."""


class KnownHosts:
    """Finds the host of an address in the outline, or begins it there."""

    def __init__(self, outline: Outline, conf: KeepalivedConf, servers: Iterable[ServerDraft], names: str) -> None:
        """`names` is the text of a hosts file; its names go before those of comments."""
        self._outline = outline
        named = read_hosts(names)
        outline.domain = named.domain
        self._names = _named_by_comments(conf, servers)
        self._names |= {address: host.name for host in named.hosts.values() for address in host.addresses}

    def at(self, address: str, line: int) -> HostOutline:
        """The host with this address. MATRIX sends traffic to the first address of a family, so it has one of each."""
        host = self._outline.owner(address)
        if host is not None:
            return host
        after = "ip-" + address.replace(".", "-").replace(":", "-")
        name = self._names.get(address, after)
        known = self._outline.hosts.get(name.lower())
        if known is not None and any((":" in each) == (":" in address) for each in known.addresses):
            self._outline.change(line, f"{name} {address}", f"is {after} here: {name} has another address already")
            name = after
        host = self._outline.host(name, line)
        self._outline.address(host, address, line)
        return host


def _named_by_comments(conf: KeepalivedConf, servers: Iterable[ServerDraft]) -> dict[str, str]:
    """Names by address from comments: `real_server 10.0.0.1 80 { # w101`. What would be of two hosts is of none."""
    comments = dict(conf.comments)
    found: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    for member in (member for server in servers for member in server.members):
        match = _NAME.fullmatch(comments.get(member.line, ""))
        if match and not is_address(match[1]):
            found.setdefault(member.address, match[1])
            owners.setdefault(match[1].lower(), set()).add(member.address)
    return {address: name for address, name in found.items() if len(owners[name.lower()]) == 1}
