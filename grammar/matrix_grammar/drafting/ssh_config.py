"""`ssh_config` (ssh_config(5)) to an outline: a host for each `Host` that is no pattern, as ssh would reach it.

For each name ssh takes the first value that any matching block gives; so are they taken here. A pattern speaks of
hosts that no file names, so of it only what it says about the named ones is carried over.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Final

from ..hosts import HOST_NAME
from ..values import canonical_address
from .host_ranges import MOST_HOSTS
from .leftover import DraftError
from .lines import numbered_lines
from .outline import HostOutline, Outline, add
from .spelling import is_address

_KEYS: Final = {"user": "ssh.user", "port": "ssh.port", "proxyjump": "ssh.jump"}
_KEYWORD: Final = re.compile(r"([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)")
_SIGNS: Final = re.compile(r"[*?!]")
_MOST_COMPARED: Final = 5_000_000
"""Names times patterns; no site has so many, a hostile text may."""

_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)')


@dataclass(slots=True)
class _Block:
    """A `Host` or `Match` block, or what stands before the first one."""

    patterns: list[str]
    line: int
    settings: list[tuple[int, str, list[str]]] = field(default_factory=list)
    rules: list[tuple[bool, re.Pattern[str]]] = field(default_factory=list)

    def is_literal(self) -> bool:
        """Whether it speaks of named hosts alone."""
        return not any(_SIGNS.search(pattern) for pattern in self.patterns)

    def matches(self, name: str) -> bool:
        """Whether ssh would take the block for this name: a pattern that is negated excludes."""
        if not self.rules:
            self.rules += [
                (p.startswith("!"), re.compile(translate(p.removeprefix("!").replace("[", "[[]"))))
                for p in self.patterns
            ]
        found = False
        for excludes, rule in self.rules:
            if rule.match(name):
                if excludes:
                    return False
                found = True
        return found


def read_ssh_config(text: str) -> Outline:
    """The outline of an ssh_config. Other keywords than HostName, User, Port and ProxyJump are left, and told."""
    outline = Outline("ssh_config")
    blocks = _blocks(text, outline)
    named: dict[str, list[int]] = {}
    for position, block in enumerate(blocks):
        for pattern in block.patterns:
            if not _SIGNS.search(pattern):
                named.setdefault(pattern, []).append(position)
    wide = [position for position, block in enumerate(blocks) if not block.is_literal()]
    if len(wide) * len(named) > _MOST_COMPARED or len(named) > MOST_HOSTS:
        raise DraftError(f"{len(named):,} names and {len(wide):,} patterns are more than can be compared")
    for name, literal in named.items():
        matching = [position for position in wide if blocks[position].matches(name)]
        _take(
            outline,
            [blocks[position] for position in sorted({*literal, *matching})],
            name,
            blocks[literal[0]].line,
            named,
        )
    _name_jumps(outline)
    _tell_patterns(outline, blocks)
    _share(outline)
    return outline


def _blocks(text: str, outline: Outline) -> list[_Block]:
    blocks = [_Block(["*"], 0)]
    for number, line in numbered_lines(text, outline):
        if line.startswith("#"):
            outline.comments.append((number, line.strip("# \t")))
            continue
        if not line:
            continue
        match = _KEYWORD.fullmatch(line)
        if match is None:
            outline.leave(number, line, "no keyword with its arguments")
            continue
        keyword, words = match[1].lower(), [m[1] if m[1] is not None else m[2] for m in _WORD.finditer(match[2])]
        if keyword == "host":
            blocks.append(_Block(words, number))
        elif keyword == "match" and words != ["all"]:
            outline.leave(number, line, "a condition; what follows it is not carried over either")
            blocks.append(_Block([], number))
        elif keyword == "match":
            blocks.append(_Block(["*"], number))
        elif keyword == "include":
            outline.leave(number, line, "another file; import it by itself")
        elif not blocks[-1].patterns or keyword not in ("hostname", *_KEYS):
            outline.leave(
                number, line, "within a condition" if not blocks[-1].patterns else "MATRIX has nothing like it"
            )
        else:
            blocks[-1].settings.append((number, keyword, words))
    return blocks


def _take(outline: Outline, blocks: list[_Block], name: str, line: int, named: Container[str]) -> None:
    """The host of one name, with the first value of each setting."""
    found: dict[str, tuple[int, str]] = {}
    for block in blocks:
        for number, keyword, words in block.settings:
            if words:
                found.setdefault(keyword, (number, words[0]))
    number, target = found.pop("hostname", (line, name))
    target = re.sub("%[h%]", lambda m: name if m[0] == "%h" else "%", target)
    host = _host(outline, name, line, number, target)
    if host is None:
        return
    for keyword, (number, value) in found.items():
        key = _KEYS[keyword]
        if keyword == "proxyjump" and value != "none" and value not in named:
            outline.leave(number, f"{name}: ProxyJump {value}", "no host of this file")
        elif keyword == "port" and not (value.isascii() and value.isdigit() and 0 < int(value[:9]) < 65536):
            outline.leave(number, f"{name}: Port {value}", "not a port")
        elif value not in ("none",):
            host.facts.setdefault(key, [value.lstrip("0") if keyword == "port" else value])


def _host(outline: Outline, name: str, line: int, number: int, target: str) -> HostOutline | None:
    """The host that a name stands for: itself, or one that has the name as an alias."""
    if is_address(target):
        owner = outline.owner(canonical_address(target))
        if owner is not None:
            add(owner.facts, "alias", name)
            outline.change(line, name, f"a further name of {owner.name}, which has the address already")
            return None
        host = outline.host(name, line)
        outline.address(host, target, number)
        return host
    if target.lower() == name.lower():
        return outline.host(name, line)
    if not HOST_NAME.fullmatch(target):
        outline.leave(number, f"{name}: HostName {target}", "neither an address nor a name for a host")
        return outline.host(name, line)
    known = target.lower() in outline.hosts
    host = outline.host(target, line)
    add(host.facts, "alias", name)
    outline.change(number, name, f"an alias of {target}" + (", as others are" if known else ", which is the host here"))
    return None if known else host


def _name_jumps(outline: Outline) -> None:
    """Jumps lead over hosts, which may be called otherwise than in the text."""
    outline.references.add("ssh.jump")
    names = {alias: host.name for host in outline.hosts.values() for alias in host.facts.get("alias", ())}
    for host in outline.hosts.values():
        if "ssh.jump" in host.facts:
            jump = names.get(host.facts["ssh.jump"][0], host.facts["ssh.jump"][0])
            host.facts["ssh.jump"] = [jump]
            if jump.lower() == host.name.lower() or jump.lower() not in outline.hosts:
                del host.facts["ssh.jump"]


def _tell_patterns(outline: Outline, blocks: list[_Block]) -> None:
    """Patterns hold for hosts that nothing names as well; that part is not carried over."""
    for block in blocks[1:]:
        patterns = [pattern for pattern in block.patterns if _SIGNS.search(pattern)]
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
