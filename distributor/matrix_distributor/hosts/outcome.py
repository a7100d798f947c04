"""What became of one host: a value for every host, whatever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Result = Literal["current", "updated", "drifted", "behind", "refused", "failed", "unreachable", "skipped", "unknown"]

GOOD: frozenset[Result] = frozenset({"current", "updated"})
"""Results after which the host holds the generation, every file in place."""

_NOT_REACHED = frozenset({"resolve", "connect", "banner", "key exchange", "host key", "login"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a host was spoken to: `here` by its own sh, since it is this machine, and else over SSH."""

    here: bool = False


@dataclass(frozen=True, slots=True)
class Outcome(Contact):
    """What became of one host in one push, or what it was found to hold.

    `result`: current (nothing was to do), updated, drifted (the right generation, files changed by hand), behind
    (another generation, nothing was sent), refused (the host will not have it), failed, unreachable, skipped, unknown
    (it was never asked, and never remembered so).
    `generation` and `digest` are what it holds as far as is known (0 and empty: nothing or not known), `before` the
    generation that it held when it was asked. `seconds` is the time spent on it, wall. `enrolled` is the mark of the
    program by which an enrolled host that answered was enrolled, empty where that left none; None: not known.
    """

    host: str
    result: Result
    generation: int = 0
    digest: str = ""
    before: int | None = None
    stage: str = ""
    cause: str = ""
    cure: str = ""
    drift: tuple[str, ...] = ()
    seconds: float = 0.0
    attempts: int = 1
    enrolled: str | None = None

    @property
    def good(self) -> bool:
        """Whether the host holds the generation, every file in place."""
        return self.result in GOOD

    @property
    def reached(self) -> bool:
        """Whether the host was spoken to at all."""
        return self.result not in ("unreachable", "skipped")

    @property
    def worth_retrying(self) -> bool:
        """Whether trying again at once may help: not where a person has to change something first."""
        return self.result in ("failed", "unreachable") and self.stage not in ("host key", "login", "resolve")


def result_of_stage(stage: str) -> Result:
    """Whether trouble in this stage of a connection means that the host was not reached, or that it failed."""
    return "unreachable" if stage in _NOT_REACHED else "failed"


def exit_status(outcomes: Iterable[Outcome]) -> int:
    """The exit status: 0 when every host is current, 4 when none could be reached, else 3."""
    outcomes = tuple(outcomes)
    if all(outcome.good for outcome in outcomes):
        return 0
    return 3 if any(outcome.reached for outcome in outcomes) else 4
