"""keepalived.conf to an outline: a role for each set of virtual servers that differ in their VIPs alone, the load
balancer in the role `lv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ..builtin import PROPERTIES
from .hosts_file import read_hosts
from .keepalived_block import Block, leave
from .keepalived_conf import KeepalivedConf, parse_keepalived
from .keepalived_servers import MemberDraft, ServerDraft, read_servers
from .keepalived_vrrp import InstanceDraft, read_instances
from .outline import HostOutline, Outline
from .spelling import is_address

_SERVICES: Final = {
    21: "ftp", 22: "ssh", 25: "smtp", 53: "dns", 80: "web", 110: "pop", 123: "ntp", 143: "imap", 389: "ldap",
    443: "web", 465: "smtp", 514: "syslog", 587: "smtp", 636: "ldap", 993: "imap", 995: "pop", 1883: "mqtt",
    3128: "proxy", 3306: "mysql", 5432: "postgres", 6379: "redis", 8000: "web", 8080: "web", 8443: "web",
    11211: "memcached",
}  # fmt: skip
_ORDER: Final = (
    "vip", "proto", "sched", "fwd", "port", "weight", "check", "check.host", "check.status", "check.helo",
    "check.every", "check.timeout", "check.retries", "check.pause", "persist", "persist.prefix", "quorum", "hysteresis",
    "sorry", "inhibit", "vrid", "vip.dev", "vip.prefix", "vip.master",
)  # fmt: skip
"""The order of a role's properties in the draft."""

_NAME: Final = re.compile(r"((?=[^\s]*[0-9.])[A-Za-z][A-Za-z0-9_.-]*)(?: \[[A-Z]+\])?")
"""A comment that is the name of a host, and perhaps its state: with a digit or a dot, so that no remark is one."""

_TOP: Final = ("virtual_server", "virtual_server_group", "vrrp_instance", "vrrp_sync_group", "global_defs")


def read_keepalived(text: str, config_id: str | None = None, names: str = "") -> Outline:
    """The outline of a keepalived.conf; `names` is the text of a hosts file, which names the real servers."""
    outline = Outline("keepalived", meant=frozenset(PROPERTIES))
    outline.references.add("vip.master")
    conf = parse_keepalived(text, config_id)
    outline.leftovers += conf.leftovers
    outline.comments += conf.comments
    for statement in conf.statements:
        if statement.keyword not in _TOP:
            leave(outline, statement)
    servers = read_servers(conf, outline)
    instances = read_instances(conf, {server.address for server in servers}, outline)
    known = _named_by_comments(conf, servers)
    named = read_hosts(names)
    known |= {address: host.name for host in named.hosts.values() for address in host.addresses}
    outline.domain = named.domain
    _Drafting(outline, servers, instances, known).draft(_router(conf, outline))
    return outline


def _named_by_comments(conf: KeepalivedConf, servers: Iterable[ServerDraft]) -> dict[str, str]:
    """Names by address from comments: `real_server 10.0.0.1 80 { # w101`. What would be of two hosts is of none."""
    comments = dict(conf.comments)
    found: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    for member in (member for server in servers for member in server.members):
        match = _NAME.fullmatch(comments.get(member.line, ""))
        if match and not is_address(match[1]):
            found.setdefault(member.address, match[1])
            owners.setdefault(match[1].lower(), set()).add(member.address)
    return {address: name for address, name in found.items() if len(owners[name.lower()]) == 1}


def _router(conf: KeepalivedConf, outline: Outline) -> tuple[str, int]:
    """The name of the load balancer, and the line where it stands."""
    name, line = "lv1", 0
    for statement in conf.each("global_defs"):
        block = Block(statement.block or (), outline)
        word, at = block.word("router_id")
        if at is not None:
            name, line = word, at.line
        for user in block.all("script_user"):
            if user.arguments != ("root",):
                leave(outline, user, "set script_user in matrix.toml, [reflect.keepalived]")
        block.all("enable_script_security")  # MATRIX writes it wherever there is a script
        block.close()
    return name, line


class _Drafting:
    """Fills the outline."""

    def __init__(
        self,
        outline: Outline,
        servers: Sequence[ServerDraft],
        instances: Sequence[InstanceDraft],
        names: dict[str, str],
    ) -> None:
        self._outline = outline
        self._servers = servers
        self._instances = instances
        self._names = names
        self._is_master: dict[int, bool] = {}
        self._carriers = {address: instance for instance in instances for address in instance.prefixes}

    def draft(self, router: tuple[str, int]) -> None:
        """The load balancers first, then the roles of the virtual servers."""
        master = self._balancers(*router)
        shared = self._shared_vrid()
        if shared:
            self._outline.roles["lv"].facts["vrid"] = [str(shared)]
        for group in self._grouped():
            self._role(group, master, shared)
        for host in self._outline.hosts.values():
            if len(host.roles) == 1:
                (facts,) = host.roles.values()
                host.facts |= facts
                facts.clear()

    def _shared_vrid(self) -> int:
        """The VRID that carries every VIP; 0 where there are several, or some have none."""
        vrids = {self._carriers[s.address].vrid if s.address in self._carriers else 0 for s in self._servers}
        return vrids.pop() if len(vrids) == 1 else 0

    def _balancers(self, name: str, line: int) -> dict[bool, str]:
        """Outline the load balancers; answers who is master of the instances that begin as MASTER and as BACKUP.

        Empty where one is master of all, which its role says.
        """
        outline = self._outline
        outline.role("lv", line).meaning = "load balancers"
        me = outline.host(name, line)
        me.roles["lv"] = {}
        if not self._instances:
            return {}
        first = self._instances[0]
        self._facts_of(me, first)
        peers = self._peers(me)
        self._is_master = self._begins()
        states = set(self._is_master.values())
        if False in states and first.preempt and not peers:
            peers = [self._unnamed_master(first.line)]
        if len(states) > 1:
            for peer in peers:
                peer.roles = {"lv": {}, **peer.roles}
            return {True: me.name, False: peers[0].name if peers else me.name}
        outline.role("lv.master", line, parent="lv")
        outline.role("lv.backup", line, parent="lv")
        is_master = states.pop()
        _put(me, "lv.master" if is_master else "lv.backup")
        for number, peer in enumerate(peers):
            _put(peer, "lv.master" if not is_master and number == 0 else "lv.backup")
        return {}

    def _begins(self) -> dict[int, bool]:
        """Whether each VRID begins as MASTER: as the first of its instances does, for they move together."""
        first: dict[int, InstanceDraft] = {}
        for instance in self._instances:
            leader = first.setdefault(instance.vrid, instance)
            if instance.is_master != leader.is_master:
                told = f"another than in {leader.name}: instances of one virtual_router_id move together"
                self._outline.leave(instance.line, f"vrrp_instance {instance.name}: state", told)
        return {vrid: instance.is_master for vrid, instance in first.items()}

    def _facts_of(self, me: HostOutline, first: InstanceDraft) -> None:
        """What a load balancer has for all its instances; where an instance has it otherwise is told."""
        role = self._outline.roles["lv"].facts
        role["dev"] = [first.interface]
        me.facts["priority"] = [str(first.priority)]
        if first.advert != 1:
            role["advert"] = [str(first.advert)]
        if not first.preempt:
            role["preempt"] = ["false"]
        for other in self._instances[1:]:
            for key in ("priority", "advert", "preempt"):
                if getattr(other, key) != getattr(first, key):
                    self._differs(other, key, first)

    def _differs(self, instance: InstanceDraft, key: str, first: InstanceDraft) -> None:
        told = f"another than in {first.name}: MATRIX has one for a load balancer"
        self._outline.leave(instance.line, f"vrrp_instance {instance.name}: {key}", told)

    def _peers(self, me: HostOutline) -> list[HostOutline]:
        """The load balancers to which it talks by address: in all instances of a family alike, or not at all."""
        references: dict[bool, InstanceDraft] = {}
        for instance in self._instances:
            references.setdefault(instance.is_six, instance)
        silent = next((each for each in references.values() if not each.peers), None)
        for instance in self._instances:
            reference = silent or references[instance.is_six]
            for key in ("source", "peers"):
                if getattr(instance, key) != getattr(reference, key):
                    self._differs(instance, key, reference)
        if silent is not None:
            return []
        found: list[HostOutline] = []
        reachable = True
        for reference in references.values():
            reachable &= self._outline.address(me, reference.source, reference.line)
            for number, address in enumerate(reference.peers):
                if number < len(found):
                    reachable &= self._outline.address(found[number], address, reference.line)
                else:
                    found.append(self._host(address, reference.line))
        if not reachable:
            for instance in self._instances:
                for key in ("source", "peers"):
                    told = "not every load balancer can have the address that it has there"
                    self._outline.leave(instance.line, f"vrrp_instance {instance.name}: {key}", told)
            return []
        self._outline.roles["lv"].facts["unicast"] = ["true"]
        return [peer for peer in found if peer is not me]

    def _unnamed_master(self, line: int) -> HostOutline:
        """The master, where the file begins as BACKUP and names nobody else."""
        name = "lv-master"
        while name in self._outline.hosts:
            name += "-2"
        self._outline.change(line, "state BACKUP", f"host {name} stands for the master, which this file does not name")
        host = self._outline.host(name, line)
        host.note = "the master, which the imported file does not name"
        return host

    def _host(self, address: str, line: int) -> HostOutline:
        """The host with this address: known by the hosts file, or named after the address."""
        host = self._outline.owner(address)
        if host is None:
            name = self._names.get(address, "ip-" + address.replace(".", "-").replace(":", "-"))
            host = self._outline.host(name, line)
            self._outline.address(host, address, line)
        return host

    def _grouped(self) -> Iterable[list[ServerDraft]]:
        """Virtual servers that differ in their VIPs alone, in order of first mention."""
        groups: dict[object, list[ServerDraft]] = {}
        for server in self._servers:
            ports = {member.port for member in server.members}
            carrier = self._carriers.get(server.address)
            same = (
                tuple((member.address, member.weight, _common(member)) for member in server.members),
                tuple(server.facts.items()),
                server if len(ports) > 1 else None,
                carrier is not None,
            )
            groups.setdefault(repr(same), []).append(server)
        return groups.values()

    def _role(self, group: list[ServerDraft], master: dict[bool, str], shared: int) -> None:
        first = group[0]
        base = _SERVICES.get(first.port, f"port-{first.port}")
        name, count = base, 1
        while name in self._outline.roles:
            count += 1
            name = f"{base}-{count}"
        role = self._outline.role(name, first.line)
        facts: dict[str, list[str]] = {}
        facts["vip"] = [_endpoint(server.address, server.port) for server in group]
        facts |= {key: [value] for key, value in first.facts.items()}
        if any(server.members[0].check != first.members[0].check for server in group):
            members = [replace(member, check=_common(member)) for member in first.members]
            first = replace(first, members=tuple(members))
        check = first.members[0].check
        facts["check"] = [check]
        ports = [server.members[0].port for server in group]
        if len({member.port for member in first.members}) == 1 and ports != [server.port for server in group]:
            facts["port"] = _once([str(port) for port in ports])
        weights = {member.weight for member in first.members}
        if len(weights) == 1 and weights != {1}:
            facts["weight"] = [str(first.members[0].weight)]
        self._carried(facts, group, master, shared)
        role.facts = {key: facts[key] for key in sorted(facts, key=_ORDER.index)}
        for member in first.members:
            self._member(name, member, first, facts, check)

    def _carried(
        self, facts: dict[str, list[str]], group: list[ServerDraft], master: dict[bool, str], shared: int
    ) -> None:
        """How VRRP carries the VIPs of a role."""
        carriers = [self._carriers[server.address] for server in group if server.address in self._carriers]
        if not carriers:
            return
        if not shared:
            facts["vrid"] = _once([str(carrier.vrid) for carrier in carriers])
        devices = [carrier.interface for carrier in carriers]
        if set(devices) != {self._instances[0].interface}:
            facts["vip.dev"] = _once(devices)
        prefixes = [carrier.prefixes[server.address] for carrier, server in zip(carriers, group, strict=True)]
        if any(
            prefix != (128 if ":" in server.address else 32) for prefix, server in zip(prefixes, group, strict=True)
        ):
            facts["vip.prefix"] = _once([str(prefix) for prefix in prefixes])
        if master:
            facts["vip.master"] = _once([master[self._is_master[carrier.vrid]] for carrier in carriers])

    def _member(
        self, role: str, member: MemberDraft, server: ServerDraft, facts: dict[str, list[str]], check: str
    ) -> None:
        """A host in the role, with what it has otherwise than the role."""
        own = self._host(member.address, member.line).roles.setdefault(role, {})
        if "weight" not in facts and member.weight != 1:
            own["weight"] = [str(member.weight)]
        if "port" not in facts and member.port != server.port:
            own["port"] = [str(member.port)]
        if member.check != check:
            own["check"] = [member.check]


def _common(member: MemberDraft) -> str:
    """A member's check as it is written for several ports: MATRIX takes `http` on port 443 for `https`."""
    return member.check.replace("https:/", "http:/", 1) if member.port == 443 else member.check


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _once(values: list[str]) -> list[str]:
    """One value where all are alike, else all of them, one for each VIP."""
    return values[:1] if len(set(values)) == 1 else values


def _put(host: HostOutline, role: str) -> None:
    """Put a load balancer into a sub-role."""
    host.roles = {"lv": {}, role: {}, **{name: facts for name, facts in host.roles.items() if name not in ("lv", role)}}
