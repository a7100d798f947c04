"""Pools: the hosts of a role behind a proxy of HTTP or TCP, which needs no VIP to reach them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matrix_emitters.errors import EmitterError
from matrix_grammar.model import Host, Role, Value, texts

from .result import Finding
from .scene import Scene
from .service import whole

SCOPE = "pool.scope"
_MOST_WEIGHT = 65535


@dataclass(frozen=True, slots=True)
class PoolMember:
    """A host in service behind a proxy: its first address, its port and weight in the role."""

    host: Host
    address: str
    port: int
    weight: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The members of a role, as a proxy in `site` sees them. `nowhere` are hosts in service that have no address."""

    role: Role
    site: str | None
    members: tuple[PoolMember, ...]
    nowhere: tuple[str, ...]

    def property(self, key: str) -> Value | None:
        """The role's value of a property for the proxy's site."""
        return role_property(self.role, key, self.site)

    def one(self, key: str) -> str:
        """The role's only value of a property, as text; empty where it has none. Raises EmitterError for several."""
        value = self.property(key)
        found = () if value is None else texts(value)
        if len(found) > 1:
            raise EmitterError(f"role {self.role.name}: {key} is given {len(found)} times")
        return found[0] if found else ""

    def findings(self, title: str, answer: str) -> Iterator[Finding]:
        """What a person should know of it; `title` is its name in the text, `answer` what clients then get."""
        if not any(member.weight for member in self.members):
            yield Finding("warning", f"{title} has no member in service: {answer}")
        if self.nowhere:
            message = f"role {self.role.name}: without an address: {', '.join(self.nowhere)}"
            yield Finding("warning", message, hosts=self.nowhere)


def role_property(role: Role, key: str, site: str | None) -> Value | None:
    """The role's value of a property in a site; without one, what it says for all sites, else its values anywhere."""
    if site is not None:
        return role.property(key, site)
    value = role.for_all_sites(key)
    return role.property(key) if value is None else value


def says(role: Role, key: str) -> bool:
    """Whether a header of the role itself gives a property: what a sub-role has from its parent is the parent's."""
    return any(key in section.properties for section in role.sections)


def pool_of(scene: Scene, role: Role) -> Pool | None:
    """The role's pool for the scene's host: its members in service in the host's site, or in all of them with
    `pool.scope=all`, and for a host in no site. None where the role has no host there. Raises EmitterError.
    """
    site = scene.host.site if scene.host is not None else None
    scope = role_property(role, SCOPE, site)
    if scope not in (None, "site", "all"):
        raise EmitterError(f"role {role.name}: {SCOPE} is {scope!r}; it may be site or all")
    everywhere = site is None or scope == "all"
    hosts = [host for host in role.hosts if everywhere or host.site == site]
    if not hosts:
        return None
    serving = [host for host in hosts if host.in_service_in(role.name)]
    members = tuple(_member(host, role) for host in serving if host.addresses)
    return Pool(role, site, members, tuple(host.name for host in serving if not host.addresses))


def _member(host: Host, role: Role) -> PoolMember:
    where = f"host {host.name} in role {role.name}"
    port, weight = host.property("port", role.name), host.property("weight", role.name)
    number = 1 if weight is None else whole(weight, f"{where}: weight", 0, _MOST_WEIGHT)
    at = _port_of_vips(host, role, where) if port is None else whole(port, f"{where}: port", 1, 65535)
    return PoolMember(host, host.addresses[0], at, number)


def _port_of_vips(host: Host, role: Role, where: str) -> int:
    """The port that all VIPs of the host have in the role, for a role that does not say `port`."""
    vips = host.property("vip", role.name)
    ports = {int(vip.rpartition(":")[2]) for vip in (() if vips is None else texts(vips))}
    if len(ports) != 1:
        raise EmitterError(f"{where} has no port; write port=… on the header [{role.name}]")
    return ports.pop()
