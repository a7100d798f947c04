"""The shortest way from a line to a host: a name, an address, and behind them only tags and pairs that are nothing new.

Most lines of a large MATRIX are such lines. One is taken only where the long way (statement, tags, properties) has
nothing to tell of it, and the same is made of it, which a test compares on generated texts; any other line is left to
the long way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from .builtin import PROPERTIES, UP
from .declarations import Declarations
from .model import Host, Membership, PropertyType, Role, Value
from .nodes import HostLine
from .properties import Properties
from .scope import Result, Scope
from .sources import Source
from .tags import Tags
from .values import ValueMistake, is_ipv4, read_value

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
"""Names of hosts but for those that begin with a digit, which may look like an address."""

_LONGEST_NAME: Final = 63
"""Characters of a name in which no part is too long (RFC 1035, section 2.3.4)."""

_TO_LEARN: Final = frozenset(kind.name for kind in PROPERTIES.values() if kind.kind in ("text", "one-of"))
"""Properties with words of their own for values: such a pair is plain once the long way had nothing to tell of it."""

_MOST_PAIRS: Final = 4_096
"""Pairs that are remembered: those that many lines have. Where each host has its own, they come and go."""

_Known = tuple[str, Value, bool]
"""The key and value of a pair, and whether nothing declares it."""


class PlainLines:
    """Reads plain lines under the declarations of a MATRIX."""

    def __init__(self, declarations: Declarations, properties: Properties, tags: Tags) -> None:
        self._declarations = declarations
        self._properties = properties
        self._tags = tags
        self._not_hosts = frozenset({*declarations.states, UP})
        self._pairs: dict[str, _Known] = {}
        self._facts: dict[str, Mapping[str, Value]] = {}
        self._catalogue: Mapping[str, Role] = {}

    def begin(self, catalogue: Mapping[str, Role]) -> None:
        """Begin another reading, whose hosts look up roles here: a property that nothing declares is new again."""
        self._catalogue = catalogue
        self._pairs = {}
        self._facts = {}

    def read(self, line: str, scope: Scope, source: Source, number: int) -> Result | None:
        """What a host line says that is indented just where a header is above it; None when it is not plain."""
        words = line.split()
        if len(words) < 2 or not line.isascii():
            return None
        name, address, *items = words
        if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME or name in self._not_hosts:
            return None
        if not is_ipv4(address) and address != "-":
            return None
        setting = scope.setting
        taken = self._items(items, setting.role)
        if taken is None:
            return None
        memberships, properties, undeclared = taken
        addresses = () if address == "-" else (address,)
        fullname = name if "." in name or not setting.domain else f"{name}.{setting.domain}"
        host = Host(
            name, addresses, fullname, setting.site, setting.rack, None, memberships, properties, scope.defaults, "",
            source.path, number, self._catalogue,
        )  # fmt: skip
        return Result((host,), True, (name.lower(),), addresses, undeclared)

    def learn(self, line: HostLine) -> None:
        """Learn from a line of which the long way had nothing to tell."""
        for pair in line.pairs:
            if pair.key in _TO_LEARN:
                self._pair(pair.text, learnt=True)

    def _items(
        self, items: list[str], header: str | None
    ) -> tuple[tuple[Membership, ...], Mapping[str, Value], tuple[str, ...]] | None:
        """What tags and pairs say, and which properties nothing declares; None when one of them is not plain."""
        roles = {each.role: each for each in self._tags.plain(header)} if header else {}
        pairs: list[str] = []
        written = self._tags.written
        for item in items:
            known = written.get(item)
            if known is None:
                if item[0] == "#":
                    break
                pairs.append(item)
                continue
            own = known[-1].role
            if own in roles and own != header:
                return None
            for membership in known:
                roles.setdefault(membership.role, membership)
        if not roles:
            return None
        if not pairs:
            return tuple(roles.values()), self._properties.shared({}), ()
        found = [self._pairs.get(pair) or self._pair(pair) for pair in pairs]
        values: dict[str, Value] = {}
        undeclared: tuple[str, ...] = ()
        for one in found:
            if one is None or one[0] in values:
                return None
            values[one[0]] = one[1]
            if one[2]:
                undeclared = (*undeclared, one[0])
        facts = self._facts.get(pairs[0]) if len(pairs) == 1 else None
        if facts is None:
            facts = self._properties.shared(values)
            if len(pairs) == 1 and len(self._facts) < _MOST_PAIRS:
                self._facts[pairs[0]] = facts
        return tuple(roles.values()), facts, tuple(sorted(undeclared))

    def _pair(self, written: str, learnt: bool = False) -> _Known | None:
        """A pair whose key and value are right, without quotes and ranges, and no name of another host."""
        key, _, text = written.partition("=")
        kind = self._declarations.types.get(key)
        if kind is None:
            if key not in self._properties.undeclared or self._declarations.strict:
                return None
            kind = PropertyType(key, declared=False)
        if (
            kind.kind == "host"
            or (key in _TO_LEARN and not learnt)
            or not text
            or '"' in text
            or "[" in text
            or "]" in text
        ):
            return None
        try:
            value = read_value(kind, text)
        except ValueMistake:
            return None
        known: _Known = (key, (value,) if kind.is_list else value, not kind.declared)
        if len(self._pairs) < _MOST_PAIRS:
            self._pairs[written] = known
        return known
