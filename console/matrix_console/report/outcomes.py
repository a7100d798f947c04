"""Outcomes of hosts, for people and for programs: every host once, equal ones folded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.hosts import Outcome

ORDER = ("updated", "current", "drifted", "behind", "unknown", "skipped", "refused", "failed", "unreachable")
_STYLES = {
    "updated": "green",
    "current": "green",
    "drifted": "yellow",
    "behind": "yellow",
    "unknown": "yellow",
    "skipped": "yellow",
    "refused": "red",
    "failed": "red",
    "unreachable": "red",
}

_PLACE = re.compile(r"^\S+ port \d+: ")
"""The address that begins a cause of the transport."""

_PROCESS = re.compile(r"\b(pid|process|Process|PID) \d+\b|\[\d+\](?=:)")
"""The number of a process, as programs write it: `kill: pid 1234`, `keepalived[1234]:`."""


WITHOUT_SSH = "this machine, without SSH"
"""What reports say of the host that this machine is."""


def alike(cause: str) -> str:
    """A cause without what differs from host to host (address, number of a process), so that hosts fold."""
    return _PROCESS.sub(lambda found: f"{found[1]} N" if found[1] else "", _PLACE.sub("", cause))


class Contacted(Protocol):
    """What became of a host, and whether it is this machine."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def here(self) -> bool:
        """Whether it was spoken to without SSH."""


def print_outcomes(console: Console, outcomes: Iterable[Outcome], notes: dict[str, str] | None = None) -> None:
    """A line per kind of outcome with the hosts folded; `notes` say more of single hosts and keep them apart."""
    from rich.text import Text

    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    groups: dict[tuple[int, str, str, str, str], list[Outcome]] = defaultdict(list)
    outcomes = list(outcomes)
    for outcome in outcomes:
        note = (notes or {}).get(outcome.host, "")
        common = alike(outcome.cause)
        groups[ORDER.index(outcome.result), outcome.stage, common, note, outcome.cure].append(outcome)
    for (_, stage, common, note, cure), members in sorted(groups.items()):
        result = members[0].result
        line = Text("  ")
        line.append(f"{result:<12}", _STYLES[result])
        line.append(f"{len(members):>5}  {fold(member.host for member in members)}")
        console.print(line, soft_wrap=True)
        cause = members[0].cause if len(members) == 1 else common
        why = f"{stage}: {cause}" if stage and cause else cause
        for words in filter(None, ("; ".join(filter(None, (why, note))), cure and f"→ {cure}")):
            console.print(Text(" " * 21 + safe(words)), soft_wrap=True)
    print_here(console, outcomes)


def print_here(console: Console, outcomes: Iterable[Contacted]) -> None:
    """A line that tells which host was this machine, where what was done needed no SSH."""
    here = dict.fromkeys(outcome.host for outcome in outcomes if outcome.here)
    if here:
        console.print(f"  {WITHOUT_SSH}: {', '.join(here)}", soft_wrap=True)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """One outcome for programs; `seconds` is wall time."""
    return {
        "host": outcome.host,
        "result": outcome.result,
        "generation": outcome.generation,
        "digest": outcome.digest,
        "before": outcome.before,
        "stage": outcome.stage,
        "cause": outcome.cause,
        "cure": outcome.cure,
        "drift": list(outcome.drift),
        "seconds": round(outcome.seconds, 3),
        "attempts": outcome.attempts,
        "here": outcome.here,
    }
