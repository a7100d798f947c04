"""How a member's health is checked: the `check` property, read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from matrix_emitters.errors import EmitterError
from matrix_grammar.value_forms import CHECK_FORM, CHECK_FORMS

Kind = Literal["http", "https", "tcp", "smtp", "misc", "none"]

HTTPS_PORT: Final = 443


@dataclass(frozen=True, slots=True)
class Check:
    """One health check. `target` is the path of a page, or the line of a script; `port` None: the member's own."""

    kind: Kind
    target: str = ""
    port: int | None = None

    def at(self, port: int) -> Check:
        """The check of a member on `port`: nobody speaks plain HTTP on 443, so `http` is `https` there."""
        if self.kind == "http" and (self.port or port) == HTTPS_PORT:
            return replace(self, kind="https")
        return self


def read_check(text: str, where: str) -> Check:
    """The check that a text such as `http:/alive.html` asks for. Raises EmitterError that says `where` it was given."""
    match = re.fullmatch(CHECK_FORM, text)
    digits = match and (match["webport"] or match["port"])
    port = int(digits) if digits else None
    if match is None or not (port is None or 1 <= port <= 65535):
        raise EmitterError(f"{where}: check is {text!r:.80}; write {CHECK_FORMS}")
    if match["web"]:
        return Check("https" if match["web"] == "https" else "http", match["path"], port)
    if match["plain"]:
        return Check("tcp" if match["plain"] == "tcp" else "smtp", "", port)
    if match["script"]:
        return Check("misc", match["script"])
    return Check("none")
