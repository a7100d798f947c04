"""Roles that stand in one tag alone, and are most likely slips."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .fleet import Fleet
from .nodes import HostLine
from .problems import At, Problems, Spot, did_you_mean
from .slips import Slips
from .sources import Source
from .syntax import parse_line


def warn_of_single_tags(sources: Sequence[Source], fleet: Fleet, problems: Problems) -> None:
    """A role that stands in one tag alone, and is a slip of another role, or of a state."""
    unheaded = {role.name: role for role in fleet.roles.values() if not role.sections}
    if not unheaded:
        return
    told = {(each.place.file, each.place.line) for each in problems.found if each.code == "M046"}
    slips = Slips([*fleet.roles, *(name.lower() for name in fleet.states)], least=2)
    for name in unheaded:
        state = name.upper() if name.upper() in fleet.states else ""
        near = state or next(iter(slips.of(name)), "")
        tags = _tags(sources, name) if near else []
        if len(tags) != 1 or (tags[0].place.file, tags[0].place.line) in told:
            continue
        if state or near not in fleet.roles:
            message = f"role {name} stands in this tag alone; states are UPPER CASE"
            problems.add("M067", tags[0], message, cure=did_you_mean([f"[{near.upper()}]"]))
            continue
        if near in unheaded and _first_of_two(tags, _tags(sources, near)):
            continue
        told.add((tags[0].place.file, tags[0].place.line))
        message = f"role {name} stands in this tag alone, and is close to {near}"
        hint = f"if {name} is meant, give it a header: [{name}]"
        problems.add("M046", tags[0], message, cure=did_you_mean([near]), hint=hint)


def _first_of_two(tags: Sequence[At], others: Sequence[At]) -> bool:
    """Whether the only tag of a role stands before the only one of another: then that one is the slip."""
    if len(others) != 1 or tags[0].place.file != others[0].place.file:
        return False
    return tags[0].place < others[0].place


def _tags(sources: Sequence[Source], role: str) -> list[At]:
    """The tags of a role and of those that are parts of it, two at most."""
    pattern = re.compile(rf"\[[ \t]*{re.escape(role)}(?=[ \t\].])")
    found: list[At] = []
    for source in sources:
        for match in pattern.finditer(source.text):
            spot = Spot(source, source.text.count("\n", 0, match.start()) + 1)
            column = match.start() - source.text.rfind("\n", 0, match.start())
            statement = parse_line(spot.text)
            if isinstance(statement, HostLine) and any(tag.column == column for tag in statement.tags):
                start = column + match[0].index(role)
                found.append(At(spot, start, start + len(role)))
                if len(found) == 2:
                    return found
    return found
