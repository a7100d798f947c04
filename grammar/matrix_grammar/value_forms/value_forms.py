"""What the values of built-in properties look like beyond their types: words, forms, names of hosts and roles.

The configurations that are made of them refuse the same, but only when they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.values import ValueMistake
from matrix_grammar.model.vocabulary import LONGEST_LABEL

SCHEDULERS: Final = ("rr", "wrr", "lc", "wlc", "sed", "nq", "dh", "sh", "mh", "lblc", "lblcr", "fo", "ovf", "twos")
"""Schedulers of LVS (ipvsadm(8))."""

HAPROXY_BALANCE: Final = ("roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random")
HTTPD_SCHEMES: Final = ("http", "https", "ajp", "fcgi", "ws", "wss", "h2", "h2c")
HTTPD_METHODS: Final = ("byrequests", "bytraffic", "bybusyness", "heartbeat")

CHECK_FORM: Final = (
    r"(?as)(?P<web>https?):(?P<webport>[0-9]{1,5})?(?P<path>/.*)"
    r"|(?P<plain>tcp|smtp)(?::(?P<port>[0-9]{1,5}))?"
    r"|misc:(?P<script>/.+)"
    r"|(?P<none>none)"
)
CHECK_FORMS: Final = (
    "http:/PATH, https:/PATH, http:PORT/PATH, tcp, tcp:PORT, smtp, smtp:PORT, misc:/SCRIPT ARGUMENTS or none"
)
"""The forms of `check`, as a pattern and in words. Patterns are texts here, compiled when one is needed."""

STATUS_FORM: Final = r"(?a)[1-5][0-9]{2}(?:-[1-5][0-9]{2})?(?: [1-5][0-9]{2}(?:-[1-5][0-9]{2})?)*"
NGINX_METHOD: Final = r"(?a)round_robin|least_conn|ip_hash|random|hash \$[a-z_]+(?: consistent)?"
INTERFACE: Final = r"(?a)[A-Za-z0-9][A-Za-z0-9_.:@-]{0,14}"
VARIABLE: Final = r"(?a)[A-Za-z_][A-Za-z0-9_]*"
COOKIE: Final = r"(?a)[A-Za-z0-9_.|-]+"

_CHECK_KINDS: Final = ("http", "https", "tcp", "smtp", "misc", "none")
_NAME: Final = r"(?a)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_USER: Final = r"[^\s%$'\"`-][^\s%$'\"`]*"

Form = Callable[[str, Fleet], None]
"""Raises ValueMistake for a value that is none."""


def _words(known: Iterable[str], what: str) -> Form:
    words = tuple(known)

    def judge(text: str, fleet: Fleet) -> None:
        if text not in words:
            near = nearest(text, words, limit=1) or tuple(word for word in words if len(word) > 1 and word in text)[:1]
            raise ValueMistake(f"{text:.60} is no {what}", did_you_mean(near) or f"there are {', '.join(words)}")

    return judge


def _form(pattern: str, what: str, cure: str) -> Form:
    def judge(text: str, fleet: Fleet) -> None:
        if re.fullmatch(pattern, text) is None:
            raise ValueMistake(f"{text:.60} is no {what}", cure)

    return judge


def _check(text: str, fleet: Fleet) -> None:
    match = re.fullmatch(CHECK_FORM, text)
    port = match and (match["webport"] or match["port"])
    if port and not 1 <= int(port) <= 65535:
        raise ValueMistake(f"{port} is not a port", "a port is 1..65535")
    if match is not None and not (match["path"] or "").startswith("//"):
        return
    kind, colon, rest = text.partition(":")
    lower = nearest(kind, _CHECK_KINDS, limit=1)
    better = f"{lower[0]}{colon}{rest}" if lower else ""
    if lower and lower[0] in ("http", "https", "misc") and not rest.lstrip("0123456789").startswith("/"):
        better = f"{lower[0]}:/{rest}"
    better = re.sub(r":(\d*)//+", r":\1/", better)
    if better == text or re.fullmatch(CHECK_FORM, better) is None:
        better = ""
    what = "begins its path with two slashes" if match is not None else "is no check"
    raise ValueMistake(f"{text:.60} {what}", f"did you mean {better:.60}?" if better else f"write {CHECK_FORMS}")


def _host_name(text: str, fleet: Fleet) -> None:
    bare = text.removeprefix("*.").removesuffix(".")
    if not re.fullmatch(_NAME, bare) or ".." in bare:
        raise ValueMistake(f"{text:.60} is no host name", "letters, digits, - _ .")
    if len(bare) > 253 or max(map(len, bare.split("."))) > LONGEST_LABEL:
        raise ValueMistake(f"{text:.60} is too long for DNS", f"at most {LONGEST_LABEL} letters between two dots")


def _host_or_address(text: str, fleet: Fleet) -> None:
    if ":" not in text:
        _host_name(text, fleet)


def _jump(text: str, fleet: Fleet) -> None:
    if text != "none":
        fleet.host(text)


def _selector(text: str, fleet: Fleet) -> None:
    fleet.select(text)


def _path_and(what: str, names: Callable[[str, Fleet], object]) -> Form:
    def judge(text: str, fleet: Fleet) -> None:
        path, _, behind = text.partition(" ")
        if not path.startswith("/") or not behind.strip():
            raise ValueMistake(f"{text:.60} is not a path and a {what.lower()}", f'write "/PATH {what}"')
        names(behind, fleet)

    return judge


def _environment(text: str, fleet: Fleet) -> None:
    name, equals, _ = text.partition("=")
    if not equals or not re.fullmatch(VARIABLE, name):
        raise ValueMistake(f"{text:.60} sets no variable", 'write "NAME=value"')


def _host_key(text: str, fleet: Fleet) -> None:
    from matrix_grammar.model.host_keys import what_is_wrong  # few texts have one

    wrong = what_is_wrong(text)
    if wrong:
        raise ValueMistake(f"{text:.60} is no host key: {wrong}", "write it as in a .pub file, in quotes, or SHA256:…")


VALUE_FORMS: Final[Mapping[str, Form]] = {
    "sched": _words(SCHEDULERS, "scheduler"),
    "check": _check,
    "check.status": _form(STATUS_FORM, "list of HTTP status codes", "write codes and ranges: 200 or 200-299 301"),
    "check.host": _host_or_address,
    "check.helo": _host_name,
    "balancer": _selector,
    "vip.dev": _form(INTERFACE, "interface", "an interface has at most 15 letters, as eth0"),
    "dev": _form(INTERFACE, "interface", "an interface has at most 15 letters, as eth0"),
    "alias": _host_name,
    "vip.name": _host_name,
    "ssh.user": _form(_USER, "user", "a user's name has no blanks, quotes, % or $"),
    "ssh.hostkey": _host_key,
    "ssh.jump": _jump,
    "metrics.path": _form("/.*", "path", "a path begins with /"),
    "nginx.method": _form(
        NGINX_METHOD, "method of nginx", "round_robin, least_conn, ip_hash, random, hash $variable [consistent]"
    ),
    "haproxy.balance": _words(HAPROXY_BALANCE, "algorithm of HAProxy"),
    "httpd.name": _host_name,
    "httpd.root": _form("/.*", "absolute path", "a path begins with /"),
    "httpd.proxy": _path_and("ROLE", lambda text, fleet: fleet.role(text)),
    "httpd.allow": _path_and("SELECTOR", lambda text, fleet: fleet.select(text)),
    "httpd.env": _environment,
    "httpd.scheme": _words(HTTPD_SCHEMES, "scheme of httpd"),
    "httpd.lbmethod": _words(HTTPD_METHODS, "method of httpd"),
    "httpd.sticky": _form(COOKIE, "cookie", "letters, digits, - _ . |"),
}  # fmt: skip
"""The built-in properties whose values have a form of their own; an empty value says that there is none."""
