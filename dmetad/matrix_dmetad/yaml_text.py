"""YAML 1.2, block style, of what JSON has. PyYAML takes five seconds for ten thousand hosts, this a tenth of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .documents import Json

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
"""Texts that are no number, date or indicator however they are read; the words below excepted."""

_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def dump(value: Json) -> str:
    """The document, with a line end."""
    if isinstance(value, (Mapping, list, tuple)) and value:
        return "".join(_block(value, ""))
    return _scalar(value) + "\n"


def _block(value: Json, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _item(f"{indent}{_text(key)}:", inner, indent)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _item(f"{indent}-", inner, indent)


def _item(start: str, value: Json, indent: str) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        yield start + "\n"
        yield from _block(value, indent + "  ")
    else:
        yield f"{start} {_scalar(value)}\n"


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    return "{}" if isinstance(value, Mapping) else "[]"


def _number(value: float) -> str:
    """With a point, which YAML 1.1 asks for before an exponent."""
    spelled = repr(value)
    mantissa, exponent, power = spelled.partition("e")
    return spelled if not exponent or "." in mantissa else f"{mantissa}.0e{power}"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return '"' + "".join([_letter(letter) for letter in value]) + '"'


def _letter(letter: str) -> str:
    escaped = _ESCAPES.get(letter)
    if escaped is not None:
        return escaped
    if letter == " " or letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
