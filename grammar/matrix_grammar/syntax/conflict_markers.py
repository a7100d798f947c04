"""Conflicts that git left in a text, as diagnostics: one for each, with both sides of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matrix_common.merges.conflicts import CONFLICT_CURE, Conflict, conflicts
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Note, Place


def conflict_mistakes(path: str, lines: Sequence[str]) -> Iterator[tuple[Diagnostic, frozenset[int]]]:
    """Each conflict of a text, with the numbers of the lines that are not read because of it."""
    for conflict in conflicts(lines):
        yield _diagnostic(path, lines, conflict), conflict.refused


def _diagnostic(path: str, lines: Sequence[str], conflict: Conflict) -> Diagnostic:
    first = conflict.markers[0]
    place = Place(path, first.number, 1, first.length + 1)
    notes = tuple(
        Note(Place(path, marker.number, 1, marker.length + 1), what, lines[marker.number - 1])
        for marker, what in conflict.notes()
    )
    return Diagnostic("M062", "error", place, conflict.message, lines[first.number - 1], CONFLICT_CURE, notes=notes)
