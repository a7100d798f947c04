"""How a member's health is checked: the `check` property, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["http", "https", "tcp", "smtp", "misc", "none"]

_CHECK: Final = re.compile(
    r"(?P<web>https?):(?P<webport>[0-9]{1,5})?(?P<path>/.*)"
    r"|(?P<plain>tcp|smtp)(?::(?P<port>[0-9]{1,5}))?"
    r"|misc:(?P<script>/.+)"
    r"|(?P<none>none)",
    re.ASCII | re.DOTALL,
)

FORMS: Final = "http:/PATH, https:/PATH, http:PORT/PATH, tcp, tcp:PORT, smtp, smtp:PORT, misc:/SCRIPT ARGUMENTS, none"
"""The ways in which `check` may be written, for messages."""


@dataclass(frozen=True, slots=True)
class Check:
    """One health check. `target` is the path of a page, or the line of a script; `port` None: the member's own."""

    kind: Kind
    target: str = ""
    port: int | None = None


def read_check(text: str) -> Check | None:
    """The check that a text such as `http:/alive.html` asks for, or None when it is not one of `FORMS`."""
    match = _CHECK.fullmatch(text)
    if match is None:
        return None
    digits = match["webport"] or match["port"]
    port = int(digits) if digits else None
    if port is not None and not 1 <= port <= 65535:
        return None
    if match["web"]:
        return Check("https" if match["web"] == "https" else "http", match["path"], port)
    if match["plain"]:
        return Check("tcp" if match["plain"] == "tcp" else "smtp", "", port)
    if match["script"]:
        return Check("misc", match["script"])
    return Check("none")
