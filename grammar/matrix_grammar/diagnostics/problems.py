"""The collector of what is wrong: from a place in a source to a Diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from matrix_common.words import nearest
from matrix_grammar.texts.source import Source

from .diagnostic import Diagnostic, Note, Place


class Stretch(Protocol):
    """Whatever stands in some columns of a line, as a token or a tag."""

    @property
    def column(self) -> int:
        """The first."""

    @property
    def end(self) -> int:
        """The one after the last."""


class Spot(NamedTuple):
    """A line of a source."""

    source: Source
    number: int

    @property
    def text(self) -> str:
        """The line as it stands."""
        return self.source.lines[self.number - 1]

    def place(self, column: int, end: int) -> Place:
        """These columns of the line."""
        return Place(self.source.path, self.number, column, end)

    def at(self, stretch: Stretch) -> At:
        """Where something stands in the line."""
        return At(self, stretch.column, stretch.end)


class At(NamedTuple):
    """Columns of a line."""

    spot: Spot
    column: int
    end: int

    @property
    def place(self) -> Place:
        """The same without its text."""
        return self.spot.place(self.column, self.end)

    def first(self, length: int) -> At:
        """Its first columns alone."""
        return At(self.spot, self.column, self.column + length)

    def part(self, start: int, end: int) -> At:
        """Some of its columns, counted from 0; one at least."""
        return At(self.spot, self.column + start, self.column + max(end, start + 1))

    def after(self, length: int) -> At:
        """Its columns but the first."""
        return At(self.spot, self.column + length, self.end)


MOST_COMPARISONS: Final = 300_000
"""Names that are compared in one reading to find what mistyped hosts were meant to be: less than a second."""


MOST_ERRORS: Final = 10_000
"""Errors of one reading that are told; with more of them, nothing further is looked at."""


class TooManyErrors(Exception):
    """There are MOST_ERRORS already."""


class Problems:
    """All diagnostics of a reading, in the order in which they are found."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.wrong_words: set[str] = set()
        self._comparisons = MOST_COMPARISONS
        self._errors = 0

    def clear(self) -> None:
        """Begin another reading."""
        self.diagnostics = []
        self.wrong_words = set()
        self._comparisons = MOST_COMPARISONS
        self._errors = 0

    def add(
        self, code: str, at: At, message: str, *, cure: str = "", hint: str = "", notes: Iterable[tuple[At, str]] = ()
    ) -> None:
        """One mistake; `notes` are further places, each with what stands there. Raises TooManyErrors."""
        from matrix_grammar.diagnostics.catalogue.codes import (
            CODES,  # the table is long, and a MATRIX without a mistake never needs it
        )

        self.take(
            Diagnostic(
                code,
                CODES[code].severity,
                at.place,
                message,
                at.spot.text,
                cure,
                hint,
                tuple(Note(other.place, text, other.spot.text) for other, text in notes),
            )
        )

    def take(self, *diagnostics: Diagnostic) -> None:
        """Diagnostics that were made elsewhere. Raises TooManyErrors."""
        for diagnostic in diagnostics:
            self._errors += diagnostic.severity == "error"
            if self._errors > MOST_ERRORS:
                raise TooManyErrors
            self.diagnostics.append(diagnostic)

    def nearest(self, word: str, known: Sequence[str]) -> tuple[str, ...]:
        """The names that were probably meant, while that is affordable: of a thousand mistakes the last go without."""
        if self._comparisons < 0:
            return ()
        self._comparisons -= len(known)
        return nearest(word, known)

    def may_be_declared(self, name: str) -> bool:
        """Whether a line that could not be used may have declared this name: then it is not missed elsewhere."""
        if not self.wrong_words:
            return False
        words = re.findall(r"[^\s,&!^()\"]+", name.lower())
        return any(
            word in self.wrong_words or any("[" in w and word.startswith(w.split("[")[0]) for w in self.wrong_words)
            for word in words
        )

    @property
    def errors(self) -> int:
        """How many of them are errors."""
        return sum(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """All of them in order of place, file by file as first met, each once."""
        files = {path: rank for rank, path in enumerate(dict.fromkeys(d.place.file for d in self.diagnostics))}
        unique = dict.fromkeys(self.diagnostics)
        return tuple(sorted(unique, key=lambda d: (files[d.place.file], d.place.line, d.place.column, d.code)))
