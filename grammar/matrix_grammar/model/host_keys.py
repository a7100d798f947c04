"""Public keys of SSH hosts as a text gives them."""

from __future__ import annotations

import binascii
import re
from typing import Final

_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?", re.ASCII)


def what_is_wrong(text: str) -> str:
    """Why a text is neither `TYPE BASE64 [COMMENT]` nor `SHA256:FINGERPRINT`; empty where it is one of them."""
    words = text.split()
    if len(words) == 1 and words[0].startswith("SHA256:"):
        return "" if _FINGERPRINT.fullmatch(words[0]) else "a fingerprint has 43 letters behind SHA256:"
    if len(words) < 2:
        return "its type or the key itself is missing"
    try:
        blob = binascii.a2b_base64(words[1], strict_mode=True)
    except (binascii.Error, ValueError):
        return "it is cut off or mistyped"
    fields = _fields(blob)
    if not fields:
        return "it is cut off or mistyped"
    kind = fields[0].decode("ascii", "replace")
    return "" if kind == words[0] else f"it is one of type {kind:.40}"


def _fields(blob: bytes) -> list[bytes]:
    """The fields of a key (RFC 4253, section 6.6), each led by its length; none when they do not fill it."""
    fields = []
    while blob:
        length = int.from_bytes(blob[:4], "big")
        if len(blob) < 4 + length:
            return []
        fields.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return fields if len(fields) > 1 else []
