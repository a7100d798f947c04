"""virtual_server blocks: what the template prints of a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.health import Check
from matrix_emitters.reflection.model.service import Member, Service
from matrix_emitters.writing.quoting import Name
from matrix_grammar.value_forms import STATUS_FORM, words_of

from .language import KEEPALIVED, comment, seconds, word

SCHEDULERS: Final = words_of("sched")
"""The schedulers of IPVS (ipvsadm(8)); keepalived takes another word for none and goes on with wlc."""

METHODS: Final = {"dr": "DR", "nat": "NAT", "tun": "TUN"}

_CHECKERS: Final = {
    "http": "HTTP_GET",
    "https": "SSL_GET",
    "tcp": "TCP_CHECK",
    "smtp": "SMTP_CHECK",
    "misc": "MISC_CHECK",
}
_MOST_PERSISTENCE: Final = 2_678_400
"""Seconds: keepalived refuses more than a month."""


def virtual_server(service: Service) -> dict[str, object]:
    """The values of one virtual_server block. Raises EmitterError that names role, VIP and property."""
    values: dict[str, object] = {
        "title": comment(f"{service.role}{f' in {service.site}' if service.site else ''}: {service.endpoint}"),
        "address": word(service.address),
        "port": service.port,
        "sched": Name(_scheduler(service)),
        "method": Name(METHODS[service.choice("fwd", tuple(METHODS), "dr")]),
        "protocol": Name(service.protocol.upper()),
        "every": seconds(_timer(service, "check.every", 10_000)),
        "persist": _persistence(service),
        "mask": _granularity(service),
        "quorum": service.number("quorum", 0, 1, 1_000_000),
        "hysteresis": service.number("hysteresis", 0, 0, 1_000_000),
        "inhibit": service.flag("inhibit"),
        "sorry": None,
        "members": [_member(service, member) for member in service.members],
    }
    sorry = service.sorry
    if sorry is not None:
        values["sorry"] = {"address": word(sorry[0]), "port": sorry[1]}
    return values


def uses_scripts(service: Service) -> bool:
    """Whether a member is checked by a script."""
    return any(member.check.kind == "misc" for member in service.members)


def _member(service: Service, member: Member) -> dict[str, object]:
    flag = f" [{member.state}]" if member.state else ""
    return {
        "title": comment(f"{member.host.name}{flag}"),
        "address": word(member.address),
        "port": member.port,
        "weight": member.weight,
        "check": None if member.check.kind == "none" else _check(service, member.check),
    }


def _check(service: Service, check: Check) -> Mapping[str, object]:
    """The values of one health checker."""
    status = service.text("check.status")
    if status and re.fullmatch(STATUS_FORM, status) is None:
        raise EmitterError(
            f"{service.where}: check.status is {status!r:.60}; write codes and ranges: 200 or 200-299 301"
        )
    if check.kind in ("http", "https") and " " in check.target:
        raise EmitterError(f"{service.where}: check: the path {check.target!r:.80} holds a blank; write %20")
    host, helo = service.text("check.host"), service.text("check.helo")
    timeout = _timer(service, "check.timeout", 3_000)
    return {
        "checker": Name(_CHECKERS[check.kind]),
        "kind": check.kind,
        "target": _quoted(service, check.target) if check.target else None,
        "port": check.port,
        "status": KEEPALIVED.trusted(status) if status else None,
        "host": word(host, f"{service.where}: check.host") if host else None,
        "helo": word(helo, f"{service.where}: check.helo") if helo else None,
        "timeout": seconds(timeout),
        "whole_timeout": -(-timeout // 1000),
        "retries": service.number("check.retries", 2, 0, 255),
        "pause": seconds(_timer(service, "check.pause", 1_000)),
    }


def _quoted(service: Service, target: str) -> object:
    try:
        return KEEPALIVED.literal(target)
    except EmitterError as error:
        raise EmitterError(f"{service.where}: check: {error}") from error


def _scheduler(service: Service) -> str:
    value = service.text("sched", "wlc")
    if value not in SCHEDULERS:
        cure = did_you_mean(nearest(value, SCHEDULERS)[:1]) or f"there are {', '.join(SCHEDULERS)}"
        raise EmitterError(f"{service.where}: sched is {value!r:.60}, which is no scheduler; {cure}")
    return value


def _timer(service: Service, key: str, default: int) -> int:
    value = service.milliseconds(key, default)
    if not 1 <= value <= 86_400_000:
        raise EmitterError(f"{service.where}: {key} is not between 1ms and 1d")
    return value


def _persistence(service: Service) -> int:
    """Seconds; 0 for none."""
    value = service.milliseconds("persist", 0)
    if value % 1000 or value > _MOST_PERSISTENCE * 1000:
        raise EmitterError(f"{service.where}: persist is not in whole seconds up to {_MOST_PERSISTENCE // 86_400}d")
    return value // 1000


def _granularity(service: Service) -> object:
    """The network whose clients stay together: a netmask, for IPv6 a prefix length; None for each by itself."""
    widest = 128 if service.family == 6 else 32
    prefix = service.number("persist.prefix", widest, 1, widest)
    if prefix == widest:
        return None
    if service.family == 6:
        return prefix
    bits = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    return word(".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0)))
