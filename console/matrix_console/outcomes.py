"""Outcomes of hosts, for people and for programs: every host once, equal ones folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor import Outcome

ORDER = ("updated", "current", "drifted", "behind", "skipped", "refused", "failed", "unreachable")
_STYLES = {
    "updated": "green",
    "current": "green",
    "drifted": "yellow",
    "behind": "yellow",
    "skipped": "yellow",
    "refused": "red",
    "failed": "red",
    "unreachable": "red",
}


def print_outcomes(console: Console, outcomes: Iterable[Outcome], notes: dict[str, str] | None = None) -> None:
    """A line per kind of outcome with the hosts folded; `notes` say more of single hosts and keep them apart."""
    from rich.text import Text

    from matrix_grammar import fold

    groups: dict[tuple[int, str, str, str], list[str]] = defaultdict(list)
    for outcome in outcomes:
        why = f"{outcome.stage}: {outcome.cause}" if outcome.stage and outcome.cause else outcome.cause
        if notes and outcome.host in notes:
            why = f"{why}; {notes[outcome.host]}" if why else notes[outcome.host]
        groups[ORDER.index(outcome.result), outcome.result, why, outcome.cure].append(outcome.host)
    for (_, result, why, cure), hosts in sorted(groups.items()):
        line = Text("  ")
        line.append(f"{result:<12}", _STYLES[result])
        line.append(f"{len(hosts):>5}  {fold(hosts)}")
        console.print(line, soft_wrap=True)
        for word in filter(None, (why, cure and f"→ {cure}")):
            console.print(Text(" " * 21 + _harmless(word)), soft_wrap=True)


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
    }


def _harmless(text: str) -> str:
    """What a host said, without what would move the cursor."""
    return "".join(c if c.isprintable() else "?" for c in text)
