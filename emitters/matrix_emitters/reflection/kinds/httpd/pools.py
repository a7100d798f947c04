"""Balancers of httpd (mod_proxy_balancer): a pool as `<Proxy balancer://ROLE>` with a BalancerMember for each host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from matrix_common.addresses import endpoint
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.pool import Pool, PoolMember
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.writing.directive import Directive
from matrix_emitters.writing.quoting import Quoted
from matrix_emitters.writing.remark import flagged, remark
from matrix_grammar.value_forms import pattern_of, words_of

from .language import HTTPD

HTTPD_SCHEMES: Final = words_of("httpd.scheme")
HTTPD_METHODS: Final = words_of("httpd.lbmethod")
COOKIE: Final = pattern_of("httpd.sticky")

HEAVIEST: Final = 100
"""The largest loadfactor of a member (mod_proxy, BalancerMember)."""

_METHODS: Final = {
    "rr": "byrequests", "wrr": "byrequests", "lc": "bybusyness", "wlc": "bybusyness",
}  # fmt: skip
"""httpd's methods for the schedulers of LVS (ipvsadm(8))."""

_OVER_TLS: Final = ("https", "wss", "h2")
_AUTHORITY: Final = re.compile(r"//(?:\[([^\]]+)\]|([^/:]+))")


def url(pool: Pool) -> str:
    """The balancer's URL."""
    return f"balancer://{pool.role.name}"


def balancer(pool: Pool) -> Mapping[str, object]:
    """What the template prints of a pool."""
    return {
        "url": HTTPD.literal(url(pool)),
        "members": [
            {"words": _words(pool, member), "remark": remark(HTTPD, flagged(member.host, pool.role.name))}
            for member in pool.members
        ],
        "sorry": _joined((f"{_scheme(pool)}://{pool.one('sorry')}", "status=+H")) if pool.one("sorry") else None,
        "settings": _joined(_settings(pool)),
        "tls": _scheme(pool) in _OVER_TLS,
    }


def expected(pool: Pool) -> list[tuple[str, ...]]:
    """The words of the members that a balancer must have."""
    members = [_member(pool, member) for member in pool.members]
    return [*members, (f"{_scheme(pool)}://{pool.one('sorry')}", "status=+H")] if pool.one("sorry") else members


def balancers(directives: Iterable[Directive]) -> Iterator[Directive]:
    """The balancers of a configuration, wherever they stand."""
    for directive in directives:
        if (
            directive.words[0].lower() == "proxy"
            and directive.words[1:2]
            and directive.words[1].startswith("balancer:")
        ):
            yield directive
        elif directive.block:
            yield from balancers(directive.block)


def traffic(section: Directive) -> frozenset[str]:
    """The addresses of the members that get traffic: neither disabled, stopped, draining nor a standby."""
    members = (one.words[1:] for one in section.all("BalancerMember"))
    return frozenset(
        _address(words[0]) for words in members if not any(re.match(r"status=.*\+.*[DSNH]", word) for word in words)
    )


def _address(target: str) -> str:
    """The address, or the name, in the URL of a member."""
    found = _AUTHORITY.search(target)
    return target if found is None else found[1] or found[2]


def findings(pool: Pool) -> Iterator[Finding]:
    """What httpd would refuse, or nobody would answer."""
    role = pool.role.name
    for member in pool.members:
        if member.weight > HEAVIEST:
            yield Finding(
                "error", f"role {role}: the weight {member.weight} of {member.host.name} is beyond httpd's {HEAVIEST}",
                hosts=(member.host.name,),
            )  # fmt: skip
    yield from pool.findings(f"balancer {role}", "httpd answers 503")


def _words(pool: Pool, member: PoolMember) -> Quoted:
    return _joined(_member(pool, member))


def _joined(words: Iterable[str]) -> Quoted:
    return HTTPD.join(" ", map(HTTPD.literal, words))


def _member(pool: Pool, member: PoolMember) -> tuple[str, ...]:
    """The words of a member. With a weight of 0 it drains: sessions that stick to it go on, nothing new comes."""
    share = f"loadfactor={member.weight}" if member.weight else "status=+N"
    target = f"{_scheme(pool)}://{endpoint(member.address, member.port)}"
    return (target, share, f"route={member.host.name}")


def _scheme(pool: Pool) -> str:
    scheme = pool.one("httpd.scheme") or "http"
    if scheme not in HTTPD_SCHEMES:
        raise EmitterError(
            f"role {pool.role.name}: httpd.scheme is {scheme!r:.40}; it may be {', '.join(HTTPD_SCHEMES)}"
        )
    return scheme


def _settings(pool: Pool) -> Iterator[str]:
    """What ProxySet says."""
    where, given, sticky = f"role {pool.role.name}", pool.one("httpd.lbmethod"), pool.one("httpd.sticky")
    if given and given not in HTTPD_METHODS:
        raise EmitterError(f"{where}: httpd.lbmethod is {given!r:.40}; it may be {', '.join(HTTPD_METHODS)}")
    sched = pool.one("sched") or "rr"
    if not given and sched not in _METHODS:
        raise EmitterError(f"{where}: httpd has nothing like sched={sched:.40}; say httpd.lbmethod")
    yield f"lbmethod={given or _METHODS[sched]}"
    if sticky:
        if not re.fullmatch(COOKIE, sticky):
            raise EmitterError(f"{where}: httpd.sticky is {sticky!r:.40}, not the name of a cookie")
        yield f"stickysession={sticky}"
