"""The services of a Fleet, found.

A role's `vip` values are its services. The members of one are the hosts in service in that role whose `vip`, looked up
in that role, holds it: so a VIP of a site has that site's hosts, and a tag such as `[ps vip=203.0.113.80:80]` puts a
host behind that VIP alone. A property that is given once holds for all VIPs of its header, one that is given as often
as `vip` goes with them one by one; any other list is the same for all of them, and refused where one value is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matrix_grammar import Fleet
from matrix_grammar.model import Host, Role, RoleSection, Value, texts

from .health import Check, read_check
from .service import Member, Service, split_endpoint, whole


def services_of(fleet: Fleet) -> tuple[Service, ...]:
    """All services, in the order of the roles, their headers and VIPs. Raises EmitterError."""
    return tuple(
        service for role in fleet.roles.values() for section in role.sections for service in _of_header(role, section)
    )


def _of_header(role: Role, section: RoleSection) -> Iterator[Service]:
    """The services of the VIPs that one header gives; what a sub-role has from its parent role is the parent's."""
    endpoints = texts(section.properties.get("vip", ()))
    if not endpoints:
        return
    given = {key: value for key in _keys(role) if (value := _value(role, section.site, key)) is not None}
    behind: dict[str, list[Host]] = {endpoint: [] for endpoint in endpoints}
    for host in role.in_service:
        if section.site is None or host.site == section.site:
            for endpoint in dict.fromkeys(texts(host.property("vip", role.name) or ())):
                if endpoint in behind:
                    behind[endpoint].append(host)
    for number, endpoint in enumerate(endpoints):
        properties = {key: _for_vip(value, number, len(endpoints)) for key, value in given.items()}
        yield _service(role.name, section.site, endpoint, properties, behind[endpoint])


def _keys(role: Role) -> Iterator[str]:
    """The properties that the role or the roles above it may have, without `vip`."""
    keys: dict[str, None] = {}
    here: Role | None = role
    while here is not None:
        keys.update(dict.fromkeys(here.keys()))
        here = here.parent
    return (key for key in sorted(keys) if key != "vip")


def _value(role: Role, site: str | None, key: str) -> Value | None:
    return role.property(key, site) if site is not None else role.for_all_sites(key)


def _for_vip(value: Value, number: int, count: int) -> Value:
    """The value for the VIP of that number, of `count`."""
    if not isinstance(value, tuple):
        return value
    if len(value) == 1:
        return value[0]
    return value[number] if len(value) == count else value


def _service(role: str, site: str | None, endpoint: str, properties: Mapping[str, Value], hosts: list[Host]) -> Service:
    address, port = split_endpoint(endpoint, f"role {role}: vip")
    family = 6 if ":" in address else 4
    service = Service(role, site, address, port, family, properties=properties)
    check = service.check
    members, nowhere = [], []
    for host in hosts:
        own = next((own for own in host.addresses if (":" in own) == (family == 6)), None)
        if own is None:
            nowhere.append(host.name)
        else:
            members.append(_member(service, host, own, check))
    return Service(role, site, address, port, family, tuple(members), tuple(nowhere), properties)


def _member(service: Service, host: Host, address: str, check: Check) -> Member:
    where = f"host {host.name} in role {service.role}"
    port = whole(_own(service, host, "port", service.port), f"{where}: port", 1, 65535)
    weight = whole(_own(service, host, "weight", 1), f"{where}: weight", 0, 65535)
    written = _written(host, service.role, "check")
    if written is not None:
        check = read_check(" ".join(texts(written)), where)
    state = host.state_in(service.role)
    return Member(host, address, port, weight, check.at(port), state.name if state is not None else "")


def _written(host: Host, role: str, key: str) -> Value | None:
    """What the host's tag or line says, without its role."""
    membership = host.membership(role)
    if membership is not None and key in membership.properties:
        return membership.properties[key]
    return host.properties.get(key)


def _own(service: Service, host: Host, key: str, otherwise: int) -> Value:
    """The lookup of the language, with the role's value for this VIP: tag, host, role, `@default`."""
    value = _written(host, service.role, key)
    if value is None:
        value = service.properties.get(key)
    if value is None:
        value = host.defaults.get(key)
    return otherwise if value is None else value
