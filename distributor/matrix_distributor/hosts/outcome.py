"""What became of one host: a value for every host, whatever happened to it, in one vocabulary for all work on hosts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal

from matrix_common.trouble import NO_TROUBLE, Trouble, Troubled
from matrix_distributor.dialogue.dialogue import Failure

PushResult = Literal[
    "current", "updated", "drifted", "behind", "refused", "failed", "unreachable", "skipped", "unknown"
]
"""The results of a push, and of asking hosts what they hold."""

Result = (
    PushResult
    | Literal["ok", "not begun", "interrupted"]  # FORALL, SYNCALL, DIFFALL, reflect
    | Literal["enrolled", "unchanged", "planned", "removed"]  # enroll
)

GOOD: frozenset[Result] = frozenset({"current", "updated", "ok", "enrolled", "unchanged", "planned", "removed"})
"""Results after which the host is as it was to be."""

NOT_REACHED: frozenset[Result] = frozenset({"unreachable", "skipped", "not begun"})
"""Results of hosts that nothing was said to."""

_BEFORE_ANY_WORD = frozenset({"resolve", "connect", "banner", "key exchange", "host key", "login"})
"""The stages of a connection before a command can be given."""

FOR_A_PERSON = frozenset({"host key", "login", "resolve"})
"""The stages whose trouble stays until a person has changed something."""


@dataclass(frozen=True, slots=True)
class HostOutcome(Troubled):
    """What became of one host; what each kind of work learned besides is added by a class of its own.

    `result` is one word of the vocabulary, and `trouble` says why it is no better one. `seconds` is the time spent on
    the host, wall. `here`: it was spoken to by its own sh, since it is this machine, and not over SSH.
    """

    host: str
    result: Result
    _: KW_ONLY
    trouble: Trouble = NO_TROUBLE
    seconds: float = 0.0
    here: bool = False

    REPORTED: ClassVar[tuple[str, ...]] = ("host", "result", "seconds", "here", "stage", "cause", "cure")
    """What a report for programs has of it, in that order; a class that adds something names it here."""

    @property
    def good(self) -> bool:
        """Whether the host is as it was to be."""
        return self.result in GOOD

    @property
    def reached(self) -> bool:
        """Whether the host was spoken to at all."""
        return self.result not in NOT_REACHED

    @property
    def set_aside(self) -> bool:
        """Whether nothing was to be done with the host, so that it does not count for the exit status."""
        return False

    @property
    def missed(self) -> bool:
        """Whether it was set aside although somebody named it."""
        return False

    @property
    def worth_retrying(self) -> bool:
        """Whether trying again at once may help: not where a person has to change something first."""
        return self.result in ("failed", "unreachable") and self.stage not in FOR_A_PERSON


@dataclass(frozen=True, slots=True)
class Outcome(HostOutcome):
    """What became of one host in one push, or what it was found to hold.

    `result`: current (nothing was to do), updated, drifted (the right generation, files changed by hand), behind
    (another generation, nothing was sent), refused (the host will not have it), failed, unreachable, skipped, unknown
    (it was never asked, and never remembered so).
    `generation` and `digest` are what it holds as far as is known (0 and empty: nothing or not known), `before` the
    generation that it held when it was asked. `enrolled` is the mark of the program by which an enrolled host that
    answered was enrolled, empty where that left none; None: not known.
    """

    generation: int = 0
    digest: str = ""
    before: int | None = None
    drift: tuple[str, ...] = ()
    attempts: int = 1
    enrolled: str | None = None

    REPORTED: ClassVar[tuple[str, ...]] = (
        "host", "result", "generation", "digest", "before", "stage", "cause", "cure", "drift", "seconds", "attempts",
        "here",
    )  # fmt: skip


def result_of(
    failure: Failure, *, unbegun: Result = "skipped", cut_off: Result = "failed", begun: bool | None = None
) -> Result:
    """What a Failure makes of a host: whether it was not reached, or failed, or was stopped.

    A host that was stopped becomes `unbegun` when nothing had been said to it, else `cut_off`. `begun` overrules what
    the Failure knows of that.
    """
    if failure.stage == "stop":
        return cut_off if (failure.begun if begun is None else begun) else unbegun
    return "unreachable" if failure.stage in _BEFORE_ANY_WORD else "failed"


def exit_status(outcomes: Iterable[HostOutcome]) -> int:
    """The exit status: 0 when every host is as it was to be, 4 when none could be reached, else 3.

    Hosts that were set aside do not count. Where all were set aside, and some of them had been named themselves, it is
    4: nothing of what was meant was done.
    """
    everyone = tuple(outcomes)
    asked = [outcome for outcome in everyone if not outcome.set_aside]
    if not asked and any(outcome.missed for outcome in everyone):
        return 4
    if all(outcome.good for outcome in asked):
        return 0
    return 3 if any(outcome.reached for outcome in asked) else 4
