"""Services: the VIPs of roles with the hosts behind them, as every load balancer needs to know them.

A role's `vip` values are its services. The members of one are the hosts in service in that role whose `vip`, looked up
in that role, holds it: so a VIP of a site has that site's hosts, and a tag such as `[ps vip=203.0.113.80:80]` puts a
host behind that VIP alone. A property that is given once holds for all VIPs of its header, one that is given as often
as `vip` goes with them one by one; any other list is the same for all of them, and refused where one value is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from matrix_grammar import Fleet, Host, Role, Scalar, Value, text, texts

from ..errors import EmitterError
from ..view import for_all_sites


@dataclass(frozen=True, slots=True)
class Member:
    """A host behind a VIP: its address of the VIP's family, its port and weight, and the state it is in (`WARN`)."""

    host: Host
    address: str
    port: int
    weight: int
    state: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One VIP of a role. `family` is 4 or 6; `site` None: of all sites, or the MATRIX has none.

    `properties` are the role's for this VIP. `members` are in service and in the order of the MATRIX; `nowhere` are
    hosts that are in service as well, but have no address of the VIP's family.
    """

    role: str
    site: str | None
    address: str
    port: int
    family: int
    members: tuple[Member, ...] = ()
    nowhere: tuple[str, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @property
    def endpoint(self) -> str:
        """Address and port in the MATRIX's spelling: `203.0.113.80:80`, `[2001:db8::1]:80`."""
        return f"[{self.address}]:{self.port}" if self.family == 6 else f"{self.address}:{self.port}"

    @property
    def where(self) -> str:
        """The service as messages name it."""
        return f"role {self.role}, VIP {self.endpoint}"

    def text(self, key: str, default: str = "") -> str:
        """The role's value of a property for this VIP, as text. Raises EmitterError."""
        value = self._one(key)
        return default if value is None else text(value)

    def number(self, key: str) -> int | None:
        """The role's value of a property for this VIP, a whole number, or None. Raises EmitterError."""
        value = self._one(key)
        return None if value is None else whole(value, f"{self.where}: {key}")

    def _one(self, key: str) -> Scalar | None:
        value = self.properties.get(key)
        if isinstance(value, tuple):
            raise EmitterError(
                f"{self.where}: there are {len(value)} values of {key}; give it once, or once for each vip"
            )
        return value


def whole(value: Value, where: str) -> int:
    """A whole number, also where the user's own declaration made it text. Raises EmitterError that says `where`."""
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    raise EmitterError(f"{where} is {value!r}, not a whole number")


def services_of(fleet: Fleet) -> tuple[Service, ...]:
    """All services of a Fleet, in the order of its roles, their headers and VIPs. Raises EmitterError."""
    return tuple(service for role in fleet.roles.values() for service in _of_role(role))


def _of_role(role: Role) -> Iterator[Service]:
    """The services of the VIPs that the role's own headers give; what it has from its parent role is the parent's."""
    for section in role.sections:
        given = section.properties.get("vip")
        if given is None:
            continue
        endpoints = texts(given)
        for number, endpoint in enumerate(endpoints):
            properties = {
                key: one
                for key in _keys(role)
                if (one := _for_vip(role, section.site, key, number, len(endpoints))) is not None
            }
            yield _with_members(role, section.site, endpoint, properties)


def _keys(role: Role) -> dict[str, None]:
    keys: dict[str, None] = {}
    here: Role | None = role
    while here is not None:
        keys.update(dict.fromkeys(here.keys()))
        here = here.parent
    keys.pop("vip", None)
    return keys


def _for_vip(role: Role, site: str | None, key: str, number: int, count: int) -> Value | None:
    """The role's value for its VIP of that number, of `count`."""
    value = role.property(key, site) if site is not None else for_all_sites(role, key)
    if not isinstance(value, tuple):
        return value
    if len(value) == 1:
        return value[0]
    return value[number] if len(value) == count else value


def _with_members(role: Role, site: str | None, endpoint: str, properties: Mapping[str, Value]) -> Service:
    address, _, digits = endpoint.rpartition(":")
    address, port, family = address.strip("[]"), int(digits), 6 if address.startswith("[") else 4
    members, nowhere = [], []
    for host in role.in_service:
        vips = host.property("vip", role.name)
        if vips is None or endpoint not in texts(vips) or (site is not None and host.site != site):
            continue
        reachable = next((own for own in host.addresses if (":" in own) == (family == 6)), None)
        if reachable is None:
            nowhere.append(host.name)
            continue
        state = host.state_in(role.name)
        members.append(
            Member(
                host,
                reachable,
                _number(host, role.name, "port", port),
                _number(host, role.name, "weight", 1),
                state.name if state is not None else "",
            )
        )
    return Service(role.name, site, address, port, family, tuple(members), tuple(nowhere), properties)


def _number(host: Host, role: str, key: str, otherwise: int) -> int:
    value = host.property(key, role)
    return otherwise if value is None else whole(value, f"host {host.name} in role {role}: {key}")
