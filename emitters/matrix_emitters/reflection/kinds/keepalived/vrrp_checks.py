"""Our own checks of VRRP: what two load balancers, or two instances, would fight about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.scene import Scene
from matrix_sources.keepalived import KeepalivedStatement

from .statement import first, number
from .vrrp import ROUTER_ADDRESSES, Balancer, instances


def check_vrrp(scene: Scene, blocks: tuple[KeepalivedStatement, ...]) -> Iterator[Finding]:
    """What is wrong with the `vrrp_instance` blocks of a text, or among the load balancers of its network."""
    vips: Counter[str] = Counter()
    seen: Counter[tuple[str, str, bool]] = Counter()
    for block in blocks:
        vrid = first(block, "virtual_router_id", "")
        lists = ("virtual_ipaddress", "virtual_ipaddress_excluded")
        words = [one.keyword for name in lists for held in block.each(name) for one in held.block or ()]
        own = {address.format(vrid=number(vrid) or 0) for address in ROUTER_ADDRESSES.values()}
        vips.update(word for word in words if word not in own)
        family6 = any(":" in word for word in words)
        seen[first(block, "interface", ""), vrid, family6] += 1
    for (interface, vrid, _), count in seen.items():
        if count > 1:
            yield Finding("error", f"VRID {vrid} is used {count} times on {interface}")
    for address, count in vips.items():
        if count > 1:
            yield Finding(
                "error", f"VIP {address.partition('/')[0]} is in {count} VRRP instances",
                "give all roles with this address the same vrid and vip.dev",
            )  # fmt: skip
    yield from _carried(scene, {word.partition("/")[0] for word in vips})
    yield from _neighbours(scene)
    yield from _strangers(scene)
    yield from _addresses(scene)


def _carried(scene: Scene, found: set[str]) -> Iterator[Finding]:
    """The VIPs that VRRP is to carry are in the text; those that nobody is to carry are told."""
    assert scene.host is not None
    balancer = Balancer(scene.stage, scene.host)
    wanted = {service.address for service in scene.services if balancer.vrid(service) is not None}
    if found != wanted:
        yield Finding("error", "the addresses of the VRRP instances are not the VIPs of the MATRIX")
    others = [one for one in scene.hosts if one.site == scene.host.site and one.name != scene.host.name]
    left = [service for service in scene.services if service.address not in wanted]
    if left and (wanted or others):
        yield Finding(
            "warning", f"no vrid for {', '.join(dict.fromkeys(one.endpoint for one in left))}: not carried by VRRP",
            f"write vrid=… on the header [{scene.entry.hosts}], or of the role",
        )  # fmt: skip


def _neighbours(scene: Scene) -> Iterator[Finding]:
    """The other load balancers of this network: the same VRID is the same VIPs there, with another priority."""
    host = scene.host
    assert host is not None
    mine = {(one.vrid, one.family, one.interface): one for one in instances(scene.stage, host)}
    here = [other for other in scene.hosts if other.site == host.site and other.name != host.name]
    for other in here:
        for theirs in instances(scene.stage, other):
            for own in mine.values():
                if (theirs.vrid, theirs.family) != (own.vrid, own.family):
                    continue
                same = {address for address, _ in own.addresses} & {address for address, _ in theirs.addresses}
                if theirs.priority == own.priority and same:
                    yield Finding(
                        "error", f"VRID {own.vrid}: {host.name} and {other.name} both have priority {own.priority}",
                        "give each its own priority",
                    )  # fmt: skip
                if theirs.interface == own.interface and theirs.addresses != own.addresses:
                    yield Finding(
                        "error", f"VRID {own.vrid} is used by {host.name} and {other.name} for different VIPs",
                        "give the roles whose VIPs they do not share another vrid",
                    )  # fmt: skip


def _strangers(scene: Scene) -> Iterator[Finding]:
    """Load balancers of another entry on this network: roles without a VIP of their own that have the same VRID."""
    host = scene.host
    assert host is not None
    ours = {one.vrid for one in instances(scene.stage, host)}
    own = {one.name for one in scene.hosts}
    for role in scene.fleet.roles.values():
        vrid = role.property("vrid", host.site)
        if vrid not in ours or role.property("vip", host.site) is not None:
            continue
        others = [one.name for one in role.hosts if one.site == host.site and one.name not in own]
        if others:
            yield Finding(
                "error", f"VRID {vrid} is also that of {', '.join(others[:3])} (role {role.name}), on the same network",
                "give each group of load balancers its own vrid",
            )  # fmt: skip


def _addresses(scene: Scene) -> Iterator[Finding]:
    """A VIP is no host's own address, and nobody else's VIP."""
    hosts = {address: one.name for one in scene.fleet.hosts for address in one.addresses}
    mine = {service.address: service for service in scene.services}
    for address, service in mine.items():
        if address in hosts:
            yield Finding("error", f"{service.where}: this is the address of host {hosts[address]} itself")
    own = set(map(id, scene.services))
    for other in scene.stage.services:
        if other.address in mine and id(other) not in own:
            where = f" in {other.site}" if other.site else ""
            yield Finding(
                "warning", f"{mine[other.address].where}: the address is a VIP of role {other.role}{where} as well",
                "right where both are announced to routers; on one network it is not",
            )  # fmt: skip
