"""Resource records as values, how they are written in a zone file, and how they are read back (RFC 1035, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.quoting import Language

_LABEL: Final = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_HOST_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ANY_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*", re.ASCII)
_LONGEST_NAME: Final = 253
_LONGEST_STRING: Final = 255  # bytes in one character-string (RFC 1035, section 3.3)
_TOKEN: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"|([()])|(;[^\n]*)|(\n)|([ \t]+)|([^\s"();]+)')


@dataclass(frozen=True, slots=True)
class Record:
    """A record: absolute names without the last dot, in lower case where they are owners; `data` by its fields."""

    owner: str
    type: str
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainName:
    """An absolute name, without the last dot; in a file it is written relative to `origin`, where that holds it."""

    name: str
    origin: str = ""


def is_host_name(name: str) -> bool:
    """Whether a name may own addresses: letters, digits and inner hyphens (RFC 952, RFC 1123 section 2.1)."""
    return _HOST_NAME.fullmatch(name) is not None and len(name) <= _LONGEST_NAME


def _spell(value: object) -> str:
    r"""A name, or text as character-strings in quotes, each byte beyond ASCII's printable ones as `\DDD`."""
    if isinstance(value, DomainName):
        if not _ANY_NAME.fullmatch(value.name) or len(value.name) > _LONGEST_NAME:
            raise EmitterError(f"zone: {value.name!r:.80} is no domain name")
        if value.origin and value.name.lower() == value.origin.lower():
            return "@"
        inner = f".{value.origin.lower()}"
        return value.name[: -len(inner)] if value.origin and value.name.lower().endswith(inner) else f"{value.name}."
    raw = str(value).encode()
    parts = [raw[at : at + _LONGEST_STRING] for at in range(0, len(raw), _LONGEST_STRING)] or [b""]
    return " ".join(f'"{"".join(_byte(byte) for byte in part)}"' for part in parts)


def _byte(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03d}"


ZONE: Final = Language("zone", _spell)


def reverse_zone(text: str) -> str | None:
    """The zone of a network (`10.6.0.0/16`, `2001:db8::/32`); None for what is no network. Raises EmitterError for one
    whose prefix ends within a label, which would need a delegation of its own (RFC 2317).
    """
    if "/" not in text:
        return None
    try:
        network = ip_network(text)
    except ValueError as error:
        raise EmitterError(f"{text!r} is no network: {error}") from error
    step = 8 if network.version == 4 else 4
    if network.prefixlen % step or not network.prefixlen:
        raise EmitterError(f"{text}: the prefix of a reverse zone is a multiple of {step} bits")
    labels = ip_address(network.network_address).reverse_pointer.split(".")
    hosts = (network.max_prefixlen - network.prefixlen) // step
    return ".".join(labels[hosts:])


def parse_zone(text: str) -> tuple[Record, ...]:
    """The records of a zone file as generated: class IN, no $INCLUDE, no TTL of their own. Raises EmitterError."""
    found, origin, owner = [], "", ""
    for words, led_by_blank in _entries(text):
        if words[0] == "$ORIGIN":
            origin = words[1].removesuffix(".")
        elif not words[0].startswith("$"):
            if not led_by_blank:
                owner, words = _absolute(words[0], origin), words[1:]
            if len(words) < 3 or words[0] != "IN":
                raise EmitterError(f"zone: cannot be read: {' '.join(words)!r:.80}")
            kind, *data = words[1:]
            if kind in ("CNAME", "NS", "PTR", "MX", "SOA"):
                data = [_absolute(word, origin) if not word.isdigit() else word for word in data]
            found.append(Record(owner.lower(), kind, tuple(data)))
    return tuple(found)


def _absolute(name: str, origin: str) -> str:
    if name == "@":
        return origin
    return name.removesuffix(".") if name.endswith(".") else f"{name}.{origin}"


def _entries(text: str) -> Iterator[tuple[list[str], bool]]:
    """The entries of a zone file as words, and whether a blank led them; parentheses join lines."""
    words: list[str] = []
    depth, at, led = 0, 0, False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise EmitterError(f"zone: cannot be read: {text[at : at + 40]!r}")
        quoted, bracket, _, newline, blank, plain = match.groups()
        if newline and depth == 0:
            if words:
                yield words, led
            words, led = [], False
        elif bracket:
            depth += 1 if bracket == "(" else -1
        elif blank and not words and depth == 0:
            led = True
        elif quoted is not None:
            words.append(_unquoted(quoted))
        elif plain:
            words.append(plain)
        at = match.end()
    if words or depth:
        raise EmitterError("zone: the text ends within an entry")


def _unquoted(text: str) -> str:
    r"""The bytes of a character-string, one character each: `\DDD` and `\X` undone."""
    return re.sub(r"\\([0-9]{3}|.)", lambda found: chr(int(found[1])) if len(found[1]) == 3 else found[1], text)
