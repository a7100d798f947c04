"""VRRP between the load balancers: who is master of which VIPs, on which interface, with which priority.

Load balancers of one site that carry the same VIPs under one VRID are a cluster. Each interface and address family has
an instance of its own, since a packet of VRRP speaks for one of each; those of one VRID are a sync group, so that they
move together.

A packet of VRRP names the addresses that it speaks for, and keepalived drops one that names others than its own file
("received an unexpected ip number count", "ip address … not present in MASTER advert"). While a change of the VIPs has
reached the backup and not yet the master, both would become master. So an instance speaks for one address that follows
from its VRID alone, and all VIPs are its `virtual_ipaddress_excluded`, which move with it all the same. With IPv6 that
is the link-local address of the virtual router, which belongs there (RFC 5798, 5.2.9 and 7.3); with IPv4 a link-local
address out of the 256 that no machine ever takes by itself (RFC 3927, 2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.scene import Stage
from matrix_emitters.reflection.model.service import Service, truth, whole
from matrix_grammar.model import Host, Value, text
from matrix_grammar.value_forms import INTERFACE

MASTER: Final = 150
FIRST_BACKUP: Final = 100
FIRST_OUT: Final = 50
"""Priorities of a master, of the first backup, and of the first load balancer when it is out of service."""

ROUTER_ADDRESSES: Final = {4: "169.254.0.{vrid}/32", 6: "fe80::200:5eff:fe00:2{vrid:02x}/64"}
"""The link-local address of a virtual router, which its packets speak for, whatever its VIPs are."""

_MOST: Final = 40
"""Load balancers in one cluster, so that the three rows of priorities do not meet."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One vrrp_instance of one load balancer. `addresses` are the VIPs, each with its prefix length."""

    vrid: int
    interface: str
    family: int
    state: Literal["MASTER", "BACKUP"]
    priority: int
    preempt: bool
    advert: int
    addresses: tuple[tuple[str, int], ...]
    source: str = ""
    peers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the file and in keepalived's log."""
        return f"vrid{self.vrid}-{self.interface}-ipv{self.family}"

    @property
    def advertised(self) -> str:
        """The one address that its packets speak for, with its prefix length."""
        return ROUTER_ADDRESSES[self.family].format(vrid=self.vrid)


class Balancer:
    """One load balancer: what the MATRIX says of it for VRRP."""

    def __init__(self, stage: Stage, host: Host) -> None:
        self.stage = stage
        self.host = host
        base = stage.entry.hosts
        named = [role for role in host.roles if role == base or role.startswith(f"{base}.")]
        self._roles = sorted(named or host.roles, key=lambda role: -role.count("."))
        self.is_master_by_role = any(role.endswith(".master") for role in named or host.roles)

    def stated(self, key: str) -> Value | None:
        """The host's value in the role of load balancers (or, of the entry's own roles, the first that has one)."""
        values = (self.host.property(key, role) for role in self._roles)
        return next((value for value in values if value is not None), self.host.property(key))

    def number(self, key: str, low: int, high: int) -> int | None:
        """A whole number, or None. Raises EmitterError."""
        value = self.stated(key)
        return None if value is None else whole(value, f"host {self.host.name}: {key}", low, high)

    def flag(self, key: str, default: bool) -> bool:
        """True or false. Raises EmitterError."""
        value = self.stated(key)
        return default if value is None else truth(value, f"host {self.host.name}: {key}")

    def interface(self, service: Service | None = None) -> str:
        """Where the VIP is, or without one where it talks to its peers. Raises EmitterError."""
        value = (service.text("vip.dev") if service is not None else "") or text_of(self.stated("dev"), "eth0")
        if re.fullmatch(INTERFACE, value) is None:
            where = f"{service.where}: vip.dev" if service is not None and service.text("vip.dev") else "dev"
            raise EmitterError(f"{where} is {value!r:.60}, which is no name of an interface")
        return value

    def vrid(self, service: Service) -> int | None:
        """The virtual router that carries a VIP: the service's, else the load balancer's."""
        own = service.number("vrid", 0, 1, 255)
        return own or self.number("vrid", 1, 255)

    def carried(self, vrid: int) -> tuple[Service, ...]:
        """The services whose VIPs it carries under a VRID."""
        return tuple(service for service in self.stage.services_for(self.host) if self.vrid(service) == vrid)


def text_of(value: Value | None, default: str) -> str:
    """A value of one word, as text."""
    if value is None or isinstance(value, tuple):
        return default
    return text(value)


def instances(stage: Stage, host: Host) -> tuple[Instance, ...]:
    """The VRRP instances of a load balancer, by VRID; none where no VRID is given. Raises EmitterError."""
    mine = Balancer(stage, host)
    by_vrid: dict[int, list[Service]] = {}
    for service in stage.services_for(host):
        vrid = mine.vrid(service)
        if vrid is not None:
            by_vrid.setdefault(vrid, []).append(service)
    made: list[Instance] = []
    for vrid, services in sorted(by_vrid.items()):
        made += _of_vrid(mine, vrid, services)
    return tuple(made)


def _of_vrid(mine: Balancer, vrid: int, services: list[Service]) -> Iterable[Instance]:
    cluster = _cluster(mine, services, vrid)
    ranks = _ranks(cluster, vrid, services)
    preempt = mine.flag("preempt", True)
    state, priority = ranks[mine.host.name]
    grouped: dict[tuple[str, int], dict[str, int]] = {}
    for service in services:
        widest = 128 if service.family == 6 else 32
        prefix = service.number("vip.prefix", widest, 0, widest)
        grouped.setdefault((mine.interface(service), service.family), {}).setdefault(service.address, prefix)
    for (interface, family), addresses in grouped.items():
        source, peers = _unicast(mine, cluster, family)
        yield Instance(
            vrid, interface, family, state if preempt else "BACKUP", priority, preempt,
            mine.number("advert", 1, 255) or 1, tuple(addresses.items()), source, peers,
        )  # fmt: skip


def _cluster(mine: Balancer, services: list[Service], vrid: int) -> list[Balancer]:
    """The load balancers that share VIPs under this VRID, itself among them, in the order of the MATRIX."""
    own = set(map(id, services))
    found = []
    for host in mine.stage.hosts:
        other = Balancer(mine.stage, host)
        if host.name == mine.host.name or (
            host.site == mine.host.site and any(id(service) in own for service in other.carried(vrid))
        ):
            found.append(other)
    if len(found) > _MOST:
        raise EmitterError(f"{len(found)} load balancers share VRID {vrid}; at most {_MOST} can")
    return found


def _ranks(
    cluster: list[Balancer], vrid: int, services: list[Service]
) -> Mapping[str, tuple[Literal["MASTER", "BACKUP"], int]]:
    """State and priority of each load balancer of a cluster.

    Neither depends on the state of another, so that one taken out of service changes its own file alone.
    """
    wanted = {service.text("vip.master").lower() for service in services} - {""}
    if len(wanted) > 1:
        named = ", ".join(sorted(wanted))
        raise EmitterError(f"VRID {vrid} has several vip.master: {named}; give their VIPs a vrid each")
    chosen = {one.host.name for one in cluster if one.host.name.lower() in wanted}
    if wanted and not wanted & {host.name.lower() for host in cluster[0].stage.hosts}:
        raise EmitterError(f"VRID {vrid}: vip.master is {min(wanted)}, which is no load balancer")
    masters = chosen or {one.host.name for one in cluster if one.is_master_by_role}
    priorities: dict[str, int] = {}
    rows = {True: MASTER, False: FIRST_BACKUP}
    for one in cluster:
        is_master = one.host.name in masters
        priorities[one.host.name] = one.number("priority", 1, 254) or rows[is_master]
        rows[is_master] -= 1
    if not masters:
        masters = {max(cluster, key=lambda one: priorities[one.host.name]).host.name}
    ranks: dict[str, tuple[Literal["MASTER", "BACKUP"], int]] = {}
    for number, one in enumerate(cluster):
        name = one.host.name
        if not one.host.in_service:
            ranks[name] = ("BACKUP", FIRST_OUT - number)
        else:
            ranks[name] = ("MASTER" if name in masters else "BACKUP", priorities[name])
    return ranks


def _unicast(mine: Balancer, cluster: list[Balancer], family: int) -> tuple[str, tuple[str, ...]]:
    """Its own address and those of its peers, where they talk to each other by address. Raises EmitterError."""
    if not mine.flag("unicast", False):
        return "", ()
    addresses = {}
    for one in cluster:
        found = [address for address in one.host.addresses if (":" in address) == (family == 6)]
        if not found:
            raise EmitterError(f"unicast: host {one.host.name} has no IPv{family} address for its peers")
        addresses[one.host.name] = found[0]
    own = addresses.pop(mine.host.name)
    return (own, tuple(addresses.values())) if addresses else ("", ())
