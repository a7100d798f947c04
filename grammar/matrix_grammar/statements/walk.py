"""The lines of all texts in order: each with the scope in which it stands, sorted into headers, hosts and groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.facts import Value
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import (
    Blank,
    DefaultDirective,
    DirectiveLine,
    GroupDirective,
    HeaderLine,
    HostLine,
    IncludeDirective,
    LocationDirective,
    MoreLine,
    WrongLine,
)
from matrix_grammar.syntax.words import Token
from matrix_grammar.texts.source import Source

from .host_lines import LOCATION_NAME, HostLines, More, placed
from .properties import Properties
from .scope import NOTHING, Result, Scope, Scopes
from .tags import check_role_name
from .tree import SourceNode

_WORDS: Final = re.compile(r'[^\s"=\[\]#:]+(?:\[[^\s"=\[\]]*\][^\s"=\[\]]*)*')


HostEntry = tuple[Result, Source, int]
"""A host line: what it says, and the source and number of the line."""


class Header(NamedTuple):
    """A role header, and what it says for the site in which it stands."""

    role: str
    site: str | None
    meaning: str
    properties: Mapping[str, Value]
    statement: HeaderLine
    more: More
    spot: Spot


class GroupLine(NamedTuple):
    """A group's name and selector where they stand."""

    name: Token
    selector: Token
    spot: Spot


class Walk:
    """Goes through all texts once. What it finds is in `entries`, `headers` and `groups`, in order."""

    def __init__(
        self, lines: HostLines, properties: Properties, scopes: Scopes, problems: Problems, keep: bool
    ) -> None:
        self._keep = keep
        self._lines = lines
        self._properties = properties
        self._scopes = scopes
        self._problems = problems
        self.entries: list[HostEntry] = []
        self.headers: list[Header] = []
        self.groups: list[GroupLine] = []
        self.roles: dict[str, At] = {}
        self._taken: tuple[Source | None, int] = (None, 0)

    def text(self, text: SourceNode, scope: Scope) -> None:
        """Go through a text that begins in this scope."""
        entries, results, in_role, source = self.entries, scope.results, scope.setting.role is not None, text.source
        refused, alone = text.refused, 0
        read_plain, one_more = self._lines.plain.read, self._lines.one_more
        for number, line in enumerate(source.lines, 1):
            if not in_role or line[:1] in " \t#":
                known = results.get(line)
                if known is not None and number not in refused:
                    if known is NOTHING:
                        continue
                    count = len(known.hosts)
                    if count == 1:
                        alone += 1
                    elif not self._lines.room(count, count * line.count("["), Spot(source, number)):
                        continue
                    entries.append((known, source, number))
                    continue
            if number in refused:
                self._remember_words(line)
                continue
            if in_role == (line[:1] in " \t"):
                plain = read_plain(line, scope, source, number)
                if plain is not None and one_more():
                    entries.append((plain, source, number))
                    if self._keep:
                        results[line] = plain
                    continue
            scope = self._line(text, number, line, scope)
            results, in_role = scope.results, scope.setting.role is not None
        if alone:
            self._lines.room(alone, 0, Spot(source, len(source.lines)))

    def _line(self, text: SourceNode, number: int, line: str, scope: Scope) -> Scope:
        """One line that is not yet known in this scope; answers the scope of the next."""
        statement = text.directives.get(number) or parse_line(line)
        spot = Spot(text.source, number)
        match statement:
            case HostLine():
                if not statement.indent and scope.setting.role is not None:
                    scope = self._scopes.change(scope, role=None)
                self._host(statement, (), scope, spot)
            case Blank():
                scope.results[line] = NOTHING
            case HeaderLine():
                return self._header(statement, (), scope, spot)
            case DirectiveLine():
                return self._directive(statement, text, scope, spot)
            case MoreLine():
                if self._taken[0] is not text.source or number > self._taken[1]:
                    self._more(statement, text, scope, spot)
            case WrongLine():
                self._remember_words(line)
                at = spot.at(statement)
                self._problems.add(statement.code, at, statement.message, cure=statement.cure, hint=statement.hint)
                if line.startswith("["):
                    return self._scopes.change(scope, role="")
        return scope

    def _more(self, line: MoreLine, text: SourceNode, scope: Scope, spot: Spot) -> None:
        """More properties of the header or host just above, on this line and those below, which are taken with it.

        That header or host is resolved again, with all that is said of it.

        What is wrong with it is then found again as well, which makes no second diagnostic: equal ones count once.
        """
        lines = text.source.lines
        more = [(spot, line)]
        for number in range(spot.number + 1, len(lines) + 1 if line.indent else 0):
            below = Blank() if number in text.refused else parse_line(lines[number - 1])
            if isinstance(below, MoreLine) and below.indent:
                more.append((Spot(text.source, number), below))
                self._taken = (text.source, number)
            elif not isinstance(below, Blank):
                break
        above = spot.number - 1
        while above and (above in text.refused or isinstance(parse_line(lines[above - 1]), Blank)):
            above -= 1
        owner = parse_line(lines[above - 1]) if above else Blank()
        first = spot.at(line.pairs[0])
        if not isinstance(owner, HostLine | HeaderLine | WrongLine):
            cure = "they belong right below the header or host that they are of"
            self._problems.add("M029", first, "these properties belong to nothing", cure=cure)
        elif not line.indent:
            self._problems.add(
                "M029", first, "properties of the line above are indented", cure="put blanks before them"
            )
        elif isinstance(owner, HostLine) and self.entries and self.entries[-1][1:] == (text.source, above):
            self.entries.pop()
            self._host(owner, more, scope, Spot(text.source, above))
        elif isinstance(owner, HeaderLine) and self.headers and self.headers[-1].spot == (text.source, above):
            header = self.headers.pop()
            site = self._scopes.change(scope, site=header.site)
            self._header(owner, more, site, header.spot)

    def _host(self, line: HostLine, more: More, scope: Scope, spot: Spot) -> None:
        before = len(self._problems.diagnostics)
        if line.indent and scope.setting.role is None:
            at = spot.at(line.name)
            cure = (
                "a host line in column 1, or a new site, ended the header" if self.headers else "begin it in column 1"
            )
            self._problems.add("M028", at, "this host is indented, but stands under no header", cure=cure)
        result = self._lines.resolve(line, more, scope, spot)
        if result is None:
            self._remember_words(spot.text)
            return
        self.entries.append((result, spot.source, spot.number))
        if len(self._problems.diagnostics) == before and not more:
            self._lines.plain.learn(line, result)
            if self._keep:
                scope.results[spot.text] = result

    def _header(self, line: HeaderLine, more: More, scope: Scope, spot: Spot) -> Scope:
        role = line.role.text
        at = spot.at(line.bracketed)
        if not check_role_name(role, spot.at(line.role), self._problems):
            self._remember_words(spot.text)
            return self._scopes.change(scope, role="")
        if len(line.notes) > 1:
            first, second = line.notes[:2]
            note = (spot.at(first), "the first one")
            self._problems.add("M026", spot.at(second), "a second meaning for one role", notes=[note])
        properties = self._properties.of_header(placed(line.pairs, spot, more))
        meaning = line.notes[0].value if line.notes else ""
        self.headers.append(Header(role, scope.setting.site, meaning, properties, line, more, spot))
        self.roles.setdefault(role, at)
        return self._scopes.change(scope, role=role)

    def _directive(self, line: DirectiveLine, text: SourceNode, scope: Scope, spot: Spot) -> Scope:
        match line.directive:
            case IncludeDirective():
                for included in text.includes.get(spot.number, ()):
                    self.text(included, self._scopes.change(scope, role=None))
            case GroupDirective(name, selector):
                if check_role_name(name.text, spot.at(name), self._problems):
                    self.groups.append(GroupLine(name, selector, spot))
            case DefaultDirective(pairs):
                values = {**scope.defaults, **self._properties.one(placed(pairs, spot, ()))}
                return self._scopes.change(scope, defaults=tuple(sorted(values.items())))
            case LocationDirective(kind, name):
                return self._location(kind, name, scope, spot)
        return scope

    def _location(self, kind: str, name: Token, scope: Scope, spot: Spot) -> Scope:
        """`@site`, `@rack`, `@domain`. A new site clears the rack and ends the header, which spoke for the old one."""
        if not LOCATION_NAME.fullmatch(name.text):
            message = f"{name.text} cannot name a {kind}"
            self._problems.add("M021", spot.at(name), message, hint="letters, digits, - _ .")
            return scope
        if kind == "domain":
            return self._scopes.change(scope, domain=name.text)
        if kind == "rack":
            return self._scopes.change(scope, rack=name.text)
        role = scope.setting.role if scope.setting.site == name.text else None
        return self._scopes.change(scope, site=name.text, rack=None, role=role)

    def _remember_words(self, line: str) -> None:
        """Words of a line that could not be used: what they would have declared is not missed elsewhere."""
        self._problems.wrong_words.update(word.lower() for word in _WORDS.findall(line))


def spots(entries: Iterable[HostEntry]) -> Iterator[tuple[Result, Spot]]:
    """The entries with their places, for where a place is needed: most readings need none."""
    return ((result, Spot(source, number)) for result, source, number in entries)
