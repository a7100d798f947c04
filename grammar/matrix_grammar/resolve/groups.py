"""Named selections: evaluated in the order in which they need one another; circles are reported, not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place, SelectorError
from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.model.declared import Group, PropertyType, StateKind
from matrix_grammar.model.host import Host
from matrix_grammar.model.role import Role
from matrix_grammar.selectors.selector import Index, Node, evaluate, names_in, parse_selector
from matrix_grammar.statements.walk import GroupLine


class Groups:
    """The groups of these hosts. `evaluated` are those without a mistake, in the order of the text."""

    def __init__(
        self,
        lines: Sequence[GroupLine],
        problems: Problems,
        hosts: tuple[Host, ...],
        roles: Mapping[str, Role],
        states: Mapping[str, StateKind],
        property_types: Mapping[str, PropertyType],
    ) -> None:
        self._problems = problems
        self._lines: dict[str, GroupLine] = {}
        self._needs: dict[str, list[str]] = {}
        self._broken: set[str] = set()
        for line in lines:
            self._define(line)
        for line in self._lines.values():
            self._parse(line)
        groups: dict[str, Group] = {}
        index = Index(hosts, roles, groups, states, property_types)
        for name in self._in_order():
            self._evaluate(self._lines[name], index, groups)
        self.evaluated = {name: groups[name] for name in self._lines if name in groups}

    def _define(self, line: GroupLine) -> None:
        first = self._lines.setdefault(line.name.text, line)
        if first is not line:
            note = (_name_at(first), "defined here first")
            self._problems.add("M042", _name_at(line), f"group {line.name.text} is defined twice", notes=[note])

    def _parse(self, line: GroupLine) -> None:
        try:
            node: Node = parse_selector(line.selector.text)
        except SelectorError as error:
            self._report(line, error)
            return
        self._needs[line.name.text] = [name.text for name in names_in(node) if name.text in self._lines]

    def _in_order(self) -> Iterator[str]:
        """The groups, each after those that it needs; those in a circle are reported and left out."""
        done: set[str] = set()
        for name in self._lines:
            path: list[tuple[str, Iterator[str]]] = [(name, iter(self._needs.get(name, ())))]
            while path:
                here, needs = path[-1]
                below = None if here in done else next((need for need in needs if need not in done), None)
                if below is None:
                    path.pop()
                    if here not in done:
                        done.add(here)
                        yield here
                elif below in (walked := [step for step, _ in path]):
                    self._report_circle(walked[walked.index(below) :])
                    done.update(walked)
                    self._broken.update(walked)
                else:
                    path.append((below, iter(self._needs.get(below, ()))))

    def _report_circle(self, circle: list[str]) -> None:
        line = self._lines[circle[-1]]
        words = " → ".join([*circle, circle[0]])
        notes = [(_name_at(self._lines[name]), f"{name} is defined here") for name in circle[:-1]]
        self._problems.add("M041", _selector_at(line), f"groups that need themselves: {words}", notes=notes)

    def _evaluate(self, line: GroupLine, index: Index, groups: dict[str, Group]) -> None:
        name = line.name.text
        if name in self._broken or name not in self._needs or any(need not in groups for need in self._needs[name]):
            return
        try:
            hosts = evaluate(index, line.selector.text)
        except SelectorError as error:
            self._report(line, error)
            return
        groups[name] = Group(name, line.selector.text, tuple(hosts.names))

    def _report(self, line: GroupLine, error: SelectorError) -> None:
        """The mistakes of a selector at their places in the line, but for names that unreadable lines may have
        declared.
        """
        for diagnostic in error.diagnostics:
            word = diagnostic.excerpt[diagnostic.place.column - 1 : diagnostic.place.end - 1]
            if not self._problems.may_be_declared(word):
                self._problems.diagnostics.append(_moved(diagnostic, line))


def _moved(diagnostic: Diagnostic, line: GroupLine) -> Diagnostic:
    shift = line.selector.column - 1
    place = diagnostic.place
    here = Place(line.spot.source.path, line.spot.number, place.column + shift, place.end + shift)
    return replace(diagnostic, place=here, excerpt=line.spot.text)


def _name_at(line: GroupLine) -> At:
    return line.spot.at(line.name)


def _selector_at(line: GroupLine) -> At:
    return line.spot.at(line.selector)
