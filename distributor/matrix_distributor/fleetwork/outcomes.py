"""What became of one host: a value for every host, whatever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from matrix_distributor.dialogue.dialogue import Failure
from matrix_distributor.hosts.outcome import Contact, result_of_stage
from matrix_grammar.model import Host

Result = Literal["ok", "failed", "drifted", "unreachable", "skipped", "not begun", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOutcome(Contact):
    """What became of one host.

    `result`: ok; failed (reached, and it did not go well); drifted (a reflected file was changed by hand); unreachable;
    skipped (out of service); not begun; interrupted (ended before it was done). `stage`, `cause` and `cure` say why it
    is not ok, in words for a person. `flag` is the state of a host that is in service all the same, as
    `WARN: fan alarm`. `named` is a host that was skipped although its own name was given. `seconds` is wall time.
    """

    host: str
    result: Result
    stage: str = ""
    cause: str = ""
    cure: str = ""
    flag: str = ""
    named: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.result == "ok"

    @property
    def reached(self) -> bool:
        """Whether the host was spoken to at all."""
        return self.result in ("ok", "failed", "drifted", "interrupted")

    @property
    def trouble(self) -> str:
        """Stage and cause in one line; empty when there is nothing to say."""
        return f"{self.stage}: {self.cause}" if self.stage and self.cause else self.cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The part of an outcome that tells why a host is not ok; what kind of outcome it becomes is the caller's."""

    result: Result
    stage: str
    cause: str
    cure: str = ""


def flag(host: Host) -> str:
    """The state of a host as people are shown it: `WARN: fan alarm`, or nothing."""
    state = host.state
    if state is None:
        return ""
    return f"{state.name}: {state.reason}" if state.reason else state.name


def ending(failure: Failure, *, begun: bool, why_stopped: str) -> Ending:
    """What a Failure of the transport means; `begun` says whether anything was said to the host before it."""
    if failure.stage == "stop":
        if begun:
            return Ending(result="interrupted", stage="stop", cause=f"ended before it was done: {why_stopped}")
        return Ending(result="not begun", stage="stop", cause=why_stopped)
    result: Result = "unreachable" if result_of_stage(failure.stage) == "unreachable" else "failed"
    return Ending(result=result, stage=failure.stage, cause=failure.cause, cure=failure.cure)


def status_of(outcomes: Iterable[HostOutcome]) -> int:
    """The exit status: 0 when all that were not skipped are ok, 4 when none could be reached, else 3.

    Where all were skipped, and some of them had been named themselves, it is 4: nothing of what was meant was done.
    """
    everyone = tuple(outcomes)
    asked = [outcome for outcome in everyone if outcome.result != "skipped"]
    if not asked and any(outcome.named for outcome in everyone):
        return 4
    if all(outcome.ok for outcome in asked):
        return 0
    return 3 if any(outcome.reached for outcome in asked) else 4
