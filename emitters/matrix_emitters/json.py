"""The json binding: `/etc/dsas.json`, for every language that has no binding of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from matrix_grammar import Host, Membership, State

from .artifact import Artifact
from .emitter import Emitter
from .view import View


class JsonEmitter(Emitter):
    """Makes `/etc/dsas.json`, which `docs/dsas.schema.json` describes. A line a host, so that `grep` and `diff` serve."""

    def artifacts(self, view: View) -> tuple[Artifact, ...]:
        """The document."""
        document = {
            "format": view.format,
            "generation": view.generation,
            "digest": view.digest,
            "sites": view.sites,
            "states": {s.name: {"in_service": s.in_service, "meaning": s.meaning} for s in view.states},
            "properties": view.property_names,
        }
        head = [f'"{key}": {_spell(value)}' for key, value in document.items()]
        names = [host.name for host in view.hosts]
        roles = [
            f"{_spell(role.name)}: "
            + _spell(
                {
                    "meaning": role.meaning,
                    "parent": role.parent,
                    "hosts": [names[number] for number in role.hosts],
                    "in_service": [names[number] for number in role.in_service],
                    "properties": dict(role.properties),
                    "everywhere": dict(role.everywhere),
                    "by_site": {site: dict(values) for site, values in role.by_site.items()},
                }
            )
            for role in view.roles
        ]
        groups = [
            f"{_spell(group.name)}: "
            + _spell(
                {
                    "selector": group.selector,
                    "hosts": [names[number] for number in group.hosts],
                    "in_service": [names[number] for number in group.in_service],
                }
            )
            for group in view.groups
        ]
        defaults = [_spell(dict(values)) for values in view.defaults]
        hosts = [f"{_spell(host.name)}: {_host(host, n)}" for host, n in zip(view.hosts, view.default_of, strict=True)]
        parts = [
            *head,
            _block("roles", "{}", roles),
            _block("groups", "{}", groups),
            _block("defaults", "[]", defaults),
            _block("hosts", "{}", hosts),
        ]
        return (view.options.artifact("/etc/dsas.json", "{\n" + ",\n".join(parts) + "\n}\n"),)


def _block(key: str, brackets: str, lines: list[str]) -> str:
    inner = ",\n".join(lines)
    return f'"{key}": {brackets[0]}\n{inner}\n{brackets[1]}' if lines else f'"{key}": {brackets}'


_spell = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _state(state: State | None) -> Mapping[str, object] | None:
    return None if state is None else {"name": state.name, "in_service": state.in_service, "reason": state.reason}


def _membership(membership: Membership) -> Mapping[str, object]:
    return {"properties": dict(membership.properties), "state": _state(membership.state)}


def _host(host: Host, defaults: int) -> str:
    return _spell(
        {
            "address": host.address,
            "addresses": host.addresses,
            "fullname": host.fullname,
            "site": host.site,
            "rack": host.rack,
            "in_service": host.in_service,
            "state": _state(host.state),
            "roles": {membership.role: _membership(membership) for membership in host.memberships},
            "properties": dict(host.properties),
            "defaults": defaults,
            "note": host.note,
        }
    )
