"""The one line at the end: how many hosts went how, and which did not go well, folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .outcomes import WITHOUT_SSH, alike

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import FleetworkOutcome

_PLACE = re.compile(r"(?: from)? ?\S+ port \d+:? ?")

ORDER = {
    "failed": ("failed", "unreachable"),
    "interrupted": ("interrupted",),
    "not begun": ("not begun",),
    "skipped": ("skipped",),
}


def summary(outcomes: Iterable[FleetworkOutcome], good: Mapping[str, Iterable[str]]) -> str:
    """`12 ok, 1 failed (w104: connection refused), 2 skipped (w105 STOP: disk)`.

    `good` are the words for hosts that went well, each with its hosts.
    """
    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    outcomes = list(outcomes)
    parts = [f"{len(hosts)} {word}" for word, names in good.items() if (hosts := list(names))]
    for result, results in ORDER.items():
        of_it = [outcome for outcome in outcomes if outcome.result in results]
        if of_it:
            why: dict[str, list[str]] = {}
            for outcome in of_it:
                why.setdefault(brief(outcome), []).append(outcome.host)
            gap = " " if result == "skipped" else ": "
            details = "; ".join(f"{fold(hosts)}{gap}{cause}" for cause, hosts in why.items())
            parts.append(f"{len(of_it)} {result} ({details})")
    flagged: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.flag and outcome.result != "skipped":
            flagged.setdefault(safe(outcome.flag), []).append(outcome.host)
    if flagged:
        count = sum(map(len, flagged.values()))
        parts.append(f"{count} flagged ({'; '.join(f'{fold(hosts)} {word}' for word, hosts in flagged.items())})")
    parts += [f"{WITHOUT_SSH}: {outcome.host}" for outcome in outcomes if outcome.here]
    return ", ".join(parts) or "no hosts"


def skipped(outcome: FleetworkOutcome) -> str:
    """The line for a host that is out of service."""
    return f"{outcome.host}: skipped: {outcome.cause}" + (f"; {outcome.cure}" if outcome.cure else "")


def brief(outcome: FleetworkOutcome) -> str:
    """The cause without what differs from host to host, so that hosts with the same trouble fold."""
    from matrix_common.terminal import safe

    cause = alike(_PLACE.sub(" ", safe(outcome.cause), count=1).strip())
    return cause[:1].lower() + cause[1:] if cause[:2].istitle() else cause
