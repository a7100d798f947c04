"""What went wrong with one thing, at which stage, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something did not go well, in words for a person.

    `stage` is the step of the work in which it happened (`matrix explain STAGE` describes each), empty where it was in
    none. `cause` is what happened, `cure` what to do about it; both in a sentence without its full stop. A Trouble with
    nothing in it is false: all went well.
    """

    stage: str = ""
    cause: str = ""
    cure: str = ""

    def __bool__(self) -> bool:
        return bool(self.stage or self.cause)

    def __str__(self) -> str:
        """Stage and cause in one line; empty when there is nothing to report."""
        return f"{self.stage}: {self.cause}" if self.stage and self.cause else self.cause

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"stage": self.stage, "cause": self.cause, "cure": self.cure}


NO_TROUBLE = Trouble()
"""All went well."""


class Troubled:
    """A base for what carries a Trouble: an outcome, a failure, an exception. Its parts can be read by their names."""

    __slots__ = ()

    trouble: Trouble

    @property
    def stage(self) -> str:
        """The step of the work in which it happened; empty where it was in none."""
        return self.trouble.stage

    @property
    def cause(self) -> str:
        """What happened; empty when all went well."""
        return self.trouble.cause

    @property
    def cure(self) -> str:
        """What to do about it; empty where there is nothing to advise."""
        return self.trouble.cure
