"""The lines of all texts in order: each with the scope in which it stands, sorted into headers, hosts and groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from .hosts import LOCATION_NAME, HostLines, More, placed
from .model import Value
from .nodes import Blank, DirectiveLine, HeaderLine, HostLine, MoreLine, Pair, Token, WrongLine
from .problems import At, Problems, Spot
from .properties import Properties
from .scope import NOTHING, Result, Scope, Scopes
from .syntax import parse_line
from .tags import check_role_name
from .tree import Text

_WORDS: Final = re.compile(r'[^\s"=\[\]#:]+(?:\[[^\s"=\[\]]*\][^\s"=\[\]]*)*')


class Entry(NamedTuple):
    """A host line, and what it says."""

    result: Result
    spot: Spot


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

    def __init__(self, lines: HostLines, properties: Properties, scopes: Scopes, problems: Problems, keep: bool) -> None:
        self._keep = keep
        self._lines = lines
        self._properties = properties
        self._scopes = scopes
        self._problems = problems
        self.entries: list[Entry] = []
        self.headers: list[Header] = []
        self.groups: list[GroupLine] = []
        self.roles: dict[str, At] = {}

    def text(self, text: Text, scope: Scope) -> None:
        """Go through a text that begins in this scope."""
        skip = set(text.refused)
        for lines in text.owned.values():
            skip.update(lines)
        entries, results, in_role, source = self.entries, scope.results, scope.setting.role is not None, text.source
        owned = text.owned
        for number, line in enumerate(source.lines, 1):
            if not in_role or line[:1] in " \t#":
                known = results.get(line)
                if known is not None and number not in owned and number not in skip:
                    if known is not NOTHING:
                        entries.append(Entry(known, Spot(source, number)))
                    continue
            if number in skip:
                if number in text.refused:
                    self._remember_words(line)
                continue
            scope = self._line(text, number, line, scope)
            results, in_role = scope.results, scope.setting.role is not None
        self._orphans(text)

    def _line(self, text: Text, number: int, line: str, scope: Scope) -> Scope:
        """One line that is not yet known in this scope; answers the scope of the next."""
        statement = text.directives.get(number) or parse_line(line)
        spot = Spot(text.source, number)
        match statement:
            case HostLine():
                if not statement.indent and scope.setting.role is not None:
                    scope = self._scopes.change(scope, role=None)
                self._host(statement, self._more(text, number), scope, spot)
            case Blank():
                scope.results[line] = NOTHING
            case HeaderLine():
                return self._header(statement, self._more(text, number), scope, spot)
            case DirectiveLine():
                return self._directive(statement, text, scope, spot)
            case WrongLine():
                self._remember_words(line)
                at = At(spot, statement.column, statement.end)
                self._problems.add(statement.code, at, statement.message, cure=statement.cure, hint=statement.hint)
                if line.startswith("["):
                    return self._scopes.change(scope, role="")
        return scope

    def _more(self, text: Text, number: int) -> More:
        """The lines below that say more of this one."""
        found = []
        for below in text.owned.get(number, ()):
            statement = parse_line(text.source.lines[below - 1])
            spot = Spot(text.source, below)
            if isinstance(statement, MoreLine):
                found.append((spot, statement))
            elif isinstance(statement, WrongLine) and below not in text.refused:
                at = At(spot, statement.column, statement.end)
                self._problems.add(statement.code, at, statement.message, cure=statement.cure, hint=statement.hint)
        return found

    def _host(self, line: HostLine, more: More, scope: Scope, spot: Spot) -> None:
        before = len(self._problems.found)
        if line.indent and scope.setting.role is None:
            at = At(spot, line.name.column, line.name.end)
            cure = "a host line in column 1 ended the header" if self.headers else "begin it in column 1"
            self._problems.add("M028", at, "this host is indented, but stands under no header", cure=cure)
        result = self._lines.resolve(line, more, scope, spot)
        if result is None:
            self._remember_words(spot.text)
            return
        self.entries.append(Entry(result, spot))
        if self._keep and len(self._problems.found) == before and not more:
            scope.results[spot.text] = result

    def _header(self, line: HeaderLine, more: More, scope: Scope, spot: Spot) -> Scope:
        role = line.role.text
        at = At(spot, line.role.column - 1, line.role.end + 1)
        if not check_role_name(role, At(spot, line.role.column, line.role.end), self._problems):
            self._remember_words(spot.text)
            return self._scopes.change(scope, role="")
        if len(line.notes) > 1:
            first, second = line.notes[:2]
            note = (At(spot, first.column, first.end), "the first one")
            self._problems.add("M026", At(spot, second.column, second.end), "a second meaning for one role", notes=[note])
        properties = self._properties.one(placed(line.pairs, spot, more))
        meaning = line.notes[0].value if line.notes else ""
        self.headers.append(Header(role, scope.setting.site, meaning, properties, line, more, spot))
        self.roles.setdefault(role, at)
        return self._scopes.change(scope, role=role)

    def _directive(self, line: DirectiveLine, text: Text, scope: Scope, spot: Spot) -> Scope:
        word = line.word.text
        if word == "@include":
            for included in text.includes.get(spot.number, ()):
                self.text(included, self._scopes.change(scope, role=None))
        elif word == "@group":
            name, selector = line.arguments
            assert isinstance(name, Token)
            assert isinstance(selector, Token)
            if check_role_name(name.text, At(spot, name.column, name.end), self._problems):
                self.groups.append(GroupLine(name, selector, spot))
        elif word == "@default":
            pairs = [pair for pair in line.arguments if isinstance(pair, Pair)]
            values = {**scope.defaults, **self._properties.one(placed(tuple(pairs), spot, ()))}
            return self._scopes.change(scope, defaults=tuple(values.items()))
        elif word in ("@site", "@rack", "@domain"):
            return self._location(line, scope, spot)
        return scope

    def _location(self, line: DirectiveLine, scope: Scope, spot: Spot) -> Scope:
        """`@site`, `@rack` and `@domain`. A new site clears the rack, and ends the header, which spoke for the old one."""
        name = line.arguments[0]
        assert isinstance(name, Token)
        at = At(spot, name.column, name.end)
        word = line.word.text
        if not LOCATION_NAME.fullmatch(name.text):
            self._problems.add("M021", at, f"{name.text} cannot name a {word[1:]}", hint="letters, digits, - _ .")
            return scope
        if word == "@domain":
            return self._scopes.change(scope, domain=name.text)
        if word == "@rack":
            return self._scopes.change(scope, rack=name.text)
        role = scope.setting.role if scope.setting.site == name.text else None
        return self._scopes.change(scope, site=name.text, rack=None, role=role)

    def _orphans(self, text: Text) -> None:
        """Lines of properties that stand below nothing that could have them."""
        for owner, below in text.owned.items():
            above = parse_line(text.source.lines[owner - 1]) if owner else None
            if owner in text.refused or isinstance(above, HostLine | HeaderLine | WrongLine):
                continue
            for number in below:
                if number in text.refused:
                    continue
                spot = Spot(text.source, number)
                statement = parse_line(spot.text)
                if isinstance(statement, MoreLine):
                    at = At(spot, statement.pairs[0].column, statement.pairs[0].end)
                    cure = "they belong right below the header or host that they are of"
                    self._problems.add("M029", at, "these properties belong to nothing", cure=cure)

    def _remember_words(self, line: str) -> None:
        """Words of a line that could not be used: what they would have declared is not missed elsewhere."""
        self._problems.wrong_words.update(word.lower() for word in _WORDS.findall(line))

