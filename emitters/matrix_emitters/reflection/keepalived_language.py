"""Quoting for keepalived.conf (keepalived.conf(5), "Configuration File Syntax"), as keepalived 2.2 reads it."""

from __future__ import annotations

from typing import Final

from ..errors import EmitterError
from ..quoting import Language, Quoted

_NEVER: Final = {
    '"': "a double quote",
    "\\": "a backslash",
    "$": "a dollar, with which keepalived starts a variable",
    "~": "a tilde, with which keepalived starts a sequence",
}


def _spell(value: object) -> str:
    """Text between double quotes. Whatever could end them, or mean something within them, is refused."""
    if not isinstance(value, str):
        raise TypeError(f"keepalived.conf quotes text, not {type(value).__name__}")
    for letter in value:
        if letter in _NEVER:
            raise EmitterError(f"{value!r:.80} holds {_NEVER[letter]}, which keepalived.conf cannot hold")
        if ord(letter) < 32 or ord(letter) == 127 or letter in "\x85\u2028\u2029":
            raise EmitterError(f"{value!r:.80} holds a control character, which keepalived.conf cannot hold")
    return f'"{value}"'


KEEPALIVED: Final = Language("keepalived", _spell)


def word(text: str) -> Quoted:
    """A word that is no name of the MATRIX but safe all the same, such as an address: letters, digits, `.:/_-`."""
    if not text or not all(letter.isascii() and (letter.isalnum() or letter in ".:/_-") for letter in text):
        raise EmitterError(f"{text!r:.80} is not a plain word")
    return KEEPALIVED.trusted(text)
