"""What is wrong in a text: where, why, and the cure, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line. Lines and columns count from 1, columns in characters; `end` is the column after the
    last.
    """

    file: str
    line: int
    column: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Note:
    """A further place of the same mistake, as the first of two values that conflict; `excerpt` is its line."""

    place: Place
    message: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: a stable code (`M012`), its place, what is wrong, and where known the cure.

    `excerpt` is the line as it stands in the text, without its line end. `notes` are further places,
    `cure` what to write instead, `hint` a line of context such as the names that would be known here.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    excerpt: str = ""
    cure: str = ""
    hint: str = ""
    notes: tuple[Note, ...] = ()


class MatrixError(Exception):
    """The base of every error that a user of the MATRIX can cause; carries all its diagnostics, in order of place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{d.place}: {d.severity}[{d.code}]: {d.message}" for d in self.diagnostics))


class SelectorError(MatrixError):
    """A selector, or a name asked of a Fleet, that does not parse or is not known; its file is `selector`."""
