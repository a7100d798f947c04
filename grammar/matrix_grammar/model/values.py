"""Values and their types: from the text of a property to what it means, in one canonical spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from matrix_common.addresses import endpoint
from matrix_common.words import did_you_mean, nearest

from .declared import PropertyType
from .facts import Scalar

_IPV4: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)", re.ASCII)
_INT: Final = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+(?:[/?#]\S*)?")
_DURATION: Final = re.compile(r"(?=\d)(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?", re.ASCII)
_ENDPOINT: Final = re.compile(r"(?:\[(?P<six>[^\[\]]*)\]|(?P<four>[^:\[\]]*)):(?P<port>\d*)", re.ASCII)
_MOST_DIGITS: Final = 18
_LOOKS_LIKE: Final = str.maketrans("OolI,;", "0011..")
"""Letters that are typed for digits, and commas for dots."""


class ValueMistake(ValueError):
    """A value that is not of its type: what is wrong, and where known the cure."""

    def __init__(self, message: str, cure: str = "") -> None:
        self.message = message
        self.cure = cure
        super().__init__(message)


def is_ipv4(text: str) -> bool:
    """Whether a text is an IPv4 address in its one spelling."""
    return _IPV4.fullmatch(text) is not None


def canonical_address(text: str) -> str:
    """The one spelling of an IP address: RFC 5952 for IPv6. Raises ValueMistake."""
    if _IPV4.fullmatch(text):
        return text
    if ":" in text and "%" not in text:
        from ipaddress import AddressValueError, IPv6Address  # 5 ms that a MATRIX without IPv6 never pays

        try:
            address = IPv6Address(text)
            low = int(address) & 0xFFFFFFFF
            mapped = (
                address.ipv4_mapped is not None
            )  # spelled otherwise from Python 3.13 on; all hosts are told one spelling
            return f"::ffff:{low >> 16:x}:{low & 0xFFFF:x}" if mapped else str(address)
        except AddressValueError as error:
            raise ValueMistake(f"{text} is not an IPv6 address ({_cause(error, text)})") from error
    raise ValueMistake(f"{text or 'nothing'} is not an IP address", _address_cure(text))


def address_identity(canonical: str) -> str:
    """The same for every address that reaches the same interface: an IPv4-mapped IPv6 address is its IPv4 address."""
    if canonical.startswith("::ffff:") and canonical != "::ffff:0":
        from ipaddress import IPv6Address

        mapped = IPv6Address(canonical).ipv4_mapped
        if mapped is not None:
            return str(mapped)
    return canonical


def _cause(error: ValueError, text: str) -> str:
    return str(error).removesuffix(f" in {text!r}").lower()


def _address_cure(text: str) -> str:
    """What to write instead, for the usual slips in an IPv4 address."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts):
        plain = ".".join(str(int(part[:_MOST_DIGITS])) for part in parts)
        if any(len(part) > 1 and part[0] == "0" for part in parts) and _IPV4.fullmatch(plain):
            return f"write {plain} (a leading zero is octal to some programs)"
        return "each of the four numbers is at most 255"
    looked = text.translate(_LOOKS_LIKE)
    if _IPV4.fullmatch(looked):
        return f"write {looked}"
    if "/" in text:
        return "an address has no prefix length"
    if len(parts) != 4 and len(parts) > 1 and all(part.isascii() and part.isdigit() for part in parts):
        return f"an IPv4 address has four numbers, this one has {len(parts)}"
    if "%" in text:
        return "an address has no zone"
    return ""


def _integer(kind: PropertyType, text: str) -> Scalar:
    if not _INT.fullmatch(text) or len(text) > _MOST_DIGITS:
        stripped = text.lstrip("0")
        cure = f"write {stripped}" if stripped != text and _INT.fullmatch(stripped) else ""
        raise ValueMistake(f"{text or 'nothing'} is not a whole number", cure)
    number = int(text)
    low, high = kind.low, kind.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueMistake(f"{number} is not in {spell_range(low, high)}")
    return number


def spell_range(low: int | None, high: int | None) -> str:
    """The spelling of a range of whole numbers, as in `int 0..256`."""
    return f"{'' if low is None else low}..{'' if high is None else high}"


def _number(kind: PropertyType, text: str) -> Scalar:
    if not _NUMBER.fullmatch(text) or len(text) > 2 * _MOST_DIGITS:
        raise ValueMistake(f"{text or 'nothing'} is not a number", "write it like 12 or 0.5")
    return float(text)


def _boolean(kind: PropertyType, text: str) -> Scalar:
    if text not in ("true", "false"):
        meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}.get(
            text.lower(), ""
        )
        meant = meant or (text.lower() if text.lower() in ("true", "false") else "")
        raise ValueMistake(f"{text or 'nothing'} is neither true nor false", f"write {meant}" if meant else "")
    return text == "true"


def _text(kind: PropertyType, text: str) -> Scalar:
    return text


def _address(kind: PropertyType, text: str) -> Scalar:
    return canonical_address(text)


def _endpoint(kind: PropertyType, text: str) -> Scalar:
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        if "," in text:
            several = " ".join(f"{kind.name}={each}" for each in text.split(",") if each)
            raise ValueMistake(f"{text} is not address:port", f"give each by itself: {several}" if kind.is_list else "")
        if text.count(":") > 1:
            raise ValueMistake(
                f"{text} is not address:port", f'write an IPv6 address in brackets and quotes: "[{text}]:80"'
            )
        cure = f"write {text}:80" if _IPV4.fullmatch(text) else "write it like 10.6.0.30:3306"
        raise ValueMistake(f"{text or 'nothing'} has no port", cure)
    address = canonical_address(match["six"] if match["six"] is not None else match["four"])
    port = match["port"]
    if not _INT.fullmatch(port) or len(port) > 5 or not 1 <= int(port) <= 65535:
        raise ValueMistake(f"{port or 'nothing'} is not a port", "a port is 1..65535")
    return endpoint(address, port)


def _url(kind: PropertyType, text: str) -> Scalar:
    if not _URL.fullmatch(text):
        raise ValueMistake(f"{text or 'nothing'} is not a URL", "write it like https://host/path")
    return text


def _duration(kind: PropertyType, text: str) -> Scalar:
    if not _DURATION.fullmatch(text) or not text:
        raise ValueMistake(f"{text or 'nothing'} is not a duration", "write it like 500ms, 10s, 5m, 1h30m or 2d")
    return text


def _shortens(word: str, text: str) -> bool:
    """Whether all letters of a word stand in a text, in their order and from its first on, as `dr` in `direct`."""
    letters = iter(text)
    return text[:1] == word[:1] and all(letter in letters for letter in word)


def _choice(kind: PropertyType, text: str) -> Scalar:
    if text not in kind.choices:
        near = nearest(text, kind.choices, limit=1) or tuple(c for c in kind.choices if _shortens(c, text))[:1]
        cure = did_you_mean(near[:1])
        raise ValueMistake(f"{text or 'nothing'} is none of {', '.join(kind.choices)}", cure)
    return text


_READERS: Final[dict[str, Callable[[PropertyType, str], Scalar]]] = {
    "int": _integer,
    "number": _number,
    "bool": _boolean,
    "text": _text,
    "ip": _address,
    "endpoint": _endpoint,
    "host": _text,
    "url": _url,
    "duration": _duration,
    "one-of": _choice,
}


def read_value(kind: PropertyType, text: str) -> Scalar:
    """The value of a text, in its canonical spelling. A `host` is looked up later. Raises ValueMistake."""
    return _READERS[kind.kind](kind, text)
