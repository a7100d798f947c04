"""One file on one host: ask what is there, see what would change, and have it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matrix_common.trouble import NO_TROUBLE, Trouble
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.fleetwork.outcomes import flag
from matrix_distributor.hosts.outcome import Result
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
        result: Result, change: Change = "", trouble: Trouble = NO_TROUBLE, output: bytes = b""
    ) -> ReflectOutcome:
        return ReflectOutcome(
            host=host.name, result=result, trouble=trouble, flag=flag(host),
            entry=wanted.entry.name, path=wanted.entry.path, change=change, output=output, held=held,
            why=metadata_of(wanted, held) if change == "mode" and held is not None else "",
        )  # fmt: skip

    held: Held | None = None
    answer: Held | Trouble = yield from held_dialogue(host, wanted, sudo=options.sudo)
    if isinstance(answer, Trouble):
        return outcome("failed", trouble=answer)
    held = answer
    reason = against(held, wanted.entry.path)
    if reason:
        return outcome("failed", trouble=Trouble("survey", reason, "see to that path, or choose another"))
    change = change_of(wanted, held)
    if change == "same":
        return outcome("ok", change)
    if change == "content" and held.content is not None and (reason := objection(wanted, held.content)):
        cure = f"if that is meant: matrix reflect {wanted.entry.name} --apply --accept-removals"
        return outcome("failed", trouble=Trouble("removals", reason, cure))
    if options.dry:
        return outcome("ok", change)
    reply = yield install_command(host, wanted, limit=options.limit, sudo=options.sudo)
    trouble, output = read_install(reply, wanted.entry.name, host.name)
    if trouble:
        return outcome("failed", trouble=trouble, output=output)
    return outcome("ok", change, output=output)
