"""What changed of hosts: which came and went, and of those that stayed, everything that a MATRIX says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from matrix_grammar.model.facts import Value
from matrix_grammar.model.host import Host, Membership, State

from .change import Change, differing, moved

if TYPE_CHECKING:
    from matrix_grammar.fleet import Fleet


def host_changes(old: Fleet, new: Fleet) -> Iterator[Change]:
    """Each change of each host, the order of hosts last; `old` or `new` of one that went or came are its roles."""
    before, after = old.names, new.names
    for key, host in before.items():
        if key not in after:
            yield Change("host", (host.name,), "removed", old=host.roles)
    for key, host in after.items():
        if key not in before:
            yield Change("host", (host.name,), "added", new=host.roles)
    for key, host in after.items():
        if key in before:
            yield from _changes(before[key], host)
    names = moved(tuple(before), tuple(after))
    if names:
        yield Change("host", tuple(after[name].name for name in names), "changed", "order")


def _changes(old: Host, new: Host) -> Iterator[Change]:
    names = (new.name,)
    aspects: tuple[tuple[str, Value | None, Value | None], ...] = (
        ("name", old.name, new.name),
        ("address", old.addresses or None, new.addresses or None),
        ("fullname", old.fullname, new.fullname),
        ("site", old.site, new.site),
        ("rack", old.rack, new.rack),
        ("note", old.note or None, new.note or None),
        ("state", _state(old.state), _state(new.state)),
    )
    for aspect, was, now in aspects:
        if was != now:
            yield Change("host", names, "changed", aspect, old=was, new=now)
    if old.state != new.state and _state(old.state) == _state(new.state):
        yield Change("host", names, "changed", "in service", old=old.in_service, new=new.in_service)
    yield from _memberships(old, new)
    for key, was, now in differing(old.properties, new.properties):
        yield Change("host", names, "changed", "property", key, old=was, new=now)
    for key, was, now in differing(old.defaults, new.defaults):
        yield Change("host", names, "changed", "default", key, old=was, new=now)


def _memberships(old: Host, new: Host) -> Iterator[Change]:
    names = (new.name,)
    before = {membership.role: membership for membership in old.memberships}
    after = {membership.role: membership for membership in new.memberships}
    for role in before:
        if role not in after:
            yield Change("host", names, "removed", "role", role=role)
    for role in after:
        if role not in before:
            yield Change("host", names, "added", "role", role=role)
    for role, membership in after.items():
        yield from _membership(names, before.get(role, Membership(role)), membership)
    if moved(tuple(before), tuple(after)):
        yield Change("host", names, "changed", "order of roles", old=tuple(before), new=tuple(after))


def _membership(names: tuple[str, ...], old: Membership, new: Membership) -> Iterator[Change]:
    """Changes of hosts in one role, also when they have just joined it."""
    was, now = _state(old.state), _state(new.state)
    if was != now:
        yield Change("host", names, "changed", "state", role=new.role, old=was, new=now)
    elif old.state != new.state and old.state and new.state:
        service = (old.state.in_service, new.state.in_service)
        yield Change("host", names, "changed", "in service", role=new.role, old=service[0], new=service[1])
    for key, value, other in differing(old.properties, new.properties):
        yield Change("host", names, "changed", "property", key, new.role, old=value, new=other)


def _state(state: State | None) -> str | None:
    """A state as a tag writes it."""
    if state is None:
        return None
    return f"{state.name}: {state.reason}" if state.reason else state.name
