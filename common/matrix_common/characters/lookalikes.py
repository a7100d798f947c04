"""Characters that are not what they look like: blanks that are none, nothing at all, letters of other scripts."""

from __future__ import annotations

import re
from typing import Final

_NOTHING: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u206a-\u206f\u3164\uffa0"
    "\U000e0000-\U000e007f"
)
_BLANKS: Final = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DASHES: Final = "\u02d7\u2010-\u2015\u2043\u2212\u30fc\u4e00\ufe58\ufe63\uff0d\uff70"
_QUOTES: Final = "\u00ab\u00bb\u2018-\u201f\u2032\u2033\u2036\u300c\u300d\u301d\u301e\uff02"
_LETTERS: Final = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0475"
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
        "\u03b1\u03bf\u03b9\u03bd\u03c1\u03c5\u03c7"
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131\u0261",
        "aeopcyxijshdqwvABESIJKMHOPCTYXaoivpuxABEZHIKMNOPTYXig",
        strict=True,
    )
)
"""Letters of other scripts that a person takes for those of ASCII (Unicode's confusables)."""

_OTHERS: Final = {"\u3001": ",", "\u3002": ".", "\u00b7": ".", "\u30fb": ".", "\u2024": ".", "\u2044": "/"}
NO_LETTER: Final = re.compile(f"[{_NOTHING}]")
"""What is not to be seen."""
_BLANK: Final = re.compile(f"[{_BLANKS}]")
_DASH: Final = re.compile(f"[{_DASHES}]")
QUOTE: Final = re.compile(f"[{_QUOTES}]")
"""What looks like a quote and closes none."""
OUT_OF_ASCII: Final = re.compile(r"[^\x00-\x7f]")
"""Anything beyond ASCII."""
JOINERS: Final = "\u200c\u200d"
"""Not to be seen, and yet part of words of some scripts."""
ALIKE_IN_WORD: Final = re.compile(f"[{''.join(_LETTERS)}]")
"""Letters that look like one of ASCII."""
DOUBTFUL: Final = re.compile(f"[{_NOTHING}{_QUOTES}{''.join(_LETTERS)}].*")
"""From a character that is hardly meant to the end of its line."""


def name_of(letter: str) -> str:
    """A character by its code point and name, as `U+00A0 (no-break space)`."""
    import unicodedata  # large, and hardly ever needed

    name = unicodedata.name(letter, "").lower()
    return f"U+{ord(letter):04X} ({name})" if name else f"U+{ord(letter):04X}"


def what_it_is(letter: str) -> tuple[str, str]:
    """What is wrong with a character, and the cure; two empty texts for one that looks like no other."""
    named = name_of(letter)
    if NO_LETTER.match(letter):
        return f"{named} is not to be seen", "remove it"
    if _BLANK.match(letter):
        return f"{named} looks like a blank, but is none", "type a blank in its place"
    if QUOTE.match(letter):
        return f"{named} is not the quote that opens or closes a string", 'write "…"'
    plain = "-" if _DASH.match(letter) else _LETTERS.get(letter) or _OTHERS.get(letter) or _as_ascii(letter)
    return (f"{named} looks like {plain}, but is none", f"write {plain}") if plain else ("", "")


def _as_ascii(letter: str) -> str:
    """What a full-width or otherwise decorated character is in ASCII."""
    import unicodedata

    digit = unicodedata.decimal(letter, None)
    plain = str(digit) if digit is not None else unicodedata.normalize("NFKC", letter)
    return plain if plain.isascii() and plain.strip() else ""
