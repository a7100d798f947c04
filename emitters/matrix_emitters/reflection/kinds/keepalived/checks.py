"""Our own checks of a keepalived.conf, since `keepalived -t` accepts an empty file, a virtual_server given twice and a
weight of 99999999. All of them read the finished text back, and hold it against the MATRIX.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from matrix_common.addresses import endpoint
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.allowed_texts import findings as not_allowed
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.scene import Scene
from matrix_emitters.reflection.model.service import Service
from matrix_sources.keepalived import KeepalivedStatement, parse_keepalived

from .statement import first, number
from .vrrp_checks import check_vrrp

_CHECKERS: Final = frozenset({"HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "MISC_CHECK"})
_TIMING: Final = frozenset({"connect_timeout", "retry", "delay_before_retry", "connect_port"})
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"global_defs", "vrrp_sync_group", "vrrp_instance", "virtual_server", "includea"}),
    "global_defs": frozenset({"router_id", "enable_script_security", "script_user"}),
    "vrrp_sync_group": frozenset({"group"}),
    "vrrp_instance": frozenset(
        {
            *("state", "interface", "virtual_router_id", "priority", "advert_int", "nopreempt", "unicast_src_ip"),
            *("unicast_peer", "virtual_ipaddress", "virtual_ipaddress_excluded"),
        }
    ),
    "virtual_server": frozenset(
        {
            *("lvs_sched", "lvs_method", "protocol", "delay_loop", "persistence_timeout", "persistence_granularity"),
            *("quorum", "hysteresis", "inhibit_on_failure", "sorry_server", "real_server"),
        }
    ),
    "real_server": frozenset({"weight"}) | _CHECKERS,
    "url": frozenset({"path", "virtualhost", "status_code"}),
    "HTTP_GET": _TIMING | {"url"},
    "SSL_GET": _TIMING | {"url", "enable_sni"},
    "TCP_CHECK": _TIMING,
    "SMTP_CHECK": _TIMING | {"helo_name"},
    "MISC_CHECK": frozenset({"misc_path", "misc_timeout", "retry", "delay_before_retry"}),
}
"""Every keyword that the template writes, and in which block. Another one could only have come from a value."""

_LISTS: Final = frozenset({"group", "unicast_peer", "virtual_ipaddress", "virtual_ipaddress_excluded"})
"""Blocks that hold words, not keywords."""


def check_text(scene: Scene, text: str) -> Iterator[Finding]:
    """What is wrong with the text of a load balancer, or not as the MATRIX says."""
    parsed = parse_keepalived(text)
    for left in parsed.leftovers:
        yield Finding("error", f"line {left.line}: {left.reason}: {left.text:.80}", "this is a bug: please report it")
    yield from _strangers(parsed.statements, "")
    servers = parsed.each("virtual_server")
    yield from _servers(scene, servers)
    yield from check_vrrp(scene, parsed.each("vrrp_instance"))
    for service in scene.services:
        yield from _service(service)
    yield from not_allowed(scene.entry.allowed, _programs(scene))


def _programs(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """The programs that check members: who says it, the property, the value."""
    for service in scene.services:
        for member in service.members:
            if member.check.kind == "misc":
                yield service.where, "check", f"misc:{member.check.target}"


def members_with_traffic(text: str) -> Mapping[str, frozenset[str]]:
    """Each virtual server of a keepalived.conf, however it was written, and its real servers of a weight above 0."""
    parsed = parse_keepalived(text)
    if parsed.leftovers:
        left = parsed.leftovers[0]
        raise EmitterError(f"keepalived.conf, line {left.line}: {left.reason}: {left.text:.80}")
    found: dict[str, frozenset[str]] = {}
    for server in parsed.each("virtual_server"):
        name = _name(server)
        found[name] = found.get(name, frozenset()) | {
            real.arguments[0] for real in server.each("real_server") if real.arguments and _weight(real) > 0
        }
    return found


def _name(server: KeepalivedStatement) -> str:
    """`tcp 203.0.113.80:80`; of a virtual server without an address what stands there instead (`tcp fwmark 3`)."""
    protocol = first(server, "protocol", "UDP").lower()  # keepalived 2.2 takes UDP where none is said
    words = server.arguments
    port = number(words[1]) if len(words) == 2 and words[0] not in ("fwmark", "group") else None
    return f"{protocol} {endpoint(words[0], port) if port is not None else ' '.join(words)}"


def _weight(real: KeepalivedStatement) -> int:
    weight = number(first(real, "weight", "1"))
    return 1 if weight is None else weight


def _strangers(statements: tuple[KeepalivedStatement, ...], block: str) -> Iterator[Finding]:
    """Keywords that the template never writes there."""
    for statement in statements:
        if statement.keyword not in _KNOWN.get(block, frozenset()):
            where = f"in {block}" if block else "at the top"
            yield Finding("error", f"line {statement.line}: {statement.keyword:.60} does not belong {where}")
        elif statement.block is not None and statement.keyword not in _LISTS:
            yield from _strangers(statement.block, statement.keyword)


def _servers(scene: Scene, servers: tuple[KeepalivedStatement, ...]) -> Iterator[Finding]:
    """Virtual servers and their members are those of the MATRIX, no more and no less, with numbers in their ranges."""
    wanted = {f"{service.protocol} {service.endpoint}": service for service in scene.services}
    counts = Counter(f"{service.protocol} {service.endpoint}" for service in scene.services)
    for name, count in counts.items():
        if count > 1:
            roles = [s.role for s in scene.services if f"{s.protocol} {s.endpoint}" == name]
            yield Finding(
                "error", f"VIP {name} is given {count} times: by role {', '.join(roles)}", "give it to one role"
            )
    if not servers:
        yield Finding(
            "error", "no virtual_server: the balancer would serve nothing",
            "give a role a vip and hosts in service, or let the entry's `hosts` select other hosts",
        )  # fmt: skip
    for server in servers:
        name = _name(server)
        service = wanted.pop(name, None)
        if service is None:
            what = "stands there twice" if name in counts else "is not in the MATRIX"
            yield Finding("error", f"line {server.line}: virtual_server {name} {what}")
            continue
        yield from _members(service, server)
    for name, service in wanted.items():
        if service.members or service.sorry is not None:
            yield Finding("error", f"{service.where}: the text has no virtual_server {name}")


def _members(service: Service, server: KeepalivedStatement) -> Iterator[Finding]:
    found: Counter[tuple[str, int]] = Counter()
    total = 0
    for real in server.each("real_server"):
        address, digits = (*real.arguments, "", "")[:2]
        port = number(digits) or 0
        weight = number(first(real, "weight", "1"))
        if weight is None or weight > 65535:
            yield Finding("error", f"line {real.line}: weight of {address} is not in 0..65535")
        if not 1 <= port <= 65535:
            yield Finding("error", f"line {real.line}: port of {address} is not in 1..65535")
        found[address, port] += 1
        total += weight or 0
    expected = {(member.address, member.port) for member in service.members}
    if not expected and service.sorry is not None:
        expected = {service.sorry}
    if set(found) != expected:
        lost, more = expected - set(found), set(found) - expected
        told = [f"without {endpoint(*one)}" for one in sorted(lost)]
        told += [f"with {endpoint(*one)}" for one in sorted(more)]
        yield Finding("error", f"{service.where}: the members are not the MATRIX's: {', '.join(told)}")
    for (address, port), count in found.items():
        if count > 1:
            yield Finding("error", f"{service.where}: member {endpoint(address, port)} is given {count} times")
    quorum = number(first(server, "quorum", "1")) or 1
    if total < quorum and set(found) == expected:
        yield Finding(
            "error", f"{service.where}: the weights add up to {total}, which is below the quorum of {quorum}",
            "keepalived would lower the quorum by itself: raise a weight, lower the quorum, or STOP the hosts",
        )  # fmt: skip
    hysteresis = number(first(server, "hysteresis", "0")) or 0
    if hysteresis >= quorum:
        yield Finding("error", f"{service.where}: hysteresis {hysteresis} is not below the quorum of {quorum}")


def _service(service: Service) -> Iterator[Finding]:
    """What keepalived would put right by itself, otherwise than the MATRIX says; and who is left out."""
    method = service.text("fwd", "dr")
    if method in ("dr", "tun"):
        others = [(member.host.name, member.port) for member in service.members if member.port != service.port]
        if service.sorry is not None and service.sorry[1] != service.port:
            others.append(("the sorry server", service.sorry[1]))
        for name, port in others:
            yield Finding(
                "error", f"{service.where}: {name} is on port {port}, but fwd={method} keeps the port of the VIP",
                "write fwd=nat, or no port",
            )  # fmt: skip
    if not service.members:
        instead = "the sorry server answers" if service.sorry is not None else "nothing answers"
        yield Finding("warning", f"{service.where}: no member is in service: {instead}")
    if service.nowhere:
        yield Finding(
            "warning", f"{service.where}: without {', '.join(service.nowhere)}: no IPv{service.family} address",
            "give them an address of that family",
        )  # fmt: skip
