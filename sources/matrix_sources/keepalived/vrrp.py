"""VRRP of keepalived.conf: instances with their addresses, as far as MATRIX says the same of a load balancer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Final

from matrix_sources.outline.outline import Outline

from .addresses import entries, prefixes, tell_further
from .block import Block, leave, shown
from .conf import KeepalivedConf, KeepalivedStatement

_INTERFACE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}")


@dataclass(frozen=True, slots=True)
class InstanceDraft:
    """A vrrp_instance. `prefixes` are the prefix lengths of its addresses, which are VIPs of one family."""

    line: int
    name: str
    vrid: int
    interface: str
    is_master: bool
    preempt: bool
    priority: int
    advert: int
    prefixes: dict[str, int]
    source: str = ""
    peers: tuple[str, ...] = ()

    @property
    def is_six(self) -> bool:
        """Whether its addresses are of IPv6."""
        return any(":" in address for address in self.prefixes)


def read_instances(conf: KeepalivedConf, vips: set[str], outline: Outline) -> list[InstanceDraft]:
    """The instances that carry any of the `vips`. What else there is of VRRP is told."""
    found: list[InstanceDraft] = []
    carried: set[str] = set()
    keys: set[tuple[int, str, bool]] = set()
    for statement in conf.each("vrrp_instance"):
        if not _words(statement) & vips:
            leave(outline, statement, "no virtual_server has one of its addresses, and a VIP needs a port")
            continue
        instance = _read_instance(statement, vips - carried, outline)
        if instance is None:
            continue
        key = (instance.vrid, instance.interface, instance.is_six)
        if key in keys:
            leave(outline, statement, f"virtual_router_id {instance.vrid} is used on {instance.interface} already")
            continue
        keys.add(key)
        carried |= set(instance.prefixes)
        found.append(instance)
    _tell_groups(conf, found, outline)
    return found


def _router_addresses(vrid: int) -> set[str]:
    """The link-local addresses for which packets speak in what MATRIX writes, by itself: they are no VIPs."""
    return {f"169.254.0.{vrid}", f"fe80::200:5eff:fe00:{0x200 + vrid:x}"}


def _words(statement: KeepalivedStatement) -> set[str]:
    """The addresses of an instance, in their canonical spelling."""
    lists = (*statement.each("virtual_ipaddress"), *statement.each("virtual_ipaddress_excluded"))
    return {entry.address for entry in entries(lists) if entry.address}


def _address(word: str) -> str:
    try:
        return str(ip_interface(word).ip)
    except ValueError:
        return ""


def _read_instance(statement: KeepalivedStatement, vips: set[str], outline: Outline) -> InstanceDraft | None:
    block = Block(statement.block or (), outline)
    vrid = block.number("virtual_router_id", 1, 255)
    interface, _ = block.word("interface")
    if vrid is None or not _INTERFACE.fullmatch(interface):
        leave(outline, statement, "no virtual_router_id from 1 to 255 on an interface")
        return None
    state, said = block.word("state")
    if said is not None and state not in ("MASTER", "BACKUP"):
        leave(outline, said, "no state to begin with (MASTER, BACKUP); keepalived takes BACKUP")
    preempt = block.flag("nopreempt") is not True
    if state == "MASTER" and not preempt:
        outline.change(statement.line, shown(statement), "begins as BACKUP: nopreempt needs it")
    priority = block.number("priority", 1, 254)
    advert = block.number("advert_int", 1, 255)
    lists = [*block.all("virtual_ipaddress"), *block.all("virtual_ipaddress_excluded")]
    found = prefixes(entries(lists), interface, _router_addresses(vrid), vips, outline)
    source, peers = _unicast(block, any(":" in address for address in found))
    block.close()
    if not found:
        leave(outline, statement, "none of its addresses is carried over, for the reasons that are told beside them")
        return None
    if not _router_addresses(vrid) & _words(statement):
        outline.change(
            statement.line, shown(statement),
            "its packets speak for an address that follows from the VRID, the VIPs move with it "
            "(virtual_ipaddress_excluded): put it in force on all load balancers at once",
        )  # fmt: skip
    return InstanceDraft(
        statement.line, " ".join(statement.arguments), vrid, interface, state == "MASTER", preempt,
        priority or 100, advert or 1, found, source, peers,
    )  # fmt: skip


def _unicast(block: Block, is_six: bool) -> tuple[str, tuple[str, ...]]:
    """The address from which it talks to its peers, and theirs, of one family with its VIPs; nothing where they talk by
    multicast.
    """
    source, at = block.word("unicast_src_ip")
    peers = block.last("unicast_peer")
    if peers is None:
        if at is not None:
            leave(block.outline, at, "no unicast_peer")
        return "", ()
    found: list[str] = []
    for entry in entries([peers]):
        if entry.address and "/" not in entry.written and (":" in entry.address) == is_six:
            tell_further(entry, block.outline)
            found.append(entry.address)
        else:
            leave(block.outline, entry.statement, "no plain address of the VIPs' family")
    source = _address(source) if "/" not in source and (":" in source) == is_six else ""
    if not source or not found:
        for statement in (at, peers):
            if statement is not None:
                leave(block.outline, statement, "without its own address (unicast_src_ip), or without peers")
        return "", ()
    return source, tuple(dict.fromkeys(found))


def _tell_groups(conf: KeepalivedConf, found: list[InstanceDraft], outline: Outline) -> None:
    """Instances of one VRID are a sync group by themselves; any other group is told."""
    vrids = {instance.name: instance.vrid for instance in found}
    grouped: set[int | None] = set()
    for statement in conf.each("vrrp_sync_group"):
        block = Block(statement.block or (), outline)
        group = block.last("group")
        names = [word for entry in (group.block or () if group else ()) for word in entry.words]
        mine = {vrids.get(name) for name in names}
        whole = len(mine) == 1 and None not in mine and set(names) == {n for n, vrid in vrids.items() if vrid in mine}
        if not whole:
            leave(outline, statement, "MATRIX moves together the instances of one virtual_router_id")
            continue
        grouped |= mine
        block.close()
    for vrid in dict.fromkeys(vrids.values()):
        lines = [instance.line for instance in found if instance.vrid == vrid]
        if len(lines) > 1 and vrid not in grouped:
            outline.change(lines[0], f"virtual_router_id {vrid}", "its instances move together here (vrrp_sync_group)")
