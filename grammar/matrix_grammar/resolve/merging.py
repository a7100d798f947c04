"""A host that is declared in one line and added to in others, as one host; two different values show both places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.facts import Value, sorted_facts, texts
from matrix_grammar.model.host import Host, Membership, State
from matrix_grammar.statements.scope import Result
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import HostLine, MoreLine
from matrix_grammar.syntax.words import Tag

Part = tuple[Host, Spot]
"""What one line says of a host, and where that line stands."""


class Merging:
    """Merges the parts of hosts."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def host(self, declared: Host, parts: Sequence[Part]) -> Host:
        """One host of all its parts, which come in the order of the text; `declared` is one of them."""
        state: State | None = None
        stated: Spot | None = None
        note, noted = "", parts[0][1]
        properties: dict[str, Value] = {}
        places: dict[str, Spot] = {}
        memberships: dict[str, tuple[Membership, Spot]] = {}
        for part, spot in parts:
            if part.state is not None:
                if state is not None and stated is not None and state != part.state:
                    self._report_states(declared.name, stated, spot)
                else:
                    state, stated = part.state, spot
            if part.note:
                if note and note != part.note:
                    self._report_notes(declared.name, noted, spot)
                else:
                    note, noted = part.note, spot
            self._properties(properties, places, part.properties, spot, declared.name)
            for membership in part.memberships:
                known = memberships.get(membership.role)
                if known is None:
                    memberships[membership.role] = (membership, spot)
                elif known[0] != membership:
                    memberships[membership.role] = self._membership(known, (membership, spot), declared.name)
        return replace(
            declared, state=state, note=note, properties=sorted_facts(properties),
            memberships=tuple(membership for membership, _ in memberships.values()),
        )  # fmt: skip

    def _properties(
        self, into: dict[str, Value], places: dict[str, Spot], new: Mapping[str, Value], spot: Spot, name: str
    ) -> None:
        """Add properties of a line to those of the lines before."""
        for key, value in new.items():
            if key not in into:
                into[key], places[key] = value, spot
            elif into[key] != value:
                first = (property_at(places[key], key), _spell(into[key]))
                self._problems.add(
                    "M030",
                    property_at(spot, key),
                    f"two values for {key} of {name}",
                    notes=[(first[0], f"given here as {first[1]}")],
                )

    def _membership(
        self, first: tuple[Membership, Spot], second: tuple[Membership, Spot], name: str
    ) -> tuple[Membership, Spot]:
        """Two memberships in the same role as one."""
        one, other = first[0], second[0]
        properties = dict(one.properties)
        for key, value in other.properties.items():
            if properties.setdefault(key, value) != value:
                note = (_tag(first[1], one.role), f"given here as {_spell(properties[key])}")
                message = f"two values for {key} of {name} in role {one.role}"
                self._problems.add("M030", _tag(second[1], one.role), message, notes=[note])
        state = one.state or other.state
        if one.state and other.state and one.state != other.state:
            note = (_tag(first[1], one.role), "given here first")
            self._problems.add(
                "M030", _tag(second[1], one.role), f"two states for {name} in role {one.role}", notes=[note]
            )
        return Membership(one.role, sorted_facts(properties), state), first[
            1
        ] if one.properties or one.state else second[1]

    def _report_states(self, name: str, first: Spot, second: Spot) -> None:
        note = (_state(first), "given here first")
        self._problems.add(
            "M030", _state(second), f"two states for {name}", cure="keep the one that is true", notes=[note]
        )

    def _report_notes(self, name: str, first: Spot, second: Spot) -> None:
        note = (_note(first), "given here first")
        self._problems.add("M030", _note(second), f"two notes for {name}", notes=[note])


def _spell(value: Value) -> str:
    return ", ".join(texts(value))


def name_at(spot: Spot) -> At:
    """The name of a host line."""
    return spot.at(_line(spot).name)


def _line(spot: Spot) -> HostLine:
    statement = parse_line(spot.text)
    assert isinstance(statement, HostLine)
    return statement


def property_at(spot: Spot, key: str) -> At:
    """Where a host's property stands: on its line, in a tag there, or on one of the lines below that continue it."""
    line = _line(spot)
    for pair in line.pairs:
        if pair.key == key:
            return spot.at(pair)
    for tag in line.tags:
        for pair in tag.body.pairs:
            if pair.key == key:
                return spot.at(tag.in_line(pair))
    for number in range(spot.number + 1, len(spot.source.lines) + 1):
        below = Spot(spot.source, number)
        statement = parse_line(below.text)
        if isinstance(statement, HostLine):
            break
        for more in statement.pairs if isinstance(statement, MoreLine) else ():
            if more.key == key:
                return below.at(more)
    return name_at(spot)


def _first_tag(spot: Spot, tags: Sequence[Tag]) -> At:
    return spot.at(tags[0]) if tags else name_at(spot)


def declaring_at(entries: Iterable[tuple[Result, Spot]], host: Host) -> At:
    """The name of a host in its declaring line."""
    key = host.name.lower()
    return next(name_at(spot) for result, spot in entries if result.declares and key in result.keys)


def tag_at(spot: Spot, role: str) -> At:
    """The tag of a role, or of a part of it, on a host line; else the name of the host."""
    tags = [tag for tag in _line(spot).tags if tag.body.role]
    return _first_tag(spot, [tag for tag in tags if f"{tag.body.role.text}.".startswith(f"{role}.")])  # type: ignore[union-attr]


def _tag(spot: Spot, role: str) -> At:
    return _first_tag(spot, [tag for tag in _line(spot).tags if tag.body.role and tag.body.role.text == role])


def _state(spot: Spot) -> At:
    return _first_tag(spot, [tag for tag in _line(spot).tags if tag.body.role is None])


def _note(spot: Spot) -> At:
    notes = _line(spot).notes
    return spot.at(notes[0]) if notes else name_at(spot)
