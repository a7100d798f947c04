"""From texts to a Fleet: the whole way, once or again and again."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from matrix_common.trouble import NEXT_RELEASE, TO_ALLOW, TO_KEEP, Notice
from matrix_grammar.diagnostics.diagnostic import Diagnostic, MatrixError, Place
from matrix_grammar.diagnostics.problems import MOST_ERRORS, TooManyErrors
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.property_table import WrongPropertyFile, property_table
from matrix_grammar.reading.second_look.second_look import look_again
from matrix_grammar.resolve.resolution import Resolution
from matrix_grammar.statements.tree import Forest
from matrix_grammar.texts.disk import DiskLibrary
from matrix_grammar.texts.source import Library, MemoryLibrary, Source


@dataclass(frozen=True)
class Reading:
    """What came of reading a MATRIX.

    `fleet` is None when there is an error among the `diagnostics`, which are in order of place. `sources` are all
    texts that were read, the MATRIX first, each with its bytes as they were read once.
    """

    fleet: Fleet | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that make the MATRIX unusable."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that leave it usable."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "warning")

    @property
    def summary(self) -> str:
        """How much there is, in words."""
        if self.fleet is None:
            return "unusable"
        counts = [(len(self.fleet.hosts), "host"), (len(self.fleet.roles), "role"), (len(self.fleet.groups), "group")]
        return ", ".join(f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in counts)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The warnings that the next release makes errors; of those with one cause and cure the first, and how many."""
        from matrix_grammar.diagnostics.catalogue.codes import CODES

        alike: dict[tuple[str, str], list[Diagnostic]] = {}
        for each in self.warnings:
            if CODES[each.code].next_release:
                alike.setdefault((each.code, each.hint or each.message), []).append(each)
        return tuple(_notice(first, len(others)) for first, *others in alike.values())

    def as_json(self, limit: int | None = None) -> dict[str, object]:
        """All of it for programs; at most `limit` diagnostics are listed, all are counted."""
        from matrix_grammar.rendering.rendering import as_json

        shown = self.diagnostics if limit is None else self.diagnostics[:limit]
        return {
            "usable": self.fleet is not None,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "diagnostics": [as_json(diagnostic) for diagnostic in shown],
        }


def _notice(warning: Diagnostic, more: int) -> Notice:
    """A warning of something that a line of matrix.toml or of the MATRIX may keep working, as a notice."""
    counted = f" (and in {more:,} more place{'' if more == 1 else 's'})" if more else ""
    cause = f"{warning.code}: {warning.message.removesuffix(NEXT_RELEASE)}{counted}"
    if warning.hint.startswith(TO_KEEP):
        return Notice(str(warning.place), cause, warning.hint.removeprefix(TO_KEEP), "the MATRIX")
    paste = warning.cure.removeprefix(TO_ALLOW) if warning.cure.startswith(TO_ALLOW) else ""
    return Notice(str(warning.place), cause, paste, "matrix.toml, under [allow]" if paste else "")


class Reader:
    """Reads a MATRIX, and keeps what unchanged lines were found to say, so that reading it again is cheap.

    A reader that serves once only (`keep` False) needs less memory. Without a `library` it reads from disk.
    """

    def __init__(self, library: Library | None = None, keep: bool = True) -> None:
        self._library = library
        self._resolution = Resolution(keep)

    @property
    def kept(self) -> int:
        """How many lines it remembers."""
        return self._resolution.kept

    def read(self, path: str | os.PathLike[str], allow: Sequence[str | os.PathLike[str]] = ()) -> Reading:
        """Read the MATRIX of that path and all that it includes. Never raises for what stands in them.

        From disk it includes what is below its own folder, and what `allow` names: folders and files.
        """
        with collector_at_rest():
            problems = self._resolution.problems
            problems.clear()
            problems.take(*map(_wrong_properties, property_table().wrong))
            forest = Forest(self._library or DiskLibrary(path, allow), problems)
            fleet, whole = None, True
            try:
                text = forest.read(os.fspath(path))
                if text is not None and not forest.newer:
                    fleet = self._resolution.fleet(text, os.fspath(path))
                    look_again(forest.sources, fleet, problems)
            except TooManyErrors:
                whole = False
            forest.veil()
            if not whole:
                problems.diagnostics.append(_too_many(os.fspath(path)))
            return Reading(None if problems.errors else fleet, problems.in_order(), tuple(forest.sources))


def _wrong_properties(wrong: WrongPropertyFile) -> Diagnostic:
    return Diagnostic("M069", "error", Place(wrong.path, 0, 0, 0), wrong.message, cure=wrong.cure)


def _too_many(path: str) -> Diagnostic:
    message = f"more than {MOST_ERRORS:,} errors: the rest is not looked at"
    return Diagnostic("M061", "error", Place(path, 0, 0, 0), message, cure="is this file a MATRIX?")


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No garbage collection while a great many objects are made that all stay: it would look at each again and
    again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read(path: str | os.PathLike[str], allow: Sequence[str | os.PathLike[str]] = ()) -> Reading:
    """Read a MATRIX from disk, once, with every diagnostic; see `Reader.read`."""
    return Reader(keep=False).read(path, allow)


def load(path: str | os.PathLike[str], allow: Sequence[str | os.PathLike[str]] = ()) -> Fleet:
    """The Fleet of a MATRIX on disk; see `Reader.read`. Raises MatrixError with all that is wrong."""
    return _fleet(read(path, allow))


def loads(text: str | bytes, name: str = "MATRIX", includes: Mapping[str, str | bytes] | None = None) -> Fleet:
    """The Fleet of a text; `includes` are the texts that it may include, by path. Raises MatrixError."""
    return _fleet(reads(text, name, includes))


def reads(text: str | bytes, name: str = "MATRIX", includes: Mapping[str, str | bytes] | None = None) -> Reading:
    """Read a text as `read` reads a file."""
    return Reader(MemoryLibrary({**(includes or {}), name: text}), keep=False).read(name)


def _fleet(reading: Reading) -> Fleet:
    if reading.fleet is None:
        raise MatrixError(reading.diagnostics)
    return reading.fleet
