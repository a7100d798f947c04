"""How HAProxy checks the servers of a backend: `option httpchk` and its like, and `check` on each server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.health import Check
from matrix_emitters.reflection.model.service import Member, Service
from matrix_emitters.writing.quoting import Quoted
from matrix_emitters.writing.remark import literal
from matrix_grammar.value_forms import STATUS_FORM

from .language import HAPROXY

_LONGEST: Final = 2**31 - 1
"""Milliseconds; HAProxy refuses a time beyond."""

_WEB: Final = ("http", "https")


def check_lines(service: Service) -> Iterator[Quoted]:
    """The lines of a backend that say what a check is. Raises EmitterError for one that HAProxy does not know."""
    kind = service.check.kind
    if kind == "misc":
        raise EmitterError(
            f"{service.where}: check: HAProxy runs no scripts; give a check over http, https, tcp or smtp"
        )
    timeout = timer(service, "check.timeout")
    if timeout:
        yield _line(service, "timeout", "check", timeout)
    if kind == "smtp":
        yield _line(service, "option", "smtpchk", "EHLO", service.text("check.helo", "localhost"))
    if kind in _WEB:
        yield _line(service, "option", "httpchk")
        host = service.text("check.host")
        asked = ("ver", "HTTP/1.1", "hdr", "Host", host) if host else ()
        yield _line(service, "http-check", "send", "meth", "GET", "uri", service.check.target, *asked)
        status = service.text("check.status", "200-299")
        if not re.fullmatch(STATUS_FORM, status):
            raise EmitterError(
                f"{service.where}: check.status is {status!r:.60}; write codes and ranges: 200 or 200-299 301"
            )
        yield _line(service, "http-check", "expect", "status", status.replace(" ", ","))


def check_words(service: Service, member: Member) -> Iterator[str]:
    """What a server's line says of its check; nothing where it has none."""
    check, usual = member.check, service.check
    if check.kind == "none":
        return
    if not _alike(check, usual):
        raise EmitterError(
            f"host {member.host.name} in role {service.role}: check: a backend of HAProxy has one kind of check; "
            f"the host may have another port, or none"
        )
    yield "check"
    if check.kind == "https":
        yield from ("check-ssl", "verify", "none")
    if check.port is not None:
        yield from ("port", str(check.port))
    for key, word in (("check.every", "inter"), ("check.pause", "fastinter")):
        value = timer(service, key)
        if value:
            yield from (word, value)
    retries = service.number("check.retries", -1, 0, 255)
    if retries >= 0:
        yield from ("fall", str(retries + 1))


def timer(service: Service, key: str) -> str:
    """A time as HAProxy writes it (manual, section 2.5), in seconds where they are whole; empty for none."""
    milliseconds = service.milliseconds(key, 0)
    if milliseconds > _LONGEST:
        raise EmitterError(f"{service.where}: {key} is longer than HAProxy's longest time, 24d")
    if not milliseconds:
        return ""
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def _alike(check: Check, usual: Check) -> bool:
    """Whether two checks are one kind to HAProxy: TLS and the port are said on the server's own line."""
    same_kind = check.kind == usual.kind or (check.kind in _WEB and usual.kind in _WEB)
    return same_kind and check.target == usual.target


def _line(service: Service, *words: str) -> Quoted:
    return HAPROXY.join(" ", (literal(HAPROXY, word, f"{service.where}: check") for word in words))
