"""The shortest way from a line to a host: a name, an address, and behind them only tags and pairs that are nothing new.

Most lines of a large MATRIX are such lines. One is taken only where the long way (statement, tags, properties) has
nothing to tell of it, and the same is made of it, which a test compares on generated texts; any other line is left to
the long way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from matrix_grammar.model.declared import PropertyType
from matrix_grammar.model.facts import Value
from matrix_grammar.model.host import Host, Membership
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.role import Role
from matrix_grammar.model.values import ValueMistake, address_identity, canonical_address, is_ipv4, read_value
from matrix_grammar.model.vocabulary import UP
from matrix_grammar.syntax.nodes import HostLine
from matrix_grammar.texts.source import Source

from .declarations import Declarations
from .properties import Properties
from .scope import Result, Scope
from .tags import Tags

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
"""Names of hosts but for those that begin with a digit, which may look like an address."""

_LONGEST_NAME: Final = 63
"""Characters of a name in which no part is too long (RFC 1035, section 2.3.4)."""

_MOST_PAIRS: Final = 4_096
"""Pairs that are remembered: those that many lines have. Where each host has its own, they come and go."""

_Known = tuple[str, Value, bool]
"""The key and value of a pair, and whether nothing declares it."""

_NOTE: Final = re.compile(r'"([^"\\]*)"[ \t]*(?:[ \t]#.*)?')


class _Taken(NamedTuple):
    """What the tags and pairs of a line say; `commented`: a comment stands behind them."""

    memberships: tuple[Membership, ...]
    properties: Mapping[str, Value]
    undeclared: tuple[str, ...]
    commented: bool


class PlainLines:
    """Reads plain lines under the declarations of a MATRIX."""

    def __init__(self, declarations: Declarations, properties: Properties, tags: Tags) -> None:
        self._declarations = declarations
        self._properties = properties
        self._tags = tags
        self._not_hosts = frozenset({*declarations.states, UP})
        known = property_table().types.values()
        self._to_learn = frozenset(kind.name for kind in known if kind.kind in ("text", "one-of"))
        """Properties with words of their own for values: such a pair is plain once the long way accepted it."""
        self._pairs: dict[str, _Known] = {}
        self._facts: dict[str, tuple[Mapping[str, Value], tuple[str, ...]]] = {}
        self._special: dict[str, tuple[Membership, ...]] = {}
        """As `Tags.written`, for tags that say more."""
        self._catalogue: Mapping[str, Role] = {}

    def begin(self, catalogue: Mapping[str, Role]) -> None:
        """Begin another reading, whose hosts look up roles here: a property that nothing declares is new again."""
        self._catalogue = catalogue
        self._pairs = {}
        self._facts = {}
        self._special = {}

    def read(self, line: str, scope: Scope, source: Source, number: int) -> Result | None:
        """What a host line says that is indented just where a header is above it; None when it is not plain."""
        cut = (line, "") if '"' not in line and line.isascii() else _cut(line)
        words = cut[0].split() if cut is not None else ()
        if len(words) < 2 or cut is None:
            return None
        name, note = words[0], cut[1]
        if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME or name in self._not_hosts:
            return None
        addresses: tuple[str, ...] = (words[1],)
        identities, start = addresses, 2
        if words[1] == "-":
            addresses = identities = ()
        elif not is_ipv4(words[1]) or (len(words) > 2 and words[2][0].isdigit()):
            addresses = _addresses(words)
            identities, start = tuple([address_identity(each) for each in addresses]), 1 + len(addresses)
            if not addresses:
                return None
        setting = scope.setting
        taken = self._items(words[start:], setting.role)
        if taken is None or (note and taken.commented):
            return None
        fullname = name if "." in name or not setting.domain else f"{name}.{setting.domain}"
        host = Host(
            name, addresses, fullname, setting.site, setting.rack, None, taken.memberships, taken.properties,
            scope.defaults, note, source.path, number, self._catalogue,
        )  # fmt: skip
        return Result((host,), True, (name.lower(),), identities, taken.undeclared)

    def learn(self, line: HostLine, result: Result) -> None:
        """Learn from a line of which the long way had nothing to tell."""
        for pair in line.pairs:
            if pair.key in self._to_learn:
                self._pair(pair.text, learnt=True)
        for tag in line.tags if len(result.hosts) == 1 and len(self._special) < _MOST_PAIRS else ():
            role, kinds = tag.body.role, [self._declarations.types.get(pair.key) for pair in tag.body.pairs]
            if role is not None and not any(kind is None or kind.kind == "host" for kind in kinds):
                membership = result.hosts[0].membership(role.text)
                assert membership is not None
                self._special[tag.text] = (*self._tags.plain(role.text)[:-1], membership)

    def _items(self, items: list[str], header: str | None) -> _Taken | None:
        """What tags and pairs say, and which properties nothing declares; None when one of them is not plain."""
        above = self._tags.plain(header) if header else ()
        roles = {each.role: each for each in above}
        pairs: list[str] = []
        plain, of_header, special, commented = self._tags.written, 0, False, False
        remaining = iter(items)
        for item in remaining:
            known = plain.get(item)
            if known is None:
                if item[0] == "#":
                    commented = True
                    break
                if item[0] != "[":
                    pairs.append(item)
                    continue
                known = self._special.get(_whole(item, remaining))
                if known is None:
                    return None
                special = True
            own = known[-1].role
            if own == header:
                of_header += 1
            elif own in roles:
                return None
            for membership in known[:-1]:
                roles.setdefault(membership.role, membership)
            roles[own] = known[-1]
        if not roles or (special and of_header > 1):
            return None
        facts = self._facts_of(pairs)
        return facts and _Taken(tuple(roles.values()), *facts, commented)

    def _facts_of(self, pairs: list[str]) -> tuple[Mapping[str, Value], tuple[str, ...]] | None:
        """The properties that pairs give, and which of them nothing declares; None when one of them is not plain."""
        if len(pairs) == 1 and pairs[0] in self._facts:
            return self._facts[pairs[0]]
        values: dict[str, Value] = {}
        undeclared: list[str] = []
        for pair in pairs:
            known = self._pairs.get(pair) or self._pair(pair)
            if known is None or known[0] in values:
                return None
            values[known[0]] = known[1]
            if known[2]:
                undeclared.append(known[0])
        facts = self._properties.shared(values), tuple(sorted(undeclared))
        if len(pairs) == 1 and len(self._facts) < _MOST_PAIRS:
            self._facts[pairs[0]] = facts
        return facts

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
            or (key in self._to_learn and not learnt)
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


def _cut(line: str) -> tuple[str, str] | None:
    """A line without the note and the comment at its end, and the note; None when there is more than ASCII before."""
    quote, note = line.find('"'), ""
    if quote >= 0:
        note_match = _NOTE.fullmatch(line, quote)
        if note_match is None or line[quote - 1] not in " \t":
            return None
        line, note = line[:quote], note_match[1]
    elif "#" in line:
        line = line[: line.index("#")]
    return (line, note) if line.isascii() and line[-1:] in " \t" else None


def _addresses(words: Sequence[str]) -> tuple[str, ...]:
    """The addresses behind the name, in their one spelling, as far as they go."""
    addresses: list[str] = []
    for word in words[1:]:
        if not word[0].isalnum() and word[0] != ":":
            break
        try:
            addresses.append(canonical_address(word))
        except ValueMistake:
            break
    return tuple(addresses)


def _whole(begin: str, rest: Iterator[str]) -> str:
    """A tag from its first word on, its other words taken from the rest."""
    words = [begin]
    while words[-1][-1] != "]":
        word = next(rest, None)
        if word is None:
            break
        words.append(word)
    return " ".join(words)
