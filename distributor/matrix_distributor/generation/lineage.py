"""The ancestors of a generation, by which a host tells whether it may follow the one in force there.

Numbers go up by one, so a lineage is all of them, the newest first and none left out. In the file `lineage` on a host
each has a line: "number digest" of the last 200, as every version of install.sh reads it, and of older ones the first
digits of the digest alone. The sha256 of that file stands in the manifest, and so under the signature.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Ancestors: TypeAlias = "tuple[tuple[int, str], ...]"
"""Number and digest (of older ones its first digits) of each ancestor, the newest first."""

IN_FULL = 200
"""So many of the newest are named with the whole digest."""
SHORT = 8
"""Digits of the digest of older ones: one of another line has the same by one chance in 4,294,967,296."""
REACH = 10_000
"""So many are named in all; install.sh reads no more. A host that is further behind needs a person."""

_DIGEST = re.compile(rf"[0-9a-f]{{{SHORT}}}|[0-9a-f]{{64}}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


def descend(number: int, digest: str, ancestors: Ancestors) -> Ancestors:
    """The ancestors of what comes after the generation of this number and digest, which has these ancestors."""
    line = ((number, digest), *ancestors[: REACH - 1])
    if len(line) <= IN_FULL:
        return line
    older, whole = line[IN_FULL]
    return (*line[:IN_FULL], (older, whole[:SHORT]), *line[IN_FULL + 1 :])


def spell_lineage(ancestors: Ancestors) -> bytes:
    """The file `lineage` of a generation with these ancestors."""
    recent = [f"{number} {digest}\n" for number, digest in ancestors[:IN_FULL]]
    return "".join([*recent, *(f"{digest[:SHORT]}\n" for _, digest in ancestors[IN_FULL:])]).encode()


def read_lineage(content: bytes) -> Ancestors:
    """The ancestors that a file `lineage` names, up to the first line that is none."""
    found: list[tuple[int, str]] = []
    for line in content.decode("ascii", "replace").split("\n", REACH)[:REACH]:
        number, _, digest = line.rpartition(" ")
        if not number and found:
            number = str(found[-1][0] - 1)
        if not _NUMBER.fullmatch(number) or not _DIGEST.fullmatch(digest):
            break
        found.append((int(number), digest))
    return tuple(found)
