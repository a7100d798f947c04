"""One host line to the hosts it declares, or to what it adds to hosts that are declared elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.facts import Value, texts
from matrix_grammar.model.host import Host, Membership, State
from matrix_grammar.model.role import Role
from matrix_grammar.model.values import ValueMistake, address_identity, canonical_address, is_ipv4
from matrix_grammar.model.vocabulary import UP
from matrix_grammar.ranges.ranges import RangeError, parse
from matrix_grammar.syntax.nodes import HostLine, MoreLine
from matrix_grammar.syntax.words import Pair, Token

from .declarations import Declarations
from .plain_lines import PlainLines
from .properties import MOST_EXPANDED, Placed, Properties
from .scope import Result, Scope
from .tags import ROLE_NAME, Tags

HOST_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_-]))*", re.ASCII)
LOCATION_NAME: Final = HOST_NAME
"""Sites, racks and domains are named like hosts."""

_LIKE_ADDRESS: Final = re.compile(r"\d+(?:\.\d+){3}", re.ASCII)
LONGEST_NAME: Final = 253
"""Characters in the name of a host (RFC 1035, section 2.3.4)."""

More = Sequence[tuple[Spot, MoreLine]]

MOST_HOSTS: Final = 1_000_000
"""Hosts of all texts of one MATRIX."""

MOST_WORDS: Final = 5_000_000
"""Words that the ranges of all its texts stand for."""


class HostLines:
    """Resolves host lines under the declarations of a MATRIX."""

    def __init__(
        self, declarations: Declarations, properties: Properties, problems: Problems, catalogue: dict[str, Role]
    ) -> None:
        self._declarations = declarations
        self._properties = properties
        self._problems = problems
        self.catalogue: dict[str, Role] = catalogue
        self._tags = Tags(declarations, properties, problems)
        self.plain = PlainLines(declarations, properties, self._tags)
        self._reference_keys = declarations.references
        self._hosts = self._words = 0
        self._full = False

    def begin(self) -> None:
        """Begin to count the hosts of another reading."""
        self._hosts = self._words = 0
        self._full = False
        self.plain.begin(self.catalogue)

    def one_more(self) -> bool:
        """Whether there is room for one host more, which then counts. Where there is none, nothing is told yet."""
        if self._hosts >= MOST_HOSTS or self._words > MOST_WORDS:
            return False
        self._hosts += 1
        return True

    def room(self, hosts: int, words: int, spot: Spot) -> bool:
        """Whether there is room for so many hosts more, told of so many words more; the first that has none is told."""
        self._hosts += hosts
        self._words += words
        if self._hosts <= MOST_HOSTS and self._words <= MOST_WORDS:
            return True
        if not self._full:
            self._full = True
            message = f"with this line there are more than {MOST_HOSTS:,} hosts in all"
            if self._hosts <= MOST_HOSTS:
                message = f"with this line the ranges of all texts stand for more than {MOST_WORDS:,} words"
            at = At(spot, 1, len(spot.text) + 1)
            self._problems.add("M060", at, message, cure="the hosts from here on are not read")
        return False

    def resolve(self, line: HostLine, more: More, scope: Scope, spot: Spot) -> Result | None:
        """What the line says, or None when its name is wrong; every mistake is reported."""
        brackets = spot.text.count("[") + sum(above.text.count("[") for above, _ in more)
        names = self._names(line.name, spot, brackets)
        if names is None:
            return None
        count = len(names)
        if len(line.notes) > 1:
            first, second = line.notes[:2]
            note = (spot.at(first), "the first one")
            self._problems.add("M026", spot.at(second), "a second note on one line", notes=[note])
        addresses = self._addresses(line, spot, count)
        memberships, state = self._tags.memberships(line.tags, scope.setting.role, spot, count)
        pairs = placed(line.pairs, spot, more)
        rack = scope.setting.rack
        if line.declares and any(pair.key == "rack" for pair, _ in pairs):
            rack = self._own_rack(pairs)
            pairs = [placed for placed in pairs if placed[0].key != "rack"]
        properties = self._properties.each(pairs, count)
        return self._build(line, more, scope, spot, names, addresses, memberships, state, properties, rack)

    def _build(
        self,
        line: HostLine,
        more: More,
        scope: Scope,
        spot: Spot,
        names: list[str],
        addresses: list[tuple[str, ...]],
        memberships: list[tuple[Membership, ...]],
        state: State | None,
        properties: Sequence[Mapping[str, Value]],
        rack: str | None,
    ) -> Result:
        """The hosts of a line from their parts, index by index."""
        note = line.notes[0].value if line.notes else ""
        setting, declares = scope.setting, line.declares
        suffix = f".{setting.domain}" if setting.domain else ""
        path, number, catalogue = spot.source.path, spot.number, self.catalogue
        hosts = tuple([
            Host(
                name, addresses[i], "" if not declares else name if "." in name else name + suffix, setting.site, rack,
                state, memberships[i], properties[i], scope.defaults, note, path, number, catalogue,
            )
            for i, name in enumerate(names)
        ])  # fmt: skip
        used = {pair.key for pair in line.pairs}
        for tag in line.tags:
            if tag.body.pairs:
                used.update([pair.key for pair in tag.body.pairs])
        for _, below in more:
            used.update([pair.key for pair in below.pairs])
        undeclared = tuple(sorted(used.intersection(self._properties.undeclared)))
        named = used & self._reference_keys
        references = self._references(hosts, named) if named else ()
        identities = tuple([address_identity(address) for each in addresses for address in each])
        keys = tuple([name.lower() for name in names])
        return Result(hosts, declares, keys, identities, undeclared, references)

    def _own_rack(self, pairs: Sequence[Placed]) -> str | None:
        """The rack that a declaring line gives for its hosts alone, in place of `@rack`'s."""
        (first, locate), *others = [placed for placed in pairs if placed[0].key == "rack"]
        for other, there in others:
            self._problems.add("M032", there(other), "rack is given twice", notes=[(locate(first), "given here first")])
        if LOCATION_NAME.fullmatch(first.value):
            return first.value
        self._problems.add("M031", locate(first), f"{first.value} cannot name a rack", hint="letters, digits, - _ .")
        return None

    def _references(self, hosts: tuple[Host, ...], keys: set[str]) -> tuple[tuple[str, str], ...]:
        """What these properties, of type `host`, say of the hosts of a line, and of them in their roles."""
        return tuple(
            (key, name)
            for host in hosts
            for properties in (host.properties, *(membership.properties for membership in host.memberships))
            for key in keys
            if key in properties
            for name in texts(properties[key])
        )

    def _names(self, token: Token, spot: Spot, brackets: int) -> list[str] | None:
        """The names that the first word of the line gives, where there is room for them and for so many ranges."""
        names = [token.text]
        if "[" in token.text:
            try:
                pattern = parse(token.text)
            except RangeError as error:
                at = spot.at(token).part(error.start, error.end)
                glued = ROLE_NAME.fullmatch(token.text[error.start : error.end].strip("[]")) is not None
                cure = "put a blank before a tag; glued brackets are a range" if glued else ""
                self._problems.add("M023", at, error.message, cure=cure)
                return None
            if pattern.count > MOST_EXPANDED:
                at = spot.at(token)
                message = f"this line gives {pattern.count:,} hosts; one line may give {MOST_EXPANDED:,}"
                self._problems.add("M025", at, message)
                return None
            if not self.room(pattern.count, pattern.count * brackets, spot):
                return None
            names = pattern.expand()
        elif not self.room(1, 0, spot):
            return None
        for name in names:
            if not HOST_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
                self._report_name(name, token, spot)
                return None
            if name[0].isdigit() and _LIKE_ADDRESS.fullmatch(name):
                at = spot.at(token)
                self._problems.add("M047", at, f"{name} is the name of this host, and looks like an address")
            if name in self._declarations.states or name == UP:
                at = spot.at(token)
                self._problems.add("M014", at, f"{name} names a state; a host cannot have this name")
                return None
        return names

    def _report_name(self, name: str, token: Token, spot: Spot) -> None:
        """Say where a host's name stops being one."""
        match = HOST_NAME.match(name)
        good = match.end() if match else 0
        column = token.column + (good if name == token.text else 0)
        at = At(spot, min(column, token.end - 1), token.end if name != token.text else min(column + 1, token.end))
        if len(name) > LONGEST_NAME:
            message = f"a host's name of {len(name)} characters; it may have {LONGEST_NAME}"
            return self._problems.add("M014", spot.at(token), message)
        hint = "letters, digits, - _ . (not - or . first, nor . last or twice)"
        from .stray_words import COMMENT, is_comment  # for mistakes alone

        cure = COMMENT if is_comment(name) else ""
        return self._problems.add("M014", at, f"{name} cannot name a host", cure=cure, hint=hint)

    def _addresses(self, line: HostLine, spot: Spot, count: int) -> list[tuple[str, ...]]:
        """The addresses of each host of the line."""
        if not line.addresses:
            return [()] * count
        if count == 1 and len(line.addresses) == 1 and is_ipv4(line.addresses[0].text):
            return [(line.addresses[0].text,)]
        columns: list[list[str]] = []
        for token in line.addresses:
            at = spot.at(token)
            texts = self._expand_address(token, at, count)
            column = []
            for text in texts or ():
                try:
                    column.append(canonical_address(text))
                except ValueMistake as mistake:
                    from .stray_words import is_comment

                    cure = _zone_cure(text) or mistake.cure or self._address_cure(line, text)
                    self._problems.add("M027", at, mistake.message, cure=cure)
                    if is_comment(text):
                        return [()] * count
                    break
            if texts is not None and len(column) == count:
                columns.append(column)
        return list(zip(*columns, strict=True)) if columns else [()] * count

    def _address_cure(self, line: HostLine, text: str) -> str:
        """What a word that is no address was probably meant to be."""
        from .stray_words import word_cure

        return word_cure(line, text, self._declarations.types, self._declarations.states)

    def _expand_address(self, token: Token, at: At, count: int) -> list[str] | None:
        """The texts of an address for each of `count` hosts, or None when its ranges are wrong."""
        if "[" not in token.text:
            if count == 1:
                return [token.text]
            self._problems.add(
                "M024",
                at,
                f"one address for {count:,} hosts",
                cure="an address belongs to one host; give it a range, or `-`",
            )
            return None
        try:
            pattern = parse(token.text)
        except RangeError as error:
            glued = ROLE_NAME.match(token.text[error.start : error.end].strip("[]")) is not None
            self._problems.add(
                "M023",
                at.part(error.start, error.end),
                error.message,
                cure="put a blank before a tag; glued brackets are a range" if glued else "",
            )
            return None
        if pattern.count != count:
            hosts = f"{count:,} host{'' if count == 1 else 's'}"
            self._problems.add("M024", at, f"this range gives {pattern.count:,} addresses, but the name gives {hosts}")
            return None
        return pattern.expand()


def placed(pairs: tuple[Pair, ...], spot: Spot, more: More) -> list[Placed]:
    """The pairs of a line and of the lines below it, with their places."""
    places: list[Placed] = [(pair, spot.at) for pair in pairs]
    for other, statement in more:
        places += [(pair, other.at) for pair in statement.pairs]
    return places


def _zone_cure(text: str) -> str:
    """How a link-local address with its zone is given to ssh; empty for an address without one."""
    if ":" not in text or "%" not in text:
        return ""
    zoned = text.replace("%", "%%")
    return f"`-` here (a zone is of one machine), and in ssh_config under the host's name: HostName {zoned}"
