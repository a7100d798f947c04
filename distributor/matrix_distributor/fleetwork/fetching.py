"""Fetching the content of files from hosts, of each distinct version once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from matrix_common.files import InflationError, inflate
from matrix_distributor.conversation.answers import between
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.hostside.scripts import fetch_line
from matrix_grammar.model import Host

from .outcomes import FleetworkOutcome

LARGEST = 1024 * 1024
"""Bytes; what is larger is compared by its sha256 alone, and not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(FleetworkOutcome):
    """The files that were asked for, by their sha256; those too large, or changed meanwhile, are missing."""

    contents: tuple[tuple[str, bytes], ...] = ()


def fetch_dialogue(host: Host, wanted: tuple[tuple[str, str], ...], *, sudo: bool) -> Dialogue[Fetched]:
    """Fetch files, given as (path, sha256), from one host."""
    contents = []
    for path, digest in wanted:
        reply = yield Command(fetch_line(["." + path, str(LARGEST)], sudo=sudo), output=2 * LARGEST)
        try:
            content = inflate(between(reply.stdout) or b"", LARGEST)
        except InflationError:
            continue
        if hashlib.sha256(content).hexdigest() == digest:
            contents.append((digest, content))
    return Fetched(host=host.name, result="ok", contents=tuple(contents))
