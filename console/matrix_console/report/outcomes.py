"""Outcomes of hosts, for people and for programs: every host once, equal ones folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_common.trouble import Trouble
    from matrix_distributor.enroll import Enrolled
    from matrix_distributor.hosts import HostOutcome, Outcome

ORDER = (
    "updated", "current", "enrolled", "unchanged", "planned", "removed", "drifted", "behind", "unknown", "skipped",
    "refused", "failed", "unreachable",
)  # fmt: skip
"""The results in the order of a report."""

STYLES = {
    "updated": "green",
    "current": "green",
    "applied": "green",
    "same": "green",
    "drifted": "yellow",
    "behind": "yellow",
    "unknown": "yellow",
    "skipped": "yellow",
    "refused": "red",
    "failed": "red",
    "unreachable": "red",
    "interrupted": "red",
}

_PLACE = re.compile(r"^\S+ port \d+: ")
"""The address that begins a cause of the transport."""

_PROCESS = re.compile(r"\b(pid|process|Process|PID) \d+\b|\[\d+\](?=:)")
"""The number of a process, as programs write it: `kill: pid 1234`, `keepalived[1234]:`."""


_NO_NOTES: Mapping[str, str] = MappingProxyType({})

WITHOUT_SSH = "this machine, without SSH"
"""What reports say of the host that this machine is."""


def alike(cause: str) -> str:
    """A cause without what differs from host to host (address, number of a process), so that hosts fold."""
    return _PROCESS.sub(lambda match: f"{match[1]} N" if match[1] else "", _PLACE.sub("", cause))


@dataclass(frozen=True, slots=True)
class Line:
    """What a report says of a host; hosts with equal ones fold into one line.

    `word` is the result, `subject` what stands before the names of the hosts, `note` after them. `details` follow, a
    line each; `alone` are those of a host that folds with no other. `apart` is not shown, and keeps hosts apart.
    """

    word: str
    style: str = ""
    subject: str = ""
    note: str = ""
    details: tuple[str, ...] = ()
    apart: str = ""
    alone: tuple[str, ...] | None = field(default=None, compare=False)


def print_lines(console: Console, lines: Iterable[tuple[str, Line]]) -> None:
    """Lines of hosts, given by their names: equal ones once, with the hosts folded, in the order of the first ones."""
    from rich.text import Text

    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    groups: dict[Line, tuple[Line, list[str]]] = {}
    for host, line in lines:
        groups.setdefault(line, (line, []))[1].append(host)
    for first, hosts in groups.values():
        head = Text("  ")
        head.append(f"{first.word:<12}", first.style)
        head.append(f"{len(hosts):>5}  {first.subject}{fold(hosts)}")
        head.append(safe(first.note))
        console.print(head, soft_wrap=True)
        for words in first.details if len(hosts) > 1 or first.alone is None else first.alone:
            console.print(Text(" " * 21 + safe(words)), soft_wrap=True)


def advice(cure: str) -> tuple[str, ...]:
    """The line that says what to do, if there is something."""
    return (f"→ {cure}",) if cure else ()


def print_outcomes(console: Console, outcomes: Iterable[Outcome], notes: Mapping[str, str] = _NO_NOTES) -> None:
    """A line per kind of outcome with the hosts folded; `notes` say more of single hosts and keep them apart."""
    outcomes = list(outcomes)

    def order(outcome: Outcome) -> tuple[int, str, str, str, str]:
        note = notes.get(outcome.host, "")
        return ORDER.index(outcome.result), outcome.stage, alike(outcome.cause), note, outcome.cure

    lines = ((outcome.host, _line(outcome, notes.get(outcome.host, ""))) for outcome in sorted(outcomes, key=order))
    print_lines(console, lines)
    print_here(console, outcomes)


def _line(outcome: Outcome, note: str) -> Line:
    def details(trouble: Trouble) -> tuple[str, ...]:
        why = "; ".join(filter(None, (str(trouble), note)))
        return (*filter(None, (why,)), *advice(trouble.cure))

    common = replace(outcome.trouble, cause=alike(outcome.cause))
    style = STYLES[outcome.result]
    return Line(outcome.result, style, details=details(common), apart=outcome.stage, alone=details(outcome.trouble))


def print_enrolled(console: Console, outcomes: Iterable[Enrolled]) -> None:
    """A line per kind of outcome with the hosts folded, then what was changed, or why it was not."""

    def order(outcome: Enrolled) -> tuple[int, tuple[str, ...], str, str]:
        return ORDER.index(outcome.result), outcome.changes, str(outcome.trouble), outcome.cure

    def line(outcome: Enrolled) -> Line:
        details = (*outcome.changes, *filter(None, (str(outcome.trouble),)), *advice(outcome.cure))
        return Line(outcome.result, details=details)

    print_lines(console, ((outcome.host, line(outcome)) for outcome in sorted(outcomes, key=order)))


def print_here(console: Console, outcomes: Iterable[HostOutcome]) -> None:
    """A line that tells which host was this machine, where what was done needed no SSH."""
    here = dict.fromkeys(outcome.host for outcome in outcomes if outcome.here)
    if here:
        console.print(f"  {WITHOUT_SSH}: {', '.join(here)}", soft_wrap=True)


def as_json(outcome: HostOutcome, **facts: object) -> dict[str, Any]:
    """One outcome for programs, as its kind is reported; `facts` are what only the caller knows of it.

    Seconds are wall time. Bytes that are no UTF-8 are shown as U+FFFD.
    """
    keys = outcome.REPORTED
    return {key: facts[key] if key in facts else _plain(getattr(outcome, key)) for key in keys}


def _plain(value: object) -> object:
    """A value of an outcome as JSON has it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return round(value, 3)
    return list(value) if isinstance(value, tuple) else value
