"""The json binding: `/etc/dsas.json`, for every language that has no binding of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from matrix_emitters.artifacts.artifact import Artifact
from matrix_emitters.bindings.emitter import Emitter
from matrix_emitters.view.view import View
from matrix_grammar.model import Host, Membership, State, Value


class JsonEmitter(Emitter):
    """Makes `/etc/dsas.json`, which `docs/dsas.schema.json` describes; a line a host, for `grep` and `diff`."""

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


_TEXT = json.encoder.encode_basestring_ascii
_PLAIN_MEMBERSHIP = _spell(_membership(Membership("")))


def _host(host: Host, defaults: int) -> str:
    """Put together by hand: an encoder per host would take twice the time."""
    roles = ",".join(
        [
            f'"{m.role}":{_spell(_membership(m)) if m.properties or m.state is not None else _PLAIN_MEMBERSHIP}'
            for m in host.memberships
        ]
    )
    properties = ",".join([f"{_TEXT(key)}:{_value(value)}" for key, value in host.properties.items()])
    state = "null" if host.state is None else _spell(_state(host.state))
    addresses = ",".join([_TEXT(address) for address in host.addresses])
    return (
        f'{{"address":{_TEXT(host.address)},"addresses":[{addresses}],"fullname":{_TEXT(host.fullname)},'
        f'"site":{_optional(host.site)},"rack":{_optional(host.rack)},'
        f'"in_service":{"true" if host.in_service else "false"},"state":{state},'
        f'"roles":{{{roles}}},"properties":{{{properties}}},"defaults":{defaults},'
        f'"note":{_TEXT(host.note)}}}'
    )


def _value(value: Value) -> str:
    if type(value) is str:
        return _TEXT(value)
    return str(value) if type(value) is int else _spell(value)


def _optional(text: str | None) -> str:
    return "null" if text is None else _TEXT(text)
