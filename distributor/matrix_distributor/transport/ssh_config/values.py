"""The keywords of an ssh_config that say how a host is reached, and what their values may be (ssh_config(5))."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from urllib.parse import unquote_plus

Value = str | int | bool | tuple[str, ...] | tuple["Hop", ...] | None
Hop = tuple[str | None, str, int | None]
"""A jump host: user, host, port."""

Parsed = tuple[str, Value]
_Parser = Callable[[str, str, list[str]], Parsed]

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_HOP = re.compile(r"(?:(?P<user>.+)@)?(?:\[(?P<address>[^]@]+)\]|(?P<host>[^[:/@][^:/@]*))(?::(?P<port>[^:]*))?")
_HOP_URI = re.compile(
    r"ssh://(?:(?P<user>[^@;]+)(?:;[^@]*)?@)?(?:\[(?P<address>[^]@]+)\]|(?P<host>\w[\w.-]*))(?::(?P<port>[^:/]*))?/?",
    re.ASCII,
)
"""The parameters of a connection that may follow a `;` say nothing to OpenSSH either."""


def _one(keyword: str, split: list[str]) -> str:
    if not split or not split[0]:
        raise ValueError(f"{keyword} without an argument")
    if len(split) > 1:
        raise ValueError(f"{keyword} with more than one argument")
    return split[0]


def _text(keyword: str, _rest: str, split: list[str]) -> Parsed:
    return keyword, _one(keyword, split)


def _flag(keyword: str, _rest: str, split: list[str]) -> Parsed:
    word = _one(keyword, split)
    if word.lower() not in _FLAGS:
        raise ValueError(f"{keyword} {word} is neither yes nor no")
    return keyword, _FLAGS[word.lower()]


def _canonicalize(keyword: str, rest: str, split: list[str]) -> Parsed:
    word = _one(keyword, split)
    return (keyword, "always") if word.lower() == "always" else _flag(keyword, rest, split)


def _number(keyword: str, _rest: str, split: list[str]) -> Parsed:
    word = _one(keyword, split)
    if re.fullmatch(r"-?[0-9]+", word) is None:
        raise ValueError(f"{keyword} {word} is no number")
    return keyword, int(word)


def port_number(text: str) -> int:
    """A port by number, or by its name in services(5). Raises ValueError."""
    if re.fullmatch(r"\+?[0-9]+", text):
        number = int(text)
    else:
        try:
            number = socket.getservbyname(text, "tcp")
        except OSError:
            number = 0
    if not 0 < number < 65536:
        raise ValueError(f"Port {text} is no number of a port (1 to 65535)")
    return number


def _port(keyword: str, _rest: str, split: list[str]) -> Parsed:
    return keyword, port_number(_one(keyword, split))


def _time(keyword: str, _rest: str, split: list[str]) -> Parsed:
    word = _one(keyword, split)
    if word == "none":
        return keyword, None
    if re.fullmatch(r"([0-9]+[smhdw]?)+", word, re.IGNORECASE) is None:
        raise ValueError(f"{keyword} {word} is no number of seconds, nor a time like 1m30s")
    parts = re.findall(r"([0-9]+)([smhdw]?)", word.lower())
    return keyword, sum(int(count) * _SECONDS[unit] for count, unit in parts)


def _files(keyword: str, _rest: str, split: list[str]) -> Parsed:
    if not all(split):
        raise ValueError(f"{keyword} with an empty argument")
    if len(split) > 1 and any(word.lower() == "none" for word in split):
        raise ValueError(f"{keyword} with `none` and other files")
    return keyword, tuple(split) or None  # only a comment, which sets nothing


def _command(keyword: str, rest: str, _split: list[str]) -> Parsed:
    return keyword, rest.lstrip(" \t\r\n=")


def _jump(keyword: str, rest: str, _split: list[str]) -> Parsed:
    text = rest.lstrip(" \t\r\n=")
    if text.lower() == "none":  # with a comment behind it, it is the name of a host, as for OpenSSH
        return keyword, ()
    hops = re.split(r"[\s#]", text, maxsplit=1, flags=re.ASCII)[0]
    return keyword, tuple(_hop(text, part) for part in hops.split(","))


def _hop(jumps: str, text: str) -> Hop:
    is_uri = text.startswith("ssh://")
    found = (_HOP_URI if is_uri else _HOP).fullmatch(text)
    if found is None:
        raise ValueError(f"ProxyJump {jumps}: {text!r} is not of the form [user@]host[:port]")
    user, port = found["user"], found["port"]
    user = unquote_plus(user) if user and is_uri else user
    return user, found["address"] or found["host"], port_number(port) if port else None


def _identity(_keyword: str, _rest: str, split: list[str]) -> Parsed:
    return "identityfile", _one("identityfile", split)


VALUES: dict[str, _Parser] = {
    "hostname": _text,
    "user": _text,
    "port": _port,
    "hostkeyalias": _text,
    "identityfile": _identity,
    "identityfile2": _identity,
    "identitiesonly": _flag,
    "identityagent": _text,
    "userknownhostsfile": _files,
    "globalknownhostsfile": _files,
    "revokedhostkeys": _text,
    "connecttimeout": _time,
    "proxycommand": _command,
    "proxyjump": _jump,
    "canonicalizehostname": _canonicalize,
    "canonicaldomains": _files,
    "canonicalizemaxdots": _number,
    "canonicalizefallbacklocal": _flag,
}
"""What is made of each keyword's arguments; other keywords say nothing about the way to a host."""
