"""Copying to one host: ask what it has, send what differs, have it switch over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import cure_of, is_done, own_words, why_unanswered
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Dialogue, Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.fleetwork.outcomes import FleetworkOutcome, flag
from matrix_distributor.fleetwork.running import environment
from matrix_distributor.hostside.protocol import COPY, words_of_programs
from matrix_distributor.hostside.scripts import copy_line
from matrix_grammar.model import Host

from .difference import Change, changes, conflicts, deletions, kept_top, owed
from .entries import Cargo
from .go import CopyOptions, go_script
from .putting import dealt_with, is_put, put_command
from .quick import quick_answer
from .stream import Stream
from .survey import Survey, quick_survey, survey_cargo, survey_path

_BARE = "copy"
"""The stage where the host did not say one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOutcome(FleetworkOutcome):
    """What a copy did to one host: `changes` were made (dry: would be). `output` is what --check and --then wrote.

    `kept` are mode and owner that the folder of a tree has there, and those here, where they were left to differ.
    """

    changes: tuple[Change, ...] = ()
    kept: str = ""
    output: bytes = b""

    REPORTED: ClassVar[tuple[str, ...]] = (
        "host", "result", "changes", "kept", "output", "seconds", "flag", "named", "here", "stage", "cause", "cure",
    )  # fmt: skip


def copy_dialogue(
    host: Host, cargo: Cargo, stream: Stream, options: CopyOptions, *, sudo: bool, swift: bool = True
) -> Dialogue[CopyOutcome]:
    """Bring the cargo to one host. Without `swift` nothing is sent along with the question, as to this very machine."""
    put = put_command(cargo, stream, sudo=sudo) if swift and options == CopyOptions() else None
    known: Survey | Trouble | None = None
    if put is not None:
        reply = yield put
        known = quick_survey(cargo, quick_answer(cargo, reply))
        if known is not None and not known.same and dealt_with(reply):
            return _outcome(host, conflicts(changes(cargo, known))[0], reply, stream, done=is_put(reply))
    mark = owed(cargo) if options.then else ""
    survey = known or (yield from survey_cargo(cargo, host.name, sudo=sudo, at_length=put is not None, beside=mark))
    if isinstance(survey, Trouble):
        return _failed(host, survey)
    found, against = conflicts(changes(cargo, survey, top=options.top))
    kept = "" if options.top else kept_top(cargo, survey)
    if against:
        cause = against[0] + (f" (and {len(against) - 1} more)" if len(against) > 1 else "")
        return _failed(host, Trouble("survey", cause))
    if options.delete and cargo.tree:
        beside = yield from survey_path(cargo.base, host.name, sudo=sudo)
        if isinstance(beside, Trouble):
            return _failed(host, beside)
        found += deletions(cargo, beside, keep_backups=options.backup)
    if mark and not found and f"{cargo.base.rstrip('/')}/{mark}" in survey.found:
        found = [Change(cargo.base if cargo.tree else cargo.path(cargo.entries[0]), "then")]
    if not found or options.dry:
        return CopyOutcome(host=host.name, result="ok", flag=flag(host), changes=tuple(found), kept=kept)
    reply = yield _command(host, cargo, stream, found, options, sudo=sudo)
    outcome = _outcome(host, found, reply, stream, done=is_done(reply))
    return replace(outcome, kept=kept) if outcome.ok else outcome


def _command(
    host: Host,
    cargo: Cargo,
    stream: Stream,
    found: list[Change],
    options: CopyOptions,
    *,
    sudo: bool,
) -> Command:
    numbers = {cargo.path(entry): number for number, entry in enumerate(cargo.entries)}
    go = go_script(cargo, numbers, found, options)
    sent = [numbers[c.path] for c in found if c.what in ("new", "content") and c.entry and c.entry.kind == "file"]
    sums, payload = stream.payload(go, sent)
    line = copy_line([*environment(host), sums, "." + cargo.base], sudo=sudo)
    return Command(line, stdin=payload, output=SMALL_ANSWER)


def _outcome(host: Host, found: list[Change], reply: Reply, stream: Stream, *, done: bool) -> CopyOutcome:
    """What the reply means; `done` says that the script said so itself, and without its own words no status counts."""
    told = words_of_programs(reply.stderr)
    if done:
        return CopyOutcome(
            host=host.name, result="ok", flag=flag(host), changes=tuple(found), output=told, seconds=reply.seconds
        )
    cause = own_words(reply.stderr)
    meaning = COPY.meaning(reply)
    stage = meaning.stage if meaning is not None else _BARE
    if stage == "transfer" and stream.trouble:
        return _failed(host, Trouble(stage, f"{stream.trouble}; nothing was changed on the host", "copy it again"))
    telling = next(_telling(told), "") if reply.status else ""
    if telling and stage not in ("check", "then") and telling not in cause:
        cause = f"{cause} ({telling})" if cause else telling
    cause = cause or why_unanswered(reply)
    output = told if stage in ("check", "then") else b""
    return _failed(host, Trouble(stage, cause, cure_of(host.name, silent=reply.status == 0)), output)


def _telling(told: bytes) -> Iterator[str]:
    """The lines that say most, the last first."""
    lines = [line.strip() for line in told.decode("utf-8", "replace").splitlines() if line.strip()]
    lines = [line for line in lines if "Exiting with failure status" not in line]  # tar, after what it said of it
    yield from (line for line in reversed(lines) if COPY.sign_in(line))
    yield from reversed(lines)


def _failed(host: Host, trouble: Trouble, output: bytes = b"") -> CopyOutcome:
    if not trouble.cure:
        trouble = replace(trouble, cure=COPY.sign_in(trouble.cause))
    return CopyOutcome(host=host.name, result="failed", trouble=trouble, flag=flag(host), output=output)
