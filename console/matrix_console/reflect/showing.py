"""Reflected files for people and for programs: what there is, what became of them, how they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matrix_console.report.outcomes import STYLES, Line, advice, alike, print_here, print_lines
from matrix_console.report.plans import unified

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.push import FileChange
    from matrix_distributor.reflect import Made, ReflectOutcome
    from matrix_distributor.state import ReflectRecord
    from matrix_emitters.reflection.model import Configuration
    from matrix_grammar import Fleet

LINES = 20
"""So many lines of what a program said are shown."""

_CHANGES = {
    "new": "a new file",
    "content": "other content",
    "unproved": "was in place, and never applied",
}


def hosts_of(fleet: Fleet, entry: Configuration) -> tuple[str, ...] | None:
    """The hosts that an entry is for; None when the MATRIX does not know its selector."""
    from matrix_grammar.diagnostics import SelectorError

    try:
        return tuple(host.name for host in fleet.select(entry.hosts))
    except SelectorError:
        return None


def print_entries(console: Console, fleet: Fleet, entries: Sequence[Configuration]) -> None:
    """A line for each: its name, for whom it is, where it lies."""
    from rich.table import Table

    from matrix_grammar.ranges import fold

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("NAME", "HOSTS", "PATH", "PUSH"):
        table.add_column(title, overflow="fold")
    for entry in entries:
        hosts = hosts_of(fleet, entry)
        named = fold(hosts) if hosts else f"none ({entry.hosts})"
        table.add_row(entry.name, named, entry.path, "yes" if entry.push else "")
    console.print(table)


def entry_as_json(fleet: Fleet, entry: Configuration) -> dict[str, Any]:
    """One entry for programs; `hosts` is null when the MATRIX does not know the selector."""
    hosts = hosts_of(fleet, entry)
    return {
        "name": entry.name,
        "template": entry.template,
        "selector": entry.hosts,
        "hosts": None if hosts is None else list(hosts),
        "path": entry.path,
        "mode": f"{entry.mode:04o}",
        "owner": entry.owner,
        "each": entry.each,
        "check": entry.check,
        "apply": entry.apply,
        "order": entry.order,
        "push": entry.push,
    }


def word_of(outcome: ReflectOutcome, *, dry: bool = False) -> str:
    """What became of it, in a word or two."""
    if not outcome.ok:
        return outcome.result
    return "same" if outcome.change == "same" else "would apply" if dry else "applied"


def print_outcomes(console: Console, outcomes: Iterable[ReflectOutcome], *, dry: bool = False) -> None:
    """A line per kind of outcome of each entry with the hosts folded, what failed with what the program said."""
    outcomes = list(outcomes)
    print_lines(console, ((outcome.host, _line(outcome, dry=dry)) for outcome in outcomes))
    print_here(console, outcomes)


def _line(outcome: ReflectOutcome, *, dry: bool) -> Line:
    word = word_of(outcome, dry=dry)
    note = outcome.why or _CHANGES.get(outcome.change, "")
    output = "" if outcome.ok else alike(outcome.output.decode("utf-8", "replace"))
    written = [f"| {line}" for line in output.splitlines()[-LINES:]]
    return Line(
        word,
        STYLES.get(word, "yellow"),
        subject=f"{outcome.entry}: ",
        note=f" ({note})" if note else "",
        details=(*filter(None, (alike(str(outcome.trouble)),)), *written, *advice(outcome.cure)),
        apart=output,
    )


def print_records(console: Console, records: Iterable[ReflectRecord]) -> None:
    """A line per kind of what is known of reflected files, the hosts folded."""
    print_lines(console, ((record.host, _record_line(record)) for record in records))


def _record_line(record: ReflectRecord) -> Line:
    good = record.result == "ok"
    trouble = f"{record.stage}: {record.cause}" if record.stage and record.cause else record.cause
    return Line(
        "reflected" if good else record.result,
        "green" if good else STYLES.get(record.result, "yellow"),
        subject=f"{record.entry}: ",
        details=(*filter(None, (alike(trouble),)), *advice(record.cure)),
    )


def record_as_json(record: ReflectRecord) -> dict[str, Any]:
    """What is known of one reflected file on one host, for programs."""
    return {
        "entry": record.entry,
        "host": record.host,
        "path": record.path,
        "result": record.result,
        "stage": record.stage,
        "cause": record.cause,
        "cure": record.cure,
        "generation": record.wanted,
        "tried": record.tried,
        "applied": record.applied,
    }


def changes_of(made: Made, outcomes: Iterable[ReflectOutcome]) -> list[FileChange]:
    """How the files differ from what hosts have, without the headers; what differs in the same way is told once."""
    from matrix_distributor.push import FileChange
    from matrix_emitters.reflection.model import body

    wanted = {name: file for file in made.files for name in file.hosts}
    folded: dict[tuple[str, ...], FileChange] = {}
    for outcome in outcomes:
        if outcome.change not in ("new", "content"):
            continue
        content = outcome.held.content if outcome.held is not None else None
        before = body(content) if content is not None else None
        change = FileChange(made.entry.path, (outcome.host,), before, body(wanted[outcome.host].content))
        same = folded.setdefault(tuple(unified(change)), change)
        if same is not change:
            folded[tuple(unified(change))] = replace(same, hosts=(*same.hosts, outcome.host))
    return list(folded.values())
