"""What comes out: a text, the hosts that are to have it, and what our own checks found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from .entry import Configuration

_HEADER: Final = re.compile(
    rb"^[^\n]{0,60}MATRIX generation [0-9]+, digest [0-9a-f]{12}: made by matrix reflect [^\n]*(?:\n|\Z)", re.MULTILINE
)
_HEADER_WITHIN: Final = 4096
"""Bytes from the start in which a header is looked for: an own template may have lines before it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What our own checks say of a text, since the programs' are not enough. An error keeps it from being applied."""

    severity: Literal["error", "warning"]
    message: str
    cure: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reflected:
    """One text and the hosts that are to have it, in the order of the MATRIX: equal texts are one."""

    entry: Configuration
    hosts: tuple[str, ...]
    content: bytes
    findings: tuple[Finding, ...] = ()


def header(entry: Configuration, generation: int, digest: str) -> str:
    """The header of a text, without the sign of a comment: from which generation it is, and that it is generated."""
    return (
        f"MATRIX generation {generation}, digest {digest[:12]}: made by matrix reflect {entry.name}; "
        f"change the MATRIX, not this file"
    )


def body(content: bytes) -> bytes:
    """A text without its header line. Two generations that differ in their header alone are no change."""
    found = _HEADER.search(content, 0, _HEADER_WITHIN)
    return content if found is None else content[: found.start()] + content[found.end() :]
