"""What became of one reflected file on one host, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from matrix_distributor.fleetwork.outcomes import FleetworkOutcome

from .held import Change, Held


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectOutcome(FleetworkOutcome):
    """What became of one file on one host.

    `entry` is the name in matrix.toml, `path` where the file lies. `change` says what was done, or in a dry run would
    be: nothing (same), a file where there was none (new), another content, another mode or owner, or that a file which
    is in place was never applied since that was cut off (unproved); empty: it did not come to that. `output` is what
    the check or the apply wrote, `held` what was there before, and `why` how its mode and owner differed. When a host
    failed, the file that was applied last is in force there, unless the stage is `undo` or `probe`.
    """

    entry: str
    path: str
    change: Change = ""
    output: bytes = b""
    held: Held | None = None
    why: str = ""

    REPORTED: ClassVar[tuple[str, ...]] = (
        "entry", "host", "path", "result", "change", "why", "applied", "stage", "cause", "cure", "output", "flag",
        "here",
    )  # fmt: skip

    @property
    def applied(self) -> bool:
        """Whether something was changed there, and came through."""
        return self.ok and self.change not in ("", "same")
