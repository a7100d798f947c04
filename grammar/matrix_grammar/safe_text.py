"""Text of anybody as a terminal may have it: what a terminal would act on is shown by its code point.

That is every character of the Unicode categories Cc, Cf, Cs, Zl and Zp (C0, DEL and C1 controls, direction of writing,
zero width, tags, line and paragraph separators), and what is reserved between them, which a later Unicode may fill. A
byte that is no UTF-8 is shown as `<0x9B>`, since terminals take some of these for controls.
"""

from __future__ import annotations

import re
from typing import Final

_ODD: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IN_LINES: Final = re.compile(f"[{_ODD}]")
_IN_LINE: Final = re.compile(f"[\t\n{_ODD}]")
_PLAIN: Final = bytes([*b"\t\n", *range(0x20, 0x7F)])


def safe(text: str) -> str:
    """One line: every such character shown as `<U+001B>`, an end of a line too, tabs as a blank."""
    return _IN_LINE.sub(_shown, text)


def safe_lines(text: str) -> str:
    """Lines: every such character shown as `<U+001B>`, but for ends of lines and tabs, which stay."""
    return _IN_LINES.sub(_shown, text)


def safe_bytes(content: bytes) -> bytes:
    """Lines of bytes that are UTF-8 or not, as `safe_lines` shows them, in UTF-8."""
    if not content.translate(None, _PLAIN):
        return content
    return safe_lines(content.decode("utf-8", "surrogateescape")).encode()


def safe_json(document: str) -> str:
    r"""A JSON document in which every such character is written as `\u001b`: its value is the same."""
    return _IN_LINES.sub(_escaped, document)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x09:
        return " "
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8, as Python's surrogateescape has it
        return f"<0x{code - 0xDC00:02X}>"
    return f"<U+{code:04X}>"


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
