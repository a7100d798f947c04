"""Which host of the MATRIX this machine is. What is done on it needs no SSH, so it has to be certain.

SSH is always right, since it ends where the host's address leads; so a host is this machine only where its address is
one of this machine's interfaces. A name is a hint: another machine, a clone of an image or a container may have it too.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from matrix_common.paths import installed_name
from matrix_common.words import did_you_mean, nearest
from matrix_distributor.dialogue.dialogue import Failure, Target
from matrix_distributor.errors import DistributorError
from matrix_distributor.hosts.targets import target_of
from matrix_distributor.transport.options import TransportError
from matrix_distributor.transport.ssh_config.route import Route
from matrix_grammar import Fleet
from matrix_grammar.model import Host, texts

from .interfaces import is_own_address

Way = Callable[[Target], Route]
"""How a host is reached from here, by ssh_config too. Raises TransportError."""

OWN_LOOPBACK = frozenset({"127.0.0.1", "127.0.1.1", "::1"})
"""Loopback addresses that stand for the machine itself; others, and other ports, are given to guests and tests."""

_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
"""What Docker and Podman leave in a container."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`host` is the host that this machine is. `namesake` is one that has its name alone, and `why` it is another."""

    host: str | None = None
    namesake: str | None = None
    why: str = ""

    def advised(self, failure: Failure) -> Failure:
        """A failure to reach the namesake tells that it was taken for another machine, and how to say otherwise."""
        if failure.host != self.namesake or failure.stage == "stop":
            return failure
        said = f'if {failure.host} is this machine all the same ({self.why}): self = "{failure.host}" in matrix.toml'
        return failure.advised(said)


def this_machine(fleet: Fleet, named: str = "", way: Way | None = None) -> str | None:
    """The host of the MATRIX that this machine is, or None; see `identify`."""
    return identify(fleet, named, way).host


def identify(fleet: Fleet, named: str = "", way: Way | None = None) -> Identity:
    """Which host of the MATRIX this machine is.

    `named` says it (raises DistributorError when there is no such host), or $DSAS_SELF. Otherwise it is a host whose
    address is one of this machine's. Names (what an install left in `/etc/dsas.d/self` under $DSAS_ROOT, the machine's
    own) decide where an address alone is not enough: beside another port, a proxy, a VIP.
    """
    if named:
        if named.lower() not in fleet.names:
            cure = did_you_mean(nearest(named, fleet.names)[:1])
            unknown = f"the setting self names {named}, which is no host of this MATRIX"
            raise DistributorError(f"{unknown}; {cure}" if cure else unknown)
        return Identity(fleet.names[named.lower()].name)
    said = _by_name(fleet, [os.environ.get("DSAS_SELF", "")])
    if said:
        return Identity(said[0].name)
    return _Judgement(fleet, way).identity()


class _Judgement:
    """Looks at the hosts that this machine may be."""

    def __init__(self, fleet: Fleet, way: Way | None) -> None:
        self._fleet, self._way = fleet, way
        name = socket.gethostname()
        self._installed = _by_name(fleet, [installed_name(os.environ)])
        self._hinted = list(dict.fromkeys([*self._installed, *_by_name(fleet, [name, name.partition(".")[0]])]))
        self._borrowed = _has_its_network_from_another()
        self._trusted = self._installed if self._borrowed else self._hinted

    def identity(self) -> Identity:
        """Hosts that have this machine's name are looked at first."""
        why = ""
        for host in self._hinted:
            reason = self._against(host)
            if not reason:
                return Identity(host.name)
            why = why or reason
        for host in self._fleet.hosts:
            if host not in self._hinted and any(map(is_own_address, host.addresses)) and not self._against(host):
                return Identity(host.name)
        return Identity(None, self._hinted[0].name if self._hinted else None, why)

    def _against(self, host: Host) -> str:
        """Why this machine is not the host; empty where it is."""
        trusted = host in self._trusted
        try:
            route = self._way(target_of(host)) if self._way else None
        except TransportError as error:
            return str(error)
        port = route.port if route else target_of(host).port or 22
        if not trusted and (doubt := self._doubt(host, port, route)):
            return doubt
        ends = [list(host.addresses)] if host.addresses else [self._addresses(host.address)]
        if route is not None and route.host not in (host.address, *host.addresses):
            ends.append(self._addresses(route.host))
        for addresses in ends:
            if addresses and not any(self._is_own(address, port) for address in addresses):
                return f"{', '.join(addresses)} is no address of it"
        return ""

    def _doubt(self, host: Host, port: int, route: Route | None) -> str:
        """What makes an address alone say nothing."""
        if self._borrowed:
            return "this is a container with the network of the machine that runs it"
        if port != 22:
            return f"port {port} may be that of a guest or a container"
        if route is not None and (route.jump or route.proxy_command):
            return "it is reached through another host, where the address may be another machine's"
        if any(address in self._vips for address in host.addresses):
            return "its address is a VIP, which real servers have as well"
        return ""

    @cached_property
    def _vips(self) -> frozenset[str]:
        """The addresses of VIPs, which real servers hold as well as the balancer."""
        return frozenset(
            endpoint.rpartition(":")[0].strip("[]")
            for role in self._fleet.roles.values()
            for section in role.sections
            for endpoint in texts(section.properties.get("vip", ()))
        )

    def _is_own(self, address: str, port: int) -> bool:
        ip = ip_address(address)
        if ip.is_loopback:
            return address in OWN_LOOPBACK and port == 22
        return is_own_address(address)

    @staticmethod
    def _addresses(name: str) -> list[str]:
        """An address as it is, a name by the resolver; nothing for one that it does not know."""
        try:
            return [str(ip_address(name))]
        except ValueError:
            pass
        try:
            return list(
                dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
            )
        except OSError:
            return []


def _by_name(fleet: Fleet, words: Iterable[str]) -> list[Host]:
    """The hosts that these words name, by their names or full names."""
    full: dict[str, Host] = {}
    found: list[Host] = []
    for word in filter(None, (word.strip().lower() for word in words)):
        full = full or {host.fullname.lower(): host for host in fleet.hosts}
        host = fleet.names.get(word) or full.get(word)
        if host is not None:
            found.append(host)
    return found


def _has_its_network_from_another() -> bool:
    """Whether this is a container with network devices, and so with the addresses, of the machine that runs it."""
    return any(map(os.path.exists, _CONTAINERS)) and any(Path("/sys/class/net").glob("*/device"))
