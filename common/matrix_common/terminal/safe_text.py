"""Text of anybody as a terminal may have it: what a terminal would act on is shown by its code point.

That is every character of the Unicode categories Cc, Cf, Cs, Zl and Zp (C0, DEL and C1 controls, direction of writing,
zero width, tags, line and paragraph separators), and what is reserved between them, which a later Unicode may fill. A
byte that is no UTF-8 is shown as `<0x9B>`, since terminals take some of these for controls.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

UNSAFE: Final = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
    (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE007F),
)  # fmt: skip
"""The code points that are shown as such: first and last of each range, in order."""

_BEYOND_C0: Final = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in UNSAFE[1:])
_SEEN: Final = re.compile("[ -~]*")
_SEEN_LINES: Final = re.compile("[\t\n -~]*")
"""Texts of ASCII in which all is seen, as most are."""
_PLAIN: Final = bytes([*b"\t\n", *range(0x20, 0x7F)])


def safe(text: str) -> str:
    """One line: every such character shown as `<U+001B>`, an end of a line too, tabs as a blank."""
    return text if _SEEN.fullmatch(text) else _in_line().sub(_shown, text)


def safe_lines(text: str) -> str:
    """Lines: every such character shown as `<U+001B>`, but for ends of lines and tabs, which stay."""
    return text if _SEEN_LINES.fullmatch(text) else _in_lines().sub(_shown, text)


def safe_bytes(content: bytes) -> bytes:
    """Lines of bytes that are UTF-8 or not, as `safe_lines` shows them, in UTF-8."""
    if not content.translate(None, _PLAIN):
        return content
    return safe_lines(content.decode("utf-8", "surrogateescape")).encode()


def safe_json(document: str) -> str:
    r"""A JSON document in which every such character is written as `\u001b`: its value is the same."""
    return document if _SEEN_LINES.fullmatch(document) else _in_lines().sub(_escaped, document)


def toml_text(text: str) -> str:
    """A text as TOML has it between quotation marks, on one line, ready to be pasted whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _in_line().sub(lambda match: f"\\U{ord(match[0]):08X}", escaped) + '"'


@cache
def _in_line() -> re.Pattern[str]:
    """Compiled when first needed: that takes a millisecond, which most commands never pay."""
    return re.compile(f"[\x00-\x1f{_BEYOND_C0}]")


@cache
def _in_lines() -> re.Pattern[str]:
    return re.compile(f"[\x00-\x08\x0b-\x1f{_BEYOND_C0}]")


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
