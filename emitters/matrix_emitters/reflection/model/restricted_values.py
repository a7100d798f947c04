"""The values of a Fleet that matrix.toml has to allow, for kinds of configurations that come from other packages.

The built-in kinds judge what they make something of, host by host. What a package reads nobody knows: so all values of
the properties that it restricts are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from matrix_emitters.judged import restricted_of
from matrix_emitters.reflection.model.allowed_texts import Named, findings
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import BUILT_IN_REFLECTORS
from matrix_emitters.reflection.model.result import Finding
from matrix_grammar import Fleet
from matrix_grammar.model import Value, texts


def restricted_findings(fleet: Fleet, entry: Configuration) -> Iterator[Finding]:
    """An error for each value that is refused, a warning for each that the next release refuses."""
    if entry.own or entry.template in BUILT_IN_REFLECTORS:
        return
    keys = {rule.partition("=")[0] for rule in restricted_of(entry.template)}
    if keys:
        yield from findings(entry.allowed, _values(fleet, keys))


def _values(fleet: Fleet, keys: Iterable[str]) -> Iterator[Named]:
    for host in fleet:
        yield from _named(f"host {host.name}", {**host.defaults, **host.properties}, keys)
        for membership in host.memberships:
            yield from _named(f"host {host.name} in role {membership.role}", membership.properties, keys)
    for role in fleet.roles.values():
        for section in role.sections:
            yield from _named(f"role {role.name}", section.properties, keys)


def _named(where: str, properties: Mapping[str, Value], keys: Iterable[str]) -> Iterator[Named]:
    for key in keys:
        if key in properties:
            yield from ((where, key, text) for text in texts(properties[key]))
