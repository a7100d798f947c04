"""What a MATRIX declares before any host is looked at: types of properties, states, strictness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.declared import PropertyType, StateKind
from matrix_grammar.model.names import PROPERTY_NAME, RESERVED_PROPERTIES, binding_name
from matrix_grammar.model.property_table import property_table
from matrix_grammar.model.vocabulary import KINDS, STATES, UP
from matrix_grammar.syntax.nodes import PropertyDirective, StateDirective, StrictDirective
from matrix_grammar.syntax.words import Quoted

from .tree import SourceNode

STATE_NAME: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", re.ASCII)
_BOUNDS: Final = re.compile(r"(-?\d{1,18})?\.\.(-?\d{1,18})?", re.ASCII)


class Declarations:
    """The properties and states that are known to a MATRIX, built in or declared in any of its texts."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.types: dict[str, PropertyType] = dict(property_table().types)
        self.states: dict[str, StateKind] = dict(STATES)
        self.strict = False
        self.places: dict[str, At] = {}

    @property
    def references(self) -> frozenset[str]:
        """The properties that name hosts."""
        return frozenset(kind.name for kind in self.types.values() if kind.kind == "host")

    @property
    def fingerprint(self) -> object:
        """Equal for declarations under which every line means the same."""
        return (tuple(self.types.values()), tuple(self.states.values()), self.strict)

    def collect(self, text: SourceNode) -> None:
        """Read the declarations of a text and of all that it includes."""
        for number, statement in text.directives.items():
            spot = Spot(text.source, number)
            match statement.directive:
                case PropertyDirective() as declared:
                    self._property(spot, declared)
                case StateDirective() as declared:
                    self._state(spot, declared)
                case StrictDirective():
                    self.strict = True
            for included in text.includes.get(number, ()):
                self.collect(included)

    def _state(self, spot: Spot, declared: StateDirective) -> None:
        name, service = declared.name, declared.service
        at = spot.at(name)
        if not STATE_NAME.fullmatch(name.text):
            cure = f"write {name.text.upper()}" if STATE_NAME.fullmatch(name.text.upper()) else ""
            return self._problems.add("M012", at, f"{name.text} cannot name a state: states are UPPER CASE", cure=cure)
        if name.text == UP:
            return self._problems.add("M038", at, "UP is the selector's word for every host in service")
        if service.text not in ("in", "out"):
            where = spot.at(service)
            return self._problems.add("M021", where, f"a state is in or out, not {service.text}")
        kind = StateKind(name.text, service.text == "in", _said(declared.meaning))
        self._declare("state", name.text, kind, self.states.get(name.text), at)
        self.states.setdefault(name.text, kind)
        return None

    def _declare(self, what: str, name: str, new: object, old: object, at: At) -> None:
        """Note where a thing is declared; tell when it was declared differently before."""
        first = self.places.setdefault(f"{what} {name}", at)
        if old is not None and old != new and first is not at:
            self._problems.add(
                "M039", at, f"{what} {name} is declared twice, differently", notes=[(first, "declared here first")]
            )
        elif old is not None and first is at and what == "state":
            self._problems.add("M039", at, f"state {name} is built in", cure="choose another name")

    def _property(self, spot: Spot, declared: PropertyDirective) -> None:
        name = declared.name
        at = spot.at(name)
        if not self.check_property_name(name.text, at):
            return
        kind = self._type(spot, declared)
        if kind is not None:
            known = self.types.get(name.text) if f"property {name.text}" in self.places else None
            self._declare("property", name.text, kind, known, at)
            if known is None:
                self.types[name.text] = kind

    def check_property_name(self, name: str, at: At) -> bool:
        """Whether a property may have this name; if not, say so."""
        if name in RESERVED_PROPERTIES:
            self._problems.add("M038", at, f"{name} asks for what a host is; a property cannot have this name")
            return False
        if PROPERTY_NAME.fullmatch(name):
            return True
        better = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        cure = f"write {better}" if PROPERTY_NAME.fullmatch(better) else ""
        self._problems.add("M015", at, f"{name} cannot name a property", cure=cure, hint="lower case, as ssh.user")
        return False

    def _type(self, spot: Spot, declared: PropertyDirective) -> PropertyType | None:
        """The type that the words behind the name say, or None when they say none."""
        kind, rest = declared.kind, declared.details
        is_list = bool(rest) and rest[-1].text == "list"
        if is_list:
            rest = rest[:-1]
        if kind.text not in KINDS:
            self._problems.add(
                "M022", spot.at(kind), f"unknown type {kind.text}",
                cure=did_you_mean(nearest(kind.text, KINDS)), hint=f"types: {', '.join(KINDS)}",
            )  # fmt: skip
            return None
        low = high = None
        if kind.text == "int" and rest:
            bounds = _BOUNDS.fullmatch(rest[0].text)
            low, high = (int(bound) if bound else None for bound in bounds.groups()) if bounds else (1, 0)
            if low is not None and high is not None and low > high:
                at = spot.at(rest[0])
                self._problems.add("M022", at, f"{rest[0].text} is no range", cure="write it like int 0..256")
                return None
            rest = rest[1:]
        if kind.text == "one-of":
            if not rest:
                at = spot.at(kind)
                self._problems.add("M022", at, "one-of without a choice", cure="write it like one-of a b c")
                return None
        elif rest:
            at = At(spot, rest[0].column, rest[-1].end)
            self._problems.add("M022", at, f"{rest[0].text} says nothing about the type {kind.text}")
            return None
        choices = tuple(word.text for word in rest)
        return PropertyType(declared.name.text, kind.text, is_list, _said(declared.meaning), low, high, choices)

    def colliding(self, seen: Mapping[str, At]) -> Iterator[tuple[str, str]]:
        """Pairs of properties, declared or seen, whose names meet in the bindings."""
        spelled: dict[str, str] = {}
        for name in dict.fromkeys([*self.types, *seen]):
            other = spelled.setdefault(binding_name(name), name)
            if other != name:
                yield other, name


def _said(meaning: Quoted | None) -> str:
    return "" if meaning is None else meaning.value
