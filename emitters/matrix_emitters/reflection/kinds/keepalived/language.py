"""Quoting for keepalived.conf, as keepalived 2.2.7 was seen to read it (keepalived.conf(5), "Quoted strings").

The manual's escapes are not honoured by every keyword (`router_id` keeps both backslashes of two), `$NAME` and
`${_PWD}` are replaced within quotes too, and a line of more than 1,023 bytes is broken in two, the second part read as
a line of its own. So what would need an escape is refused, with what to do about it.
"""

from __future__ import annotations

import re
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.quoting import Language, Quoted

MOST_BYTES: Final = 512
"""Bytes of one quoted text, so that no line comes near keepalived's 1,023."""

_NEVER: Final = {'"': "a double quote", "\\": "a backslash", "$": "a dollar sign", "~": "a tilde before SEQ or LST"}
_BAD: Final = re.compile(r'["\\$]|~(?=SEQ|LST)')
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_WORD: Final = re.compile(r"[A-Za-z0-9_.:/@-]+", re.ASCII)


def _spell(value: object) -> str:
    """Text between double quotes. Whatever could end them, or mean something within them, is refused."""
    if not isinstance(value, str):
        raise TypeError(f"keepalived.conf quotes text, not {type(value).__name__}")
    bad = _BAD.search(value)
    if bad is not None:
        raise EmitterError(
            f"{value!r:.80} holds {_NEVER[bad[0]]}, which keepalived.conf cannot hold; "
            f"in the path of a page write %{ord(bad[0]):02X}"
        )
    if _CONTROL.search(value):
        raise EmitterError(f"{value!r:.80} holds a control character, which keepalived.conf cannot hold")
    if len(value.encode()) > MOST_BYTES:
        raise EmitterError(f"{value!r:.60} is longer than {MOST_BYTES} bytes; keepalived breaks long lines in two")
    return f'"{value}"'


KEEPALIVED: Final = Language("keepalived", _spell)


def word(text: str, where: str = "") -> Quoted:
    """A word that stands without quotes, as an address or an interface. Raises EmitterError that says `where`."""
    if _WORD.fullmatch(text) is None or len(text) > MOST_BYTES:
        raise EmitterError(f"{where + ' is ' if where else ''}{text!r:.80}, which is not one plain word")
    return KEEPALIVED.trusted(text)


def seconds(milliseconds: int) -> Quoted:
    """A <TIMER> of keepalived: seconds, with a fraction where there is one."""
    whole, rest = divmod(milliseconds, 1000)
    return KEEPALIVED.trusted(f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole))


def comment(text: str) -> Quoted:
    """Text behind `#`: what keepalived could take for more than a comment is left out, and so is what is too long."""
    kept = (letter if letter.isalnum() or letter in " .,:/[]()=+_-" else "?" for letter in text[: MOST_BYTES // 4])
    return KEEPALIVED.trusted("".join(kept))
