"""Named selections: evaluated in the order in which they need one another."""

from __future__ import annotations

from collections.abc import Sequence

from .fleet import Fleet
from .model import Group
from .problems import Problems
from .walk import GroupLine


def resolve_groups(fleet: Fleet, lines: Sequence[GroupLine], problems: Problems) -> Fleet:
    """The same fleet with its groups."""
    groups: dict[str, Group] = {}
    for line in lines:
        with_some = Fleet(fleet.hosts, fleet.roles, groups, fleet.states, fleet.property_types)
        found = with_some.select(line.selector.text)
        groups[line.name.text] = Group(line.name.text, line.selector.text, found.names)
    return Fleet(fleet.hosts, fleet.roles, groups, fleet.states, fleet.property_types)
