"""`ssh_config` (ssh_config(5)) to an outline: a host for each `Host` that is no pattern, as ssh would reach it.

For each name ssh takes the first value that any matching block gives; so are they taken here. A pattern speaks of
hosts that no file names, so of it only what it says about the named ones is carried over. Names with one HostName are
one host where they lead to one sshd: with the same Port and ProxyJump.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matrix_grammar.model import address_identity, canonical_address, is_ipv4
from matrix_grammar.statements import HOST_NAME
from matrix_sources.outline.host_ranges import MOST_HOSTS
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.outline import HostOutline, Outline, add
from matrix_sources.outline.spelling import is_address

from .ssh_config_blocks import Block, read_blocks

_KEYS: Final = {"user": ("User", "ssh.user"), "port": ("Port", "ssh.port"), "proxyjump": ("ProxyJump", "ssh.jump")}
_MOST_COMPARED: Final = 5_000_000
"""Names times patterns; no site has so many, a hostile text may."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How ssh reaches a name: `target` is its HostName, from `line`; the settings have their lines."""

    name: str
    named_at: int
    line: int
    target: str
    settings: dict[str, tuple[int, str]]

    @property
    def place(self) -> str:
        """The target, spelled so that places that are the same are equal."""
        if is_ipv4(self.target):
            return self.target
        return address_identity(canonical_address(self.target)) if is_address(self.target) else self.target.lower()

    @property
    def sshd(self) -> tuple[str, str, str]:
        """The place, port and jump: which sshd answers."""
        port = self.settings.get("port", (0, "22"))[1].lstrip("0")
        jump = self.settings.get("proxyjump", (0, "none"))[1]
        return self.place, port, "none" if jump.lower() == "none" else jump


def read_ssh_config(text: str) -> Outline:
    """The outline of an ssh_config. Other keywords than HostName, User, Port and ProxyJump are left, and told.

    Raises DraftError for a text that is none.
    """
    outline = Outline("ssh_config")
    blocks = read_blocks(text, outline)
    _Reader(outline, _ways(blocks, outline)).read()
    _tell_patterns(outline, blocks)
    _share(outline)
    return outline


def _ways(blocks: list[Block], outline: Outline) -> list[_Way]:
    """How ssh reaches each name of the text, in their order."""
    named: dict[str, list[int]] = {}
    excluded: dict[str, int] = {}
    for position, block in enumerate(blocks):
        for name in block.named():
            if not block.is_literal() and not block.matches(name):
                excluded.setdefault(name, block.line)
            else:
                named.setdefault(name, []).append(position)
    for name, line in excluded.items():
        if name not in named:
            outline.leave(line, name, f"!{name} or the like in the same line leaves it out")
    wide = [position for position, block in enumerate(blocks) if not block.is_literal()]
    if len(wide) * len(named) > _MOST_COMPARED or len(named) > MOST_HOSTS:
        raise DraftError(f"{len(named):,} names and {len(wide):,} patterns are more than can be compared")
    found = []
    for name, literal in named.items():
        matching = {position for position in wide if blocks[position].matches(name)}
        mine = [blocks[position] for position in sorted({*literal, *matching})]
        found.append(_way(mine, name, blocks[literal[0]].line))
    return found


def _way(blocks: Sequence[Block], name: str, line: int) -> _Way:
    """The first value of each setting."""
    found: dict[str, tuple[int, str]] = {}
    for block in blocks:
        for number, keyword, value in block.settings:
            found.setdefault(keyword, (number, value))
    number, target = found.pop("hostname", (line, name))
    if "%" in target:
        target = re.sub("%[h%]", lambda m: name if m[0] == "%h" else "%", target)
    return _Way(name, line, number, target, found)


class _Reader:
    """Makes hosts of ways: one for each sshd, and for what one `Host` line calls one HostName."""

    def __init__(self, outline: Outline, ways: Sequence[_Way]) -> None:
        self._outline = outline
        self._ways = ways
        self._names = {way.name for way in ways}
        self._owners: dict[tuple[str, str, str], tuple[HostOutline, _Way]] = {}
        self._lines: dict[tuple[int, str], tuple[HostOutline, _Way]] = {}
        self._jumps: dict[str, tuple[int, str]] = {}
        self._sshds: dict[str, set[tuple[str, str, str]]] = {}
        self._elsewhere = {way.name.lower() for way in ways if way.place != way.name.lower()}
        for way in ways:
            self._sshds.setdefault(way.place, set()).add(way.sshd)

    def read(self) -> None:
        """All of them, and over whom their jumps lead."""
        for way in self._ways:
            owner = self._owners.get(way.sshd) or self._lines.get((way.named_at, way.place))
            if owner is not None:
                self._alias(way, *owner)
                continue
            known = self._outline.hosts.get(way.name.lower())
            if known is not None:
                self._outline.host(way.name, way.named_at)
                self._tell(way, f"names are compared without case, and what {known.name} has counts")
                continue
            host = self._begin(way)
            self._owners[way.sshd] = self._lines[way.named_at, way.place] = (host, way)
            self._settle(host, way)
        self._name_jumps()

    def _begin(self, way: _Way) -> HostOutline:
        """The host of an sshd that no name before leads to."""
        outline = self._outline
        if way.target.lower() == way.name.lower():
            return outline.host(way.name, way.named_at)
        if is_address(way.target):
            host = outline.host(way.name, way.named_at)
            owner = outline.owner(canonical_address(way.target))
            if owner is None:
                outline.address(host, way.target, way.line)
            else:
                self._tell_place(way, f"the address is that of {owner.name}")
            return host
        if not HOST_NAME.fullmatch(way.target):
            outline.leave(way.line, f"{way.name}: HostName {way.target}", "neither an address nor a name for a host")
            return outline.host(way.name, way.named_at)
        if len(self._sshds[way.place]) > 1 or way.place in outline.hosts:
            self._tell_place(way, "several lead there, with other ports or jumps")
            return outline.host(way.name, way.named_at)
        if way.place in self._elsewhere:
            self._tell_place(way, "the Host of that name in this file is elsewhere")
            return outline.host(way.name, way.named_at)
        host = outline.host(way.target, way.named_at)
        add(host.facts, "alias", way.name)
        outline.change(way.line, way.name, f"an alias of {way.target}, which is the host here")
        return host

    def _tell_place(self, way: _Way, reason: str) -> None:
        told = f"{reason}: {way.name} has no address in the draft; matrix asks the ssh_config of who runs it"
        self._outline.leave(way.line, f"{way.name}: HostName {way.target}", told)

    def _alias(self, way: _Way, host: HostOutline, first: _Way) -> None:
        """A further name of a host; what it would have otherwise is told."""
        if way.name.lower() == host.name.lower():
            self._outline.host(way.name, way.named_at)
        else:
            add(host.facts, "alias", way.name)
            self._outline.change(way.named_at, way.name, f"a further name of {host.name}: they have one HostName")
        for keyword, (word, _) in _KEYS.items():
            mine, others = way.settings.get(keyword), first.settings.get(keyword)
            told = f"{word} {others[1]}" if others is not None else f"no {word}"
            if mine is not None and (others is None or others[1] != mine[1]):
                told = f"a further name of {host.name}, which has {told}; MATRIX has one for a host"
                self._outline.leave(mine[0], f"{way.name}: {word} {mine[1]}", told)
            elif mine is None and others is not None:
                self._outline.change(
                    way.named_at, way.name, f"has no {word}; as a further name of {host.name} it has {told}"
                )

    def _tell(self, way: _Way, reason: str) -> None:
        """Nothing of a way is carried over."""
        if way.target != way.name:
            self._outline.leave(way.line, f"{way.name}: HostName {way.target}", reason)
        for keyword, (number, value) in way.settings.items():
            self._outline.leave(number, f"{way.name}: {_KEYS[keyword][0]} {value}", reason)

    def _settle(self, host: HostOutline, way: _Way) -> None:
        """The settings of a way as facts of its host."""
        for keyword, (number, value) in way.settings.items():
            word, key = _KEYS[keyword]
            if keyword == "proxyjump" and value.lower() == "none":
                continue
            if keyword == "proxyjump" and value not in self._names:
                self._outline.leave(number, f"{way.name}: ProxyJump {value}", "no host of this file")
            elif keyword == "port" and not (value.isascii() and value.isdigit() and 0 < int(value[:9]) < 65536):
                self._outline.leave(number, f"{way.name}: {word} {value}", "not a port")
            elif keyword == "proxyjump":
                self._jumps[host.name.lower()] = (number, value)
            else:
                host.facts[key] = [value.lstrip("0") if keyword == "port" else value]

    def _name_jumps(self) -> None:
        """Jumps lead over hosts, which may be called otherwise than in the text."""
        outline = self._outline
        outline.references.add("ssh.jump")
        names = {alias: host.name for host in outline.hosts.values() for alias in host.facts.get("alias", ())}
        for key, (number, value) in self._jumps.items():
            jump = names.get(value, value)
            host = outline.hosts[key]
            if jump.lower() == key:
                outline.leave(number, f"{host.name}: ProxyJump {value}", "that is the host itself")
            elif jump.lower() not in outline.hosts:
                outline.leave(number, f"{host.name}: ProxyJump {value}", "no host of the draft")
            else:
                host.facts["ssh.jump"] = [jump]


def _tell_patterns(outline: Outline, blocks: list[Block]) -> None:
    """Patterns hold for hosts that nothing names as well; that part is not carried over."""
    for block in blocks[1:]:
        patterns = block.signed()
        if patterns and block.settings:
            outline.change(
                block.line, f"Host {' '.join(patterns)}", "taken for the named hosts that match, and no others"
            )


def _share(outline: Outline) -> None:
    """What all hosts have alike is said once, as a default."""
    hosts = list(outline.hosts.values())
    for key in ("ssh.user", "ssh.port"):
        values = {tuple(host.facts.get(key, ())) for host in hosts}
        if len(hosts) > 1 and len(values) == 1 and (value := values.pop()):
            outline.defaults[key] = list(value)
            for host in hosts:
                del host.facts[key]
