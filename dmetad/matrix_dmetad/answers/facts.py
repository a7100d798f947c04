"""What the MATRIX says of hosts, roles and groups: docs/language.md has the rules, docs/dmetad.md the shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from matrix_common.terminal import safe
from matrix_common.words import nearest
from matrix_dmetad.errors import Problem, echo
from matrix_emitters.bindings.sh import variable as sh_variable
from matrix_emitters.view import GroupTable, RoleTable, View
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host, State, Value

from .documents import Json, plain

HOST_FACTS: Final[Mapping[str, Callable[[Host], Json]]] = {
    "name": lambda host: host.name,
    "fullname": lambda host: host.fullname,
    "address": lambda host: host.address,
    "addresses": lambda host: list(host.addresses),
    "site": lambda host: host.site,
    "rack": lambda host: host.rack,
    "state": lambda host: host.state.name if host.state else None,
    "reason": lambda host: host.state.reason if host.state else "",
    "roles": lambda host: list(host.roles),
    "note": lambda host: host.note,
}
"""What every host is, beside its properties; no property can have one of these names."""

_NEAREST_AMONG = 2_000


class Facts:
    """The facts of one Fleet, found by name. Raises Problem for names that are not known."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.fleet = view.fleet

    @cached_property
    def roles(self) -> Mapping[str, RoleTable]:
        """The roles by name."""
        return {role.name: role for role in self.view.roles}

    @cached_property
    def groups(self) -> Mapping[str, GroupTable]:
        """The groups by name."""
        return {group.name: group for group in self.view.groups}

    @cached_property
    def properties(self) -> frozenset[str]:
        """Every property that is known."""
        return frozenset(self.view.property_names)

    def variable(self, *names: str) -> str:
        """The sh variable of a role or group, or of one of its properties."""
        return sh_variable(self.view.options.sh_prefix, *names)

    def collection(self, name: str) -> RoleTable | GroupTable:
        """The role or group of that name."""
        found = self.roles.get(name) or self.groups.get(name)
        if found is None:
            known = (*self.roles, *self.groups)
            raise unknown("role or group", name, known)
        return found

    def role(self, name: str) -> RoleTable:
        """The role of that name."""
        if name not in self.roles:
            raise unknown("role", name, self.roles)
        return self.roles[name]

    def host(self, name: str) -> Host:
        """The host of that name or full name, compared without case."""
        number = self.view.index.get(name.lower())
        if number is None:
            raise unknown("host", name, self.fleet.names)
        return self.view.hosts[number]

    def myself(self, name: str) -> Host | None:
        """The host that a machine of this name is: by name, full name, or name up to the first dot; or None."""
        number = self.view.index.get(name.lower(), self.view.index.get(name.lower().partition(".")[0]))
        return self.view.hosts[number] if number is not None else None

    def known_property(self, name: str) -> str:
        """The property, when anything declares or sets it."""
        if name not in self.properties:
            raise unknown("property", name, ("node", *self.properties, *HOST_FACTS))
        return name

    def site(self, name: str | None) -> str | None:
        """The site, when there is one of that name."""
        if name is not None and name not in self.fleet.sites:
            raise unknown("site", name, self.fleet.sites)
        return name

    def select(self, selector: str) -> tuple[Host, ...]:
        """The hosts that a selector names. Raises Problem with every mistake in it."""
        try:
            return tuple(self.fleet.select(selector))
        except SelectorError as error:
            raise selector_problem(error) from error

    def members(self, table: RoleTable | GroupTable, everyone: bool) -> list[Host]:
        """Its hosts in service, or all of them, in the order of the MATRIX."""
        hosts = self.view.hosts
        return [hosts[number] for number in (table.hosts if everyone else table.in_service)]

    def host_record(self, host: Host, role: str | None = None, deep: bool = False) -> dict[str, Json]:
        """All that is known of a host; in a role, as it counts there; `deep`: with each of its roles as well."""
        state = host.state if role is None else host.state_in(role)
        serves = host.in_service if role is None else role in host.roles and host.in_service_in(role)
        record: dict[str, Json] = {key: read(host) for key, read in HOST_FACTS.items()}
        record |= state_facts(state) | {"in_service": serves}
        record["properties"] = self.host_properties(host, role)
        if deep:
            record["in_roles"] = {name: self.membership_record(host, name) for name in host.roles}
        return record

    def membership_record(self, host: Host, role: str) -> dict[str, Json]:
        """What counts for a host in one of its roles."""
        state = host.state_in(role)
        return {
            **state_facts(state),
            "in_service": host.in_service_in(role),
            "properties": self.host_properties(host, role),
        }

    def host_properties(self, host: Host, role: str | None) -> dict[str, Json]:
        """Every property that has a value for the host, in a role or without one: own ones first."""
        keys: dict[str, None] = {}
        if role is not None:
            membership = host.membership(role)
            if membership is not None:
                keys.update(dict.fromkeys(membership.properties))
        keys.update(dict.fromkeys(host.properties))
        if role is not None:
            table = self.roles[role]
            keys.update(dict.fromkeys((*table.everywhere, *(table.by_site.get(host.site, {}) if host.site else ()))))
        keys.update(dict.fromkeys(host.defaults))
        found = ((key, host.property(key, role)) for key in keys)
        return {key: plain(value) for key, value in found if value is not None}

    def own_value(self, host: Host, key: str, role: str | None) -> Value | None:
        """The tag's or the host's own value: what differs from what the role says."""
        membership = host.membership(role) if role is not None else None
        if membership is not None and key in membership.properties:
            return membership.properties[key]
        return host.properties.get(key)


def state_facts(state: State | None) -> dict[str, Json]:
    """A state's name and reason."""
    return {"state": state.name if state else None, "reason": state.reason if state else ""}


def unknown(kind: str, name: str, known: Iterable[str]) -> Problem:
    """The answer to a name that is not known, with the nearest ones."""
    code = "unknown-" + kind.replace(" or ", "-or-")
    return Problem(404, code, f"unknown {kind} {echo(name)}", near(name, known))


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The nearest names; of very many only those that start alike are looked at, so that an answer costs no second."""
    names = list(known)
    if len(name) > 100:
        return ()
    if len(names) > _NEAREST_AMONG:
        start = name[:2].lower()
        names = [each for each in names if each[:2].lower() == start][:_NEAREST_AMONG]
    return nearest(name, names)


def selector_problem(error: SelectorError) -> Problem:
    """A selector that cannot be answered: 404 when all that is wrong are names, 400 when it is no selector."""
    first = error.diagnostics[0]
    codes = {diagnostic.code for diagnostic in error.diagnostics}
    unknown_names = codes <= {"M081", "M082", "M084", "M085", "M087"}
    sentences = [f"{each.message} ({each.cure})" if each.cure else each.message for each in error.diagnostics]
    detail = echo_long("; ".join(sentences))
    if first.hint and not any(each.cure for each in error.diagnostics):
        detail += f" [{echo_long(first.hint)}]"
    return Problem(404 if unknown_names else 400, "unknown-in-selector" if unknown_names else "bad-selector", detail)


def echo_long(text: str) -> str:
    """A sentence made by the grammar about a request's text, at most some lines long."""
    return safe(text if len(text) <= 600 else text[:600] + "…")
