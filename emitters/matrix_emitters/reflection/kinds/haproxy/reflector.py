"""`haproxy`: a frontend and a backend for each VIP that the host carries (HAProxy's configuration manual)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from matrix_common.addresses import endpoint
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import endpoint_address
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.service import Member, Service, truth, whole
from matrix_emitters.writing.quoting import Name, Quoted
from matrix_emitters.writing.remark import flagged, remark
from matrix_emitters.writing.templating import render
from matrix_grammar.value_forms import words_of

from .checks import check_lines, check_words, timer
from .language import HAPROXY, SECTIONS, Section, parse_haproxy

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

HAPROXY_BALANCE: Final = words_of("haproxy.balance")

HEAVIEST: Final = 256
"""The largest weight of a server (manual, section 5.2)."""

_BALANCE: Final = {"rr": "roundrobin", "wrr": "roundrobin", "lc": "leastconn", "wlc": "leastconn", "sh": "source"}
"""HAProxy's algorithms for the schedulers of LVS (ipvsadm(8))."""


class Haproxy(Reflector):
    """The whole haproxy.cfg: what matrix.toml says of the process, then the services."""

    defaults: ClassVar[Configuration] = Configuration(
        "haproxy", "haproxy", "haproxy", "/etc/haproxy/haproxy.cfg",
        check="test -s %s && haproxy -c -q -dW -f %s", apply="systemctl reload haproxy", order=60,
    )  # fmt: skip
    options: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "global": ["log /dev/log local0", "user haproxy", "group haproxy"],
            "defaults": [
                "log global",
                "timeout connect 5s",
                "timeout client 60s",
                "timeout server 60s",
                "timeout check 5s",
            ],
        }
    )

    def text(self, scene: Scene) -> str:
        """The file."""
        context = {
            "globals": _given(scene.entry, "global"),
            "defaults": _given(scene.entry, "defaults"),
            "services": [_service(service) for service in scene.services],
        }
        return render(HAPROXY, "haproxy.cfg.j2", context, "matrix_emitters.reflection.kinds.haproxy")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """VIPs and members that are not those of the MATRIX, VIPs bound twice, weights beyond HAProxy's."""
        sections = parse_haproxy(text)
        if not scene.services:
            yield Finding(
                "error", "this host carries no VIP", "a role's balancer=SELECTOR says which hosts carry its VIPs"
            )
        bound = Counter(vip for vip, _ in _frontends(sections))
        for vip, times in bound.items():
            if times > 1:
                yield Finding("error", f"the VIP {vip} is bound {times} times", "give it to one role")
        written = list(_frontends(sections))
        if written != [(service.endpoint, _expected(service)) for service in scene.services]:
            yield Finding("error", "the VIPs and servers of the text are not those that the MATRIX says")
        for service in scene.services:
            yield from _of_service(service)

    def serving(self, text: str) -> Mapping[str, frozenset[str]]:
        """Each VIP that is bound, and the addresses of the servers that get traffic there."""
        found: dict[str, frozenset[str]] = {}
        for vip, servers in _frontends(parse_haproxy(text)):
            getting = (words[1] for words in servers if "backup" not in words and "disabled" not in words)
            weights = {words[1]: words[words.index("weight") + 1] for words in servers if "weight" in words[:-1]}
            serving = frozenset(endpoint_address(at) for at in getting if weights.get(at) != "0")
            found[vip] = found.get(vip, frozenset()) | serving
        return found


def _of_service(service: Service) -> Iterator[Finding]:
    for member in service.members:
        if member.weight > HEAVIEST:
            message = (
                f"{service.where}: the weight {member.weight} of {member.host.name} is beyond HAProxy's {HEAVIEST}"
            )
            yield Finding("error", message, hosts=(member.host.name,))
    if not any(member.weight for member in service.members):
        yield Finding("warning", f"{service.where}: no member is in service")
    if service.nowhere:
        message = f"{service.where}: without an IPv{service.family} address: {', '.join(service.nowhere)}"
        yield Finding("warning", message, hosts=service.nowhere)


def _given(entry: Configuration, key: str) -> list[Quoted]:
    """Lines of matrix.toml for a section, as they are: whoever writes them writes the commands that are run as well."""
    for line in entry.lines(key):
        if not line.strip() or line.split()[0] in SECTIONS:
            raise EmitterError(f"reflect.{entry.name}.{key}: {line!r} is not a line of a section")
    return [HAPROXY.trusted(line) for line in entry.lines(key)]


def _service(service: Service) -> Mapping[str, object]:
    """What the template prints of a service."""
    if service.protocol != "tcp":
        raise EmitterError(f"{service.where}: HAProxy carries TCP, not {service.protocol}; give it to another balancer")
    return {
        "name": HAPROXY.literal(f"{service.role}-{service.address}-{service.port}"),
        "bind": HAPROXY.literal(service.endpoint),
        "mode": Name(service.choice("haproxy.mode", ("tcp", "http"), "tcp")),
        "settings": [*_settings(service), *check_lines(service)],
        "servers": [
            {"words": _joined(_server(service, member)), "remark": remark(HAPROXY, flagged(member.host, service.role))}
            for member in service.members
        ],
        "sorry": _joined(_sorry(service)) if service.text("sorry") else None,
    }


def _settings(service: Service) -> Iterator[Quoted]:
    """How the backend chooses a server, and for how long a client stays with one."""
    yield _joined(("balance", _balance(service)))
    persist = timer(service, "persist")
    if persist:
        kind = "ipv6" if service.family == 6 else "ip"
        yield _joined(("stick-table", "type", kind, "size", "1m", "expire", persist))
        widest = 128 if service.family == 6 else 32
        prefix = service.number("persist.prefix", widest, 1, widest)
        mask = HAPROXY.trusted(f"src,ipmask({prefix if service.family == 4 else f'32,{prefix}'})")
        yield HAPROXY.join(" ", (Name("stick"), Name("on"), mask if prefix != widest else Name("src")))


def _balance(service: Service) -> str:
    if service.text("haproxy.balance"):
        chosen = service.choice("haproxy.balance", HAPROXY_BALANCE, "")
        if chosen == "uri" and service.text("haproxy.mode") != "http":
            raise EmitterError(f"{service.where}: haproxy.balance=uri needs haproxy.mode=http")
        return chosen
    sched = service.text("sched", "rr")
    if sched not in _BALANCE:
        raise EmitterError(f"{service.where}: HAProxy has nothing like sched={sched:.40}; say haproxy.balance")
    return _BALANCE[sched]


def _server(service: Service, member: Member) -> tuple[str, ...]:
    """The words of a server's line behind `server`."""
    where = f"host {member.host.name} in role {service.role}"
    words = [member.host.name, endpoint(member.address, member.port), "weight", str(member.weight)]
    most = member.host.property("haproxy.maxconn", service.role)
    if most is not None:
        words += ["maxconn", str(whole(most, f"{where}: haproxy.maxconn", 1))]
    proxied = member.host.property("haproxy.send_proxy", service.role)
    if proxied is not None and truth(proxied, f"{where}: haproxy.send_proxy"):
        words.append("send-proxy")
    return (*words, *check_words(service, member))


def _sorry(service: Service) -> tuple[str, ...]:
    return ("sorry:", service.text("sorry"), "backup")


def _expected(service: Service) -> list[tuple[str, ...]]:
    """The servers that the backend of a service must have."""
    servers = [_server(service, member) for member in service.members]
    return [*servers, _sorry(service)] if service.text("sorry") else servers


def _frontends(sections: Iterable[Section]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each address that is bound, with the servers behind it: its own, as of `listen`, or those of its backend."""
    backends = {one.words[1]: one for one in sections if one.words[0] == "backend" and len(one.words) > 1}
    for one in sections:
        if one.words[0] in ("frontend", "listen"):
            behind = [backends[line[1]] for line in one.lines if line[0] == "default_backend" and line[1] in backends]
            servers = [line[1:] for part in (one, *behind) for line in part.lines if line[0] == "server"]
            yield from ((line[1], servers) for line in one.lines if line[0] == "bind" and len(line) > 1)


def _joined(words: Iterable[str]) -> Quoted:
    return HAPROXY.join(" ", map(HAPROXY.literal, words))
