"""The names of an outline made legal: hosts first, so that they keep theirs, then roles, groups and properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from matrix_grammar.model import binding_name, property_table
from matrix_sources.outline.outline import Outline, RawFacts
from matrix_sources.outline.spelling import Claims, legal_host, legal_property, legal_role, type_of


@dataclass(frozen=True, slots=True)
class LegalNames:
    """The legal name of each host (by its name in lower case), role or group, and property, by their foreign ones."""

    hosts: dict[str, str]
    roles: dict[str, str]
    properties: dict[str, str]
    types: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Of each property that is to be declared, by its legal name: its type, and whether it is a list."""


def legal_names(outline: Outline) -> LegalNames:
    """Names for all of an outline; every one that is not the foreign one is told in its leftovers."""
    hosts = _hosts(outline)
    roles = _roles(outline, set(map(str.lower, hosts.values())))
    properties, types = _properties(outline)
    return LegalNames(hosts, roles, properties, types)


def _hosts(outline: Outline) -> dict[str, str]:
    """Hosts with legal names keep them, whatever others would like to be called."""
    found: dict[str, str] = {}
    wanted: dict[str, str] = {}  # by those whose names are not legal
    for key, host in outline.hosts.items():
        name = host.name
        legal = legal_host(name)
        if legal == name:
            found[key] = name
        else:
            wanted[key] = legal
    claims = Claims(str.lower, found.values() if wanted else ())
    for key, legal in wanted.items():
        found[key] = claims.claim(legal, "-")
        host = outline.hosts[key]
        if found[key] != host.name:
            outline.change(host.line, host.name, f"the host is called {found[key]} here")
    return found


def _roles(outline: Outline, hosts: set[str]) -> dict[str, str]:
    """Roles and groups; none has the name of a host, and no two meet in the bindings."""
    found: dict[str, str] = {}
    claims = Claims(binding_name)
    lines = {name: role.line for name, role in outline.roles.items()}
    lines |= {name: line for name, (line, _) in outline.groups.items()}
    parents = {name: role.parent for name, role in outline.roles.items() if role.parent}
    wanted = {name: legal_role(name) for name in lines if name not in parents}
    for name in sorted(wanted, key=lambda name: wanted[name] != name):
        base = wanted[name] if wanted[name] not in hosts else f"role-{wanted[name]}"
        claimed = claims.claim(base, "-")
        while claimed in hosts:
            claimed = claims.claim(base, "-")
        found[name] = claimed
    for name, parent in parents.items():
        found[name] = claims.claim(f"{found[parent]}.{legal_role(name.removeprefix(f'{parent}.'))}", "-")
    for name, line in lines.items():
        if found[name] != name:
            outline.change(line, name, f"the role is called {found[name]} here")
    return found


def _properties(outline: Outline) -> tuple[dict[str, str], dict[str, tuple[str, bool]]]:
    values: dict[str, set[str]] = {}
    lists: set[str] = set()
    lines: dict[str, int] = {}
    for line, facts in _all_facts(outline):
        for key, given in facts.items():
            if not given:
                continue
            known = values.get(key)
            if known is None:
                known = values[key] = set()
                lines[key] = line
            known.update(given)
            if len(given) > 1:
                lists.add(key)
    wanted = {
        key: key if key in outline.meant else legal_property(key, outline.kind, given, key in lists)
        for key, given in values.items()
    }
    asked = set(wanted.values())
    built_in = property_table().types
    claims = Claims(binding_name, [name for name in built_in if name not in asked])
    found: dict[str, str] = {}
    for key in sorted(wanted, key=lambda key: wanted[key] != key):
        found[key] = claims.claim(wanted[key], "_")
    for key in values:
        if found[key] != key:
            outline.change(lines[key], key, f"the property is called {found[key]} here")
    types = {found[key]: (type_of(values[key]), key in lists) for key in values if found[key] not in built_in}
    return found, types


def _all_facts(outline: Outline) -> Iterator[tuple[int, RawFacts]]:
    yield 0, outline.defaults
    for role in outline.roles.values():
        yield role.line, role.facts
    for host in outline.hosts.values():
        yield host.line, host.facts
        for facts in host.roles.values():
            if facts:
                yield host.line, facts
