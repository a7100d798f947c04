"""One file on one host: ask what is there, see what would change, and have it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matrix_distributor.conversation.answers import cure_of
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.fleetwork.copy.survey import Unanswered
from matrix_distributor.fleetwork.outcomes import Result, flag
from matrix_emitters.reflection.model import Reflected
from matrix_grammar.model import Host

from .held import Change, Held, against, change_of, held_dialogue, metadata_of
from .installing import install_command, read_install
from .outcome import ReflectOutcome

Objection = Callable[[Reflected, bytes], str]
"""Given a file and what a host has in its place: why that needs the consent of a person, or nothing."""


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How to apply.

    `limit` bounds each check and each apply on a host, in seconds. `sudo` works through `sudo -n`. With `dry` nothing
    is changed. `pause` lies between one host that was changed and the next, in seconds; with `probe` the VIPs that
    could be reached before have to be so after each, else the run stops.
    """

    limit: int = 60
    sudo: bool = False
    dry: bool = False
    pause: float = 5.0
    probe: bool = True


def apply_dialogue(
    host: Host, wanted: Reflected, options: ApplyOptions, objection: Objection
) -> Dialogue[ReflectOutcome]:
    """Bring one host's file to what is wanted."""

    def outcome(
        result: Result, change: Change = "", stage: str = "", cause: str = "", cure: str = "", output: bytes = b""
    ) -> ReflectOutcome:
        return ReflectOutcome(
            host=host.name, result=result, stage=stage, cause=cause, cure=cure, flag=flag(host),
            entry=wanted.entry.name, path=wanted.entry.path, change=change, output=output, held=held,
            why=metadata_of(wanted, held) if change == "mode" and held is not None else "",
        )  # fmt: skip

    held: Held | None = None
    answer: Held | Unanswered = yield from held_dialogue(host, wanted, sudo=options.sudo)
    if isinstance(answer, Unanswered):
        return outcome("failed", stage="survey", cause=answer.cause, cure=cure_of(host.name, silent=answer.silent))
    held = answer
    reason = against(held, wanted.entry.path)
    if reason:
        return outcome("failed", stage="survey", cause=reason, cure="see to that path, or choose another")
    change = change_of(wanted, held)
    if change == "same":
        return outcome("ok", change)
    if change == "content" and held.content is not None and (reason := objection(wanted, held.content)):
        cure = f"if that is meant: matrix reflect {wanted.entry.name} --apply --accept-removals"
        return outcome("failed", stage="removals", cause=reason, cure=cure)
    if options.dry:
        return outcome("ok", change)
    reply = yield install_command(host, wanted, limit=options.limit, sudo=options.sudo)
    installed = read_install(reply, wanted.entry.name, host.name)
    if installed.stage:
        return outcome("failed", "", installed.stage, installed.cause, installed.cure, installed.output)
    return outcome("ok", change, output=installed.output)
