"""Roles that stand in one tag alone, and are most likely slips."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from matrix_common.words import Slips, did_you_mean
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.names import binding_name
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import HostLine
from matrix_grammar.texts.source import Source

_TAG: Final = r"\[[ \t]*([a-z][a-z0-9._-]*)(?=[ \t\]])"


def warn_of_single_tags(sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
    """A role that stands in one tag alone, and is a slip of another role or of a state, or has a state's very name."""
    unheaded = {role.name for role in fleet.roles.values() if not role.sections}
    slips = Slips([*fleet.roles, *(name.lower() for name in fleet.states)], least=2)
    suspects = {name: _meant(name, slips, fleet) for name in fleet.roles if name in unheaded}
    suspects = {name: near for name, near in suspects.items() if near}
    if not suspects:
        return
    warned = {(each.place.file, each.place.line) for each in problems.diagnostics if each.code == "M046"}
    states = {name for name in suspects if name.upper() in fleet.states}
    tags = _only_tags(sources, {*suspects, *suspects.values()}, states)
    for name, near in suspects.items():
        at = tags.get(name)
        if at is None or (at.place.file, at.place.line) in warned:
            continue
        if near not in fleet.roles or near.upper() in fleet.states:
            message = f"role {name} has no header; states are UPPER CASE"
            problems.add("M067", at, message, cure=did_you_mean([f"[{near.upper()}]"]))
            continue
        other = tags.get(near)
        if near in unheaded and other is not None and at.place < other.place:
            continue  # of two that stand once each, the second is the slip
        warned.add((at.place.file, at.place.line))
        message = f"role {name} stands in this tag alone, and is close to {near}"
        hint = f"if {name} is meant, give it a header: [{name}]"
        problems.add("M046", at, message, cure=did_you_mean([near]), hint=hint)


def _meant(name: str, slips: Slips, fleet: Fleet) -> str:
    """The role that a name is a slip of, or the state in lower case; empty when it is none."""
    if name.upper() in fleet.states:
        return name
    return next((near for near in slips.of(name) if binding_name(near) != binding_name(name)), "")


def _only_tags(sources: Sequence[Source], roles: Collection[str], often: Collection[str]) -> dict[str, At]:
    """The tags of those of these roles that stand in one alone, themselves or as what another is a part of; of those
    that may stand `often`, the first.
    """
    single: dict[str, tuple[Source, int] | None] = {}
    for source in sources:
        for match in re.finditer(_TAG, source.text):
            name = match[1]
            while name:
                if name in roles and not (name in single and name in often):
                    single[name] = None if name in single else (source, match.start(1))
                name = name.rpartition(".")[0]
    places = {role: _place(role, *where) for role, where in single.items() if where is not None}
    return {role: at for role, at in places.items() if at is not None}


def _place(role: str, source: Source, offset: int) -> At | None:
    """Where a tag stands; None for what is no tag, as in a comment."""
    begin = source.text.rfind("\n", 0, offset) + 1
    spot = Spot(source, source.text.count("\n", 0, begin) + 1)
    statement = parse_line(spot.text)
    column = offset - begin + 1
    if not isinstance(statement, HostLine):
        return None
    inside = any(tag.column < column < tag.end for tag in statement.tags)
    return At(spot, column, column + len(role)) if inside else None
