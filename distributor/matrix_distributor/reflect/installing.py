"""The stream that has a host check a file, put it in place and apply it, and what the host's answer means."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from matrix_distributor.conversation.answers import cure_of, is_done, own_words, why_unanswered
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.fleetwork.copy.stream import packed
from matrix_distributor.fleetwork.running import environment
from matrix_distributor.hostside.scripts import copy_line, hand_over_script, reflect_script
from matrix_emitters.bindings.sh.fleetwork import host_script
from matrix_emitters.reflection.model import Reflected
from matrix_grammar.model import Host

_STAGES = {62: "busy", 64: "switch", 70: "stage", 71: "stop", 72: "check", 73: "apply", 74: "switch", 75: "transfer"}
_STAGES |= {76: "undo", 137: "killed"}
"""What the statuses of copy.sh, switch.sh and reflect.sh say."""

_CURES = {
    "busy": "try again when it has ended",
    "check": "run the check by hand: matrix reflect {} --check",
    "apply": "see on the host why it does not take the file; the one before is in force",
    "undo": "see to that host now: what is in force there was not applied",
}
_WORDS = (
    ("No space left on device", "make room on the host"),
    ("Read-only file system", "make the file system writable on the host"),
    ("cannot be set", "log in as root, or set push.sudo"),
    ("Permission denied", "log in as root, or set push.sudo"),
    ("not found", "install on the host what is missing there"),
)

MARGIN = 30.0
"""Seconds that a host has beside check and apply."""


@dataclass(frozen=True, slots=True)
class Installed:
    """How it ended: `stage` is empty when the file is in force and applied, else cause and cure say why not."""

    stage: str
    cause: str = ""
    cure: str = ""
    output: bytes = b""


def install_command(host: Host, wanted: Reflected, *, limit: int, sudo: bool) -> Command:
    """Send the file, and have it checked, put in place and applied; `limit` bounds check and apply, in seconds each."""
    folder = posixpath.dirname(wanted.entry.path)
    parts = {"go": _go(wanted, limit), "reflect.sh": reflect_script(), "new": wanted.content}
    sums, payload = packed(parts)
    line = copy_line([*environment(host), sums, "." + folder], sudo=sudo)
    return Command(line, stdin=payload, timeout=3.0 * limit + MARGIN, output=SMALL_ANSWER)


def _go(wanted: Reflected, limit: int) -> bytes:
    entry = wanted.entry
    folder, name = posixpath.split(entry.path)
    return (
        "\n".join([host_script("switch"), hand_over_script(), *_steps(wanted, folder, name, limit)]) + "\n"
    ).encode()


def _steps(wanted: Reflected, folder: str, name: str, limit: int) -> Iterator[str]:
    entry = wanted.entry
    yield 'asked="its check" PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH'
    if entry.owner:  # before the mode, since giving a file away clears set-id bits
        yield f"staged_owner {_q(entry.owner)} new"
    yield f"staged_mode {entry.mode:04o} new"
    if entry.check:
        check = entry.check.replace("%s", '"$DSAS_STAGED"')
        yield f"trap 'no 72 \"its check did not end within {limit} s; nothing was changed\"' TERM"
        yield f"watch {limit}"
        yield f"check new {_q(name)} {_q(check)}"
    yield f"enter {_q('.' + folder)}"
    yield "top_level"
    yield f"hand_over {_q(name)} {limit} {_q(entry.apply)}"


_KILLED = 137
"""128 + 9: who was killed says nothing."""


def read_install(reply: Reply, name: str, host: str) -> Installed:
    """What the answer of a host to `install_command` means, for the entry of that name."""
    told = b"".join(line for line in reply.stderr.splitlines(keepends=True) if not line.startswith(b"dsas: "))
    if is_done(reply):
        return Installed("", output=told)
    cause = own_words(reply.stderr)
    stage = _STAGES.get(reply.status, "install") if cause or reply.status == _KILLED else "install"
    if not cause and reply.status == 0:
        return Installed(stage, why_unanswered(reply), cure_of(host, silent=True))
    if not cause:
        cause = f"it ended with status {reply.status}"
    last = told.decode("utf-8", "replace").strip().rpartition("\n")[2].strip()
    if last and stage not in ("check", "apply", "undo"):
        cause += f" ({last})"
    cure = next((cure for words, cure in _WORDS if words in f"{cause} {last}"), _CURES.get(stage, "").format(name))
    return Installed(stage, cause, cure, told)


_q = shlex.quote
