"""Compares two Fleets by what they mean. Equal fleets have no change, unequal ones at least one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from matrix_grammar.model.declared import Group, PropertyType, StateKind
from matrix_grammar.model.facts import Value
from matrix_grammar.model.role import Role

from .change import Change, Kind, Subject, differing, gathered, moved

if TYPE_CHECKING:
    from matrix_grammar.fleet import Fleet


def compare(old: Fleet, new: Fleet) -> tuple[Change, ...]:
    """All changes from one fleet to another: hosts first, equal changes of several hosts as one."""
    if old == new:
        return ()
    from .hosts import host_changes  # what follows is needed only where something changed

    changes = gathered(host_changes(old, new))
    changes += _named("role", old.roles, new.roles, _role_changes)
    changes += _named("group", old.groups, new.groups, _group_changes)
    changes += _named("state", old.states, new.states, _state_changes)
    changes += _named("property", old.property_types, new.property_types, _type_changes)
    return tuple(changes)


def removed_hosts(old: Fleet, new: Fleet) -> tuple[str, ...]:
    """The names of the hosts that the new fleet has no longer, in the order of the old one."""
    return tuple(host.name for host in old.hosts if host.name.lower() not in new.names)


def emptied_roles(old: Fleet, new: Fleet) -> tuple[str, ...]:
    """The roles that had hosts and have none any more, in the order of the old fleet."""
    return tuple(
        role.name
        for role in old.roles.values()
        if role.hosts and not (role.name in new.roles and new.roles[role.name].hosts)
    )


Part = TypeVar("Part", Role, Group, StateKind, PropertyType)


def _named(
    subject: Subject,
    old: Mapping[str, Part],
    new: Mapping[str, Part],
    inside: Callable[[Part, Part], Iterator[Change]],
) -> list[Change]:
    """The changes of the named things of one kind."""
    changes = [Change(subject, (name,), "removed") for name in old if name not in new]
    changes += [Change(subject, (name,), "added") for name in new if name not in old]
    for name, before in old.items():
        if name in new:
            changes += inside(before, new[name])
    names = moved(tuple(old), tuple(new))
    if names:
        changes.append(Change(subject, names, "changed", "order"))
    return changes


def _aspect(subject: Subject, name: str, aspect: str, old: Value | None, new: Value | None) -> Iterator[Change]:
    if old != new:
        yield Change(subject, (name,), "changed", aspect, old=old, new=new)


def _role_changes(old: Role, new: Role) -> Iterator[Change]:
    yield from _aspect("role", old.name, "meaning", old.meaning or None, new.meaning or None)
    before = {section.site or "": section.properties for section in old.sections}
    after = {section.site or "": section.properties for section in new.sections}
    for site in dict.fromkeys((*before, *after)):
        for key, was, now in differing(before.get(site, {}), after.get(site, {})):
            yield Change("role", (old.name,), "changed", "property", key=key, site=site, old=was, new=now)
        if (site in before) != (site in after) and not (before.get(site) or after.get(site)):
            kind: Kind = "added" if site in after else "removed"
            yield Change("role", (old.name,), kind, "header", site=site)
    if moved(tuple(before), tuple(after)):
        yield Change("role", (old.name,), "changed", "order of sites", old=tuple(before), new=tuple(after))


def _group_changes(old: Group, new: Group) -> Iterator[Change]:
    before, after = frozenset(old.hosts), frozenset(new.hosts)
    leaving = tuple(name for name in old.hosts if name not in after)
    joining = tuple(name for name in new.hosts if name not in before)
    if leaving:
        yield Change("group", (old.name,), "removed", "hosts", old=leaving)
    if joining:
        yield Change("group", (old.name,), "added", "hosts", new=joining)
    names = moved(old.hosts, new.hosts)
    if names:
        yield Change("group", (old.name,), "changed", "order", new=names)


def _state_changes(old: StateKind, new: StateKind) -> Iterator[Change]:
    yield from _aspect("state", old.name, "in service", old.in_service, new.in_service)
    yield from _aspect("state", old.name, "meaning", old.meaning or None, new.meaning or None)


def _type_changes(old: PropertyType, new: PropertyType) -> Iterator[Change]:
    yield from _aspect("property", old.name, "type", _type(old), _type(new))
    yield from _aspect("property", old.name, "meaning", old.meaning or None, new.meaning or None)
    yield from _aspect("property", old.name, "declared", old.declared, new.declared)


def _type(kind: PropertyType) -> str:
    """A type as `@property` writes it."""
    words = [kind.kind]
    if kind.low is not None or kind.high is not None:
        words.append(f"{'' if kind.low is None else kind.low}..{'' if kind.high is None else kind.high}")
    return " ".join([*words, *kind.choices, *(["list"] if kind.is_list else [])])
