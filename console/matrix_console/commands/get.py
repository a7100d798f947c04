"""`matrix get`: one fact of a host, role or group."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb

if TYPE_CHECKING:
    from matrix_grammar import Fleet
    from matrix_grammar.model import Group, Host, Role, State, Value

HOST_FACTS: Mapping[str, Callable[[Host, str | None], Value | None]] = {
    "name": lambda host, role: host.name,
    "address": lambda host, role: host.address,
    "addresses": lambda host, role: host.addresses or None,
    "fullname": lambda host, role: host.fullname,
    "site": lambda host, role: host.site,
    "rack": lambda host, role: host.rack,
    "state": lambda host, role: state.name if (state := _state(host, role)) else None,
    "reason": lambda host, role: state.reason or None if (state := _state(host, role)) else None,
    "roles": lambda host, role: host.roles,
    "note": lambda host, role: host.note or None,
}
"""What a host is, beside its properties."""


@verb(
    help="Print one fact of NAME. A fact is a property, or one of these. Host: name, address, addresses, fullname, "
    "site, rack, state, reason, roles, note. Role: name, meaning, hosts. Group: name, selector, hosts.\n\n"
    "A list is printed one item a line. Exit status 1 without a value, 2 for an unknown name."
)
@click.argument("name")
@click.argument("key", metavar="PROPERTY")
@click.option(
    "--role", metavar="ROLE", help="The host's value in this role: of its tag, else of the host, else of the role."
)
@click.option("--site", metavar="SITE", help="The role's value in this site.")
@click.option("--default", metavar="VALUE", help="Print this if there is no value.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the value in its type.")
def command(
    workspace: Workspace, name: str, key: str, role: str | None, site: str | None, default: str | None, as_json: bool
) -> None:
    """Look it up; names are checked even when there is a default."""
    from matrix_common.terminal import safe
    from matrix_grammar.model import texts

    fleet = workspace.fleet()
    value = _find(fleet, name, key, role, site)
    if value is None:
        value = default
    if value is None:
        where = f"{name} in {role}" if role else f"{name} at {site}" if site else name
        fail(f"{where} has no value for {key} (M087)", 1)
    if as_json:
        emit_json({"name": name, "property": key, "role": role, "site": site, "value": value})
    else:
        shown = map(safe, texts(value)) if sys.stdout.isatty() else texts(value)
        emit_data("".join(f"{text}\n" for text in shown).encode())


def _find(fleet: Fleet, name: str, key: str, role: str | None, site: str | None) -> Value | None:
    """The value, or None when there is none. Raises SelectorError for every name that is not known."""
    from matrix_grammar.selectors import unknown_name

    if name in fleet.roles or name in fleet.groups:
        if role is not None:
            fail(f"--role is for hosts, and {name} is none", 2)
        if name in fleet.groups:
            if site is not None:
                fail(f"--site is for roles, and {name} is a group", 2)
            return _of_group(fleet, fleet.groups[name], key)
        return _of_role(fleet, fleet.roles[name], key, site)
    if fleet.index.host(name) is None:
        raise unknown_name(fleet, name, "name")
    if site is not None:
        fail(f"--site is for roles, and {name} is a host", 2)
    return _of_host(fleet, fleet.host(name), key, role)


def _of_host(fleet: Fleet, host: Host, key: str, role: str | None) -> Value | None:
    if role is not None and host.membership(fleet.role(role).name) is None:
        fail(f"{host.name} is not in {role}; it is in {', '.join(host.roles) or 'no role'}", 2)
    if key in HOST_FACTS:
        return HOST_FACTS[key](host, role)
    _check_property(fleet, key)
    return host.property(key, role)


def _of_role(fleet: Fleet, role: Role, key: str, site: str | None) -> Value | None:
    if site is not None and site not in fleet.sites:
        fail(f"unknown site {site}; sites here: {', '.join(fleet.sites) or 'none'}", 2)
    if key == "name":
        return role.name
    if key == "meaning":
        return role.meaning or None
    if key == "hosts" and not fleet.index.knows_property(key):
        return tuple(host.name for host in role.hosts) or None
    _check_property(fleet, key)
    return role.property(key, site)


def _of_group(fleet: Fleet, group: Group, key: str) -> Value | None:
    facts: Mapping[str, Value | None] = {"name": group.name, "selector": group.selector, "hosts": group.hosts or None}
    if key not in facts:
        fail(f"a group has name, selector and hosts, but no {key}", 2)
    return facts[key]


def _check_property(fleet: Fleet, key: str) -> None:
    from matrix_grammar.selectors import unknown_name

    if not fleet.index.knows_property(key):
        raise unknown_name(fleet, key, "property")


def _state(host: Host, role: str | None) -> State | None:
    return host.state if role is None else host.state_in(role)
