"""The stream that has a host check a file, put it in place and apply it, and what the host's answer means."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from matrix_common.trouble import NO_TROUBLE, Trouble
from matrix_distributor.conversation.answers import cure_of, is_done, own_words, why_unanswered
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.fleetwork.copy.stream import packed
from matrix_distributor.fleetwork.running import environment
from matrix_distributor.hostside.protocol import REFLECT, words_of_programs
from matrix_distributor.hostside.scripts import copy_line, hand_over_script, reflect_script
from matrix_emitters.bindings.sh.fleetwork import host_script
from matrix_emitters.reflection.model import Reflected
from matrix_grammar.model import Host

_BARE = "install"
"""The stage where the host did not say one."""

MARGIN = 30.0
"""Seconds that a host has beside check and apply."""


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


def read_install(reply: Reply, name: str, host: str) -> tuple[Trouble, bytes]:
    """What the answer of a host to `install_command` means, for the entry of that name; and what programs said there.

    There is no trouble when the file is in force and applied.
    """
    output = words_of_programs(reply.stderr)
    if is_done(reply):
        return NO_TROUBLE, output
    cause = own_words(reply.stderr)
    meaning = REFLECT.meaning(reply)
    stage = meaning.stage if meaning is not None else _BARE
    if not cause and reply.status == 0:
        return Trouble(stage, why_unanswered(reply), cure_of(host, silent=True)), b""
    if not cause:
        cause = f"it ended with status {reply.status}"
    last = output.decode("utf-8", "replace").strip().rpartition("\n")[2].strip()
    if last and stage not in ("check", "apply", "undo"):
        cause += f" ({last})"
    cure = REFLECT.sign_in(f"{cause} {last}") or (meaning.cure if meaning is not None else "")
    return Trouble(stage, cause, cure.format(entry=name)), output


_q = shlex.quote
