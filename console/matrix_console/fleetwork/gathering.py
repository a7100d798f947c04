"""Outputs of many hosts side by side: equal ones once, under their folded names; or how they differ from one host's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from matrix_console.report import linewise
from matrix_console.report.linewise import LARGEST, TOO_MUCH

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import RunOutcome


def gathered(outcomes: Iterable[RunOutcome]) -> Iterator[bytes]:
    """Each distinct output once: `w[101-103,105]:`, then its lines. Those of most hosts come first."""
    from matrix_grammar.ranges import fold

    for same in _groups(outcomes):
        yield f"{fold(outcome.host for outcome in same)}{_ending(same[0])}:\n".encode()
        yield _text(same[0])


def against(outcomes: Sequence[RunOutcome], reference: RunOutcome) -> Iterator[bytes]:
    """The output of the reference, then of each distinct other output how it differs, as a unified diff."""
    from matrix_grammar.ranges import fold

    groups = _groups(outcomes)
    first = next(group for group in groups if any(outcome.host == reference.host for outcome in group))
    yield f"{fold(outcome.host for outcome in first)}{_ending(first[0])}:\n".encode()
    yield _text(reference)
    for same in groups:
        if same is first:
            continue
        names = fold(outcome.host for outcome in same)
        yield f"{names}{_ending(same[0])}:\n".encode()
        yield from unified(_text(reference), _text(same[0]), reference.host, names)


def unified(old: bytes, new: bytes, old_name: str, new_name: str) -> Iterator[bytes]:
    """A unified diff of bytes, line by line; a line without an end is marked as diff(1) does."""
    if max(len(old), len(new)) > LARGEST:
        yield f"    {old_name} and {new_name} differ; {TOO_MUCH}: {len(old):,} and {len(new):,} bytes\n".encode()
        return
    before, after = ([line.decode("ascii", "surrogateescape") for line in text.splitlines(True)] for text in (old, new))
    for told in linewise.unified(before, after, old_name, new_name, end="\n"):
        line = told.encode("utf-8", "surrogateescape")
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _groups(outcomes: Iterable[RunOutcome]) -> list[list[RunOutcome]]:
    groups: dict[tuple[bytes, bytes, int | None], list[RunOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.stdout, outcome.stderr, outcome.status), []).append(outcome)
    return sorted(groups.values(), key=len, reverse=True)


def _ending(outcome: RunOutcome) -> str:
    return f" (exit {outcome.status})" if outcome.status else ""


def _text(outcome: RunOutcome) -> bytes:
    text = outcome.stdout
    if outcome.stderr:
        text += (b"\n" if text and not text.endswith(b"\n") else b"") + outcome.stderr
    return text if not text or text.endswith(b"\n") else text + b"\n"
