"""Virtual servers of keepalived.conf: a service with its members, as the facts that a role has for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Final

from matrix_common.addresses import endpoint
from matrix_sources.outline.outline import Outline

from .block import Block, duration, leave, shown
from .checks import CheckDraft, Surroundings, read_check
from .conf import KeepalivedConf, KeepalivedStatement
from .endpoints import TRANSPORTS, endpoint_of, endpoints, is_six, server_groups

SCHEDULERS: Final = ("rr", "wrr", "lc", "wlc", "sed", "nq", "dh", "sh", "mh", "lblc", "lblcr", "fo", "ovf", "twos")
_METHODS: Final = {"DR": "dr", "NAT": "nat", "TUN": "tun"}
_DEFAULTS: Final = {"sched": "wlc", "fwd": "dr", "proto": "tcp", "check.every": "10s"}
"""What MATRIX takes where nothing is said; keepalived's own defaults are others, and are written out."""

_MOST_PERSISTENCE: Final = 2_678_400


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """A real server."""

    line: int
    address: str
    port: int
    weight: int
    check: str


@dataclass(frozen=True, slots=True)
class ServerDraft:
    """A virtual server: its endpoint, and the facts of a role, by the properties of MATRIX."""

    line: int
    address: str
    port: int
    members: tuple[MemberDraft, ...]
    facts: dict[str, str] = field(default_factory=dict)


def read_servers(conf: KeepalivedConf, outline: Outline) -> list[ServerDraft]:
    """All virtual servers, those of groups one by one. What is given twice is told."""
    groups = server_groups(conf, outline)
    found: list[ServerDraft] = []
    seen: set[tuple[str, int, str]] = set()
    for statement in conf.each("virtual_server"):
        found_at = endpoints(statement, groups, outline)
        if not found_at:
            continue
        server = _read_server(statement, found_at[0], outline)
        if not server.members:
            leave(outline, statement, "no real_server is behind it")
            continue
        for address, port in found_at:
            if (":" in address) != (":" in server.address):
                outline.leave(statement.line, f"virtual_server {address} {port}", "of another family than its group")
                continue
            key = (address, port, server.facts.get("proto", "tcp"))
            if key in seen:
                outline.leave(statement.line, f"virtual_server {address} {port}", "it is given above already")
            else:
                seen.add(key)
                found.append(replace(server, address=address, port=port))
    for group in groups.values():
        if not group.protocols:
            leave(outline, group.statement, "no virtual_server uses it")
    return found


def _read_server(statement: KeepalivedStatement, endpoint: tuple[str, int], outline: Outline) -> ServerDraft:
    block = Block(statement.block or (), outline)
    facts: dict[str, str] = {}
    facts["sched"] = _scheduler(block)
    facts["fwd"] = _method(block)
    facts["proto"] = _protocol(block, statement)
    every = block.milliseconds("delay_loop") or 60_000
    facts["check.every"] = duration(every)
    _persistence(block, facts, 6 if is_six(endpoint) else 4)
    _quorum(block, facts, endpoint)
    around = Surroundings(
        endpoint[1], block.milliseconds("connect_timeout"), block.number("retry", 0, 255),
        block.milliseconds("delay_before_retry"), block.word("virtualhost")[0], every,
    )  # fmt: skip
    inhibit = block.flag("inhibit_on_failure")
    read = [_read_member(real, endpoint, around, facts, inhibit, outline) for real in block.all("real_server")]
    members = [each for each in read if each is not None]
    block.close()
    _tell_unused(statement, [check for _, check, _ in members], outline)
    facts = {key: value for key, value in facts.items() if _DEFAULTS.get(key) != value}
    _checks(facts, members, outline)
    if members and all(inhibits for _, _, inhibits in members):
        facts["inhibit"] = "true"
    else:
        for member, _, inhibits in members:
            if inhibits:
                outline.leave(member.line, "inhibit_on_failure", "not all members of the VIP have it")
    return ServerDraft(statement.line, *endpoint, _unique([member for member, _, _ in members], outline), facts)


def _tell_unused(statement: KeepalivedStatement, checks: Sequence[CheckDraft], outline: Outline) -> None:
    """Tell what a server says for its checks where it has none that takes it."""
    kinds = {check.text.partition(":")[0] for check in checks} - {"none"}
    unused = {
        "virtualhost": not kinds & {"http", "https"},
        "connect_timeout": not kinds - {"misc"},
        "retry": not kinds,
        "delay_before_retry": not kinds,
    }
    for one in statement.block or ():
        if checks and unused.get(one.keyword):
            leave(outline, one, "no check here takes it")


def _unique(members: Sequence[MemberDraft], outline: Outline) -> tuple[MemberDraft, ...]:
    """A host is behind a VIP once."""
    found: dict[str, MemberDraft] = {}
    for member in members:
        if member.address in found:
            told = f"real_server {member.address} {member.port}"
            outline.leave(member.line, told, "the host is behind this VIP already, and MATRIX has it there once")
        else:
            found[member.address] = member
    return tuple(found.values())


def _scheduler(block: Block) -> str:
    word, at = block.word("lvs_sched", "lb_algo")
    if at is not None and word not in SCHEDULERS:
        leave(block.outline, at, "no scheduler of IPVS; keepalived takes wlc")
    return word if word in SCHEDULERS else "wlc"


def _method(block: Block) -> str:
    word, at = block.word("lvs_method", "lb_kind")
    if at is not None and word not in _METHODS:
        leave(block.outline, at, "no way of forwarding (NAT, DR, TUN); keepalived takes NAT")
    return _METHODS.get(word, "nat")


def _protocol(block: Block, server: KeepalivedStatement) -> str:
    """The transport. Without one keepalived 2.2 takes UDP, and says so in its log alone."""
    word, at = block.word("protocol")
    if word.lower() in TRANSPORTS:
        return word.lower()
    if at is not None:
        leave(block.outline, at, "no protocol (TCP, UDP, SCTP); keepalived takes UDP")
    else:
        block.outline.change(server.line, shown(server), "it says no protocol: keepalived takes UDP")
    return "udp"


def _persistence(block: Block, facts: dict[str, str], family: int) -> None:
    statement = block.last("persistence_timeout")
    if statement is not None:
        written = statement.words[1] if len(statement.words) > 1 else "360"
        if written.isascii() and written.isdigit() and 0 < int(written[:9]) <= _MOST_PERSISTENCE and len(written) < 9:
            facts["persist"] = f"{int(written)}s"
        elif written != "0":
            leave(block.outline, statement, f"not whole seconds up to {_MOST_PERSISTENCE:,}")
    word, at = block.word("persistence_granularity")
    if at is None:
        return
    widest = 128 if family == 6 else 32
    try:
        prefix = int(word) if family == 6 else ip_network(f"0.0.0.0/{word}").prefixlen
    except ValueError:
        prefix = 0
    if 1 <= prefix <= widest and "/" not in word and (family == 6 or "." in word):
        if prefix < widest:
            facts["persist.prefix"] = str(prefix)
    else:
        leave(block.outline, at, "no netmask")


def _quorum(block: Block, facts: dict[str, str], vip: tuple[str, int]) -> None:
    quorum, hysteresis = block.number("quorum", 1, 1_000_000), block.number("hysteresis", 0, 1_000_000)
    if quorum is not None and quorum > 1:
        facts["quorum"] = str(quorum)
    if hysteresis:
        facts["hysteresis"] = str(hysteresis)
    sorry = block.last("sorry_server")
    if sorry is None:
        return
    server = endpoint_of(sorry.arguments if len(sorry.arguments) > 1 else (*sorry.arguments, str(vip[1])))
    if server is None or is_six(server) != is_six(vip):
        leave(block.outline, sorry, "no address of the VIP's family and port")
    else:
        facts["sorry"] = endpoint(*server)


def _read_member(
    statement: KeepalivedStatement,
    vip: tuple[str, int],
    around: Surroundings,
    facts: dict[str, str],
    inhibit: bool | None,
    outline: Outline,
) -> tuple[MemberDraft, CheckDraft, bool] | None:
    """A real server, its check, and whether it keeps its connections when it fails."""
    server = endpoint_of(statement.arguments if len(statement.arguments) > 1 else (*statement.arguments, str(vip[1])))
    if server is None or is_six(server) != is_six(vip):
        leave(outline, statement, "no address of the VIP's family and port")
        return None
    block = Block(statement.block or (), outline)
    weight = block.number("weight", 0, 65535)
    method = block.last("lvs_method", "lb_kind")
    if method is not None and _METHODS.get(" ".join(method.arguments)) != facts["fwd"]:
        leave(outline, method, "MATRIX has one way of forwarding for a VIP")
    inner = Surroundings(
        server[1],
        block.milliseconds("connect_timeout") or around.timeout,
        next((n for n in (block.number("retry", 0, 255), around.retries) if n is not None), None),
        block.milliseconds("delay_before_retry") or around.pause,
        block.word("virtualhost")[0] or around.host,
        around.every,
    )
    own = block.flag("inhibit_on_failure")
    check = read_check(block, inner)
    block.close()
    _tell_unused(statement, [check], outline)
    inhibits = bool(inhibit if own is None else own)
    return MemberDraft(statement.line, *server, 1 if weight is None else weight, check.text), check, inhibits


def _checks(facts: dict[str, str], members: Sequence[tuple[MemberDraft, CheckDraft, bool]], outline: Outline) -> None:
    """What the first check says of timings and the like is the role's; what another says otherwise is told."""
    checks = [check for _, check, _ in members if check.text != "none"]
    for key in dict.fromkeys(key for check in checks for key in check.facts):
        first, *others = [check for check in checks if check.has(key)]
        if key in first.facts:
            facts[key] = first.facts[key]
        for check in others:
            if check.facts.get(key) != first.facts.get(key):
                told = "another than the first member's: MATRIX has one for a VIP"
                outline.leave(check.line, f"{check.keyword}: {key}", told)
