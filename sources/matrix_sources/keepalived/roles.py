"""keepalived.conf to an outline: a role for each set of virtual servers that differ in their VIPs alone, the load
balancer in the role `lv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from matrix_common.addresses import endpoint
from matrix_grammar.model import property_table
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.outline import Outline

from .balancers import Balancers
from .block import Block, leave
from .conf import KeepalivedConf, parse_keepalived
from .names import KnownHosts
from .servers import MemberDraft, ServerDraft, read_servers
from .vrrp import InstanceDraft, read_instances

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

_KNOWN: Final = re.compile(
    r"global_defs|virtual_\w+|vrrp_\w+|static_\w+|track_\w+|linkbeat_\w+|interface_up_down_delays|garp_group"
    r"|bfd_instance|SSL|net_namespace\w*|namespace_with_ipsets|instance|use_pid_dir|child_wait_time|config_\w+"
    r"|nftables\w*|process_\w+|notify_\w+|include\w?|real_server|random_seed"
)
"""What stands at the top of a keepalived.conf, and of a file that one includes."""

_TOP: Final = ("virtual_server", "virtual_server_group", "vrrp_instance", "vrrp_sync_group", "global_defs")


def read_keepalived(text: str, config_id: str | None = None, names: str = "") -> Outline:
    """The outline of a keepalived.conf; `names` is the text of a hosts file, which names the real servers."""
    outline = Outline("keepalived", meant=frozenset(property_table().types))
    outline.references.add("vip.master")
    conf = parse_keepalived(text, config_id)
    outline.leftovers += conf.leftovers
    outline.comments += conf.comments
    _demand_kind(conf)
    for statement in conf.statements:
        if statement.keyword not in _TOP:
            leave(outline, statement)
    servers = read_servers(conf, outline)
    instances = read_instances(conf, {server.address for server in servers}, outline)
    known = KnownHosts(outline, conf, servers, names)
    _Drafting(outline, servers, instances, known).draft(_router(conf, outline))
    return outline


def _demand_kind(conf: KeepalivedConf) -> None:
    """Raise DraftError for a text with statements of which none is one of a keepalived.conf."""
    first = next(iter(conf.statements), None)
    if first is not None and not any(_KNOWN.fullmatch(one.keyword) for one in conf.statements):
        shown = " ".join(first.words)[:60]
        raise DraftError(f"line {first.line}: {shown!r} is nothing in a keepalived.conf; is this the right file?")


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
        known: KnownHosts,
    ) -> None:
        self._outline = outline
        self._servers = servers
        self._instances = instances
        self._known = known
        self._balancers = Balancers(outline, instances, known)
        self._carriers = {address: instance for instance in instances for address in instance.prefixes}

    def draft(self, router: tuple[str, int]) -> None:
        """The load balancers first, then the roles of the virtual servers."""
        master = self._balancers.draft(*router)
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
        facts["vip"] = [endpoint(server.address, server.port) for server in group]
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
            facts["vip.master"] = _once([master[self._balancers.is_master[carrier.vrid]] for carrier in carriers])

    def _member(
        self, role: str, member: MemberDraft, server: ServerDraft, facts: dict[str, list[str]], check: str
    ) -> None:
        """A host in the role, with what it has otherwise than the role."""
        own = self._known.at(member.address, member.line).roles.setdefault(role, {})
        if "weight" not in facts and member.weight != 1:
            own["weight"] = [str(member.weight)]
        if "port" not in facts and member.port != server.port:
            own["port"] = [str(member.port)]
        if member.check != check:
            own["check"] = [member.check]


def _common(member: MemberDraft) -> str:
    """A member's check as it is written for several ports: MATRIX takes `http` on port 443 for `https`."""
    return member.check.replace("https:/", "http:/", 1) if member.port == 443 else member.check


def _once(values: list[str]) -> list[str]:
    """One value where all are alike, else all of them, one for each VIP."""
    return values[:1] if len(set(values)) == 1 else values
