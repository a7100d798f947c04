"""What is told of texts that stand where not everybody's texts stand, and what is kept quiet of them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matrix_common.terminal import toml_text
from matrix_common.trouble import NEXT_RELEASE, TO_ALLOW
from matrix_grammar.diagnostics.diagnostic import Diagnostic
from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.texts.source import Refused, Source

_MAGIC: Final = re.compile(r"[*?[]")
_WHY: Final = {
    "outside": "stands outside of the folder of the MATRIX",
    "private": "is not for everybody to read, and is not called MATRIX or *.matrix",
}


class Includes:
    """The texts of one reading that are shown to nobody, those that were refused, and the line that allows them all."""

    def __init__(self, allow: Sequence[str], problems: Problems) -> None:
        self._allow = list(allow)
        self._problems = problems
        self._veiled: dict[str, tuple[Source, At]] = {}
        self._outside: dict[tuple[At, str], None] = {}
        self._refused: list[tuple[str, Refused, At]] = []

    def taken(self, source: Source, real: str, at: At) -> None:
        """A text that `at` includes, which really lies at `real`, is of a kind that is not shown."""
        self._veiled[source.path] = (source, at)
        item = self._to_allow(real, at)
        if source.standing == "outside":
            self._outside[at, item] = None

    def refused(self, path: str, real: str, why: Refused, at: At) -> None:
        """A text that `at` includes is not taken."""
        if not why.lasting:
            self._to_allow(real, at)
        self._refused.append((path, why, at))

    def _to_allow(self, real: str, at: At) -> str:
        """What matrix.toml would have to allow: the folder for a pattern, else the file."""
        text = at.spot.text[at.column - 1 : at.end - 1]
        item = os.path.dirname(real).rstrip("/") + "/" if _MAGIC.search(text) else real
        if item not in self._allow:
            self._allow.append(item)
        return item

    @property
    def _cure(self) -> str:
        listed = ", ".join(map(toml_text, self._allow))
        return f"{TO_ALLOW}includes = [{listed}]"

    def report(self) -> None:
        """Tell of all of them, each where it is included."""
        for at, item in self._outside:
            message = f"{item} stands outside of the folder of the MATRIX{NEXT_RELEASE}"
            self._problems.add("M056", at, message, cure=self._cure)
        for path, why, at in self._refused:
            self._problems.add("M057", at, f"{path} is not taken: {why}", cure="" if why.lasting else self._cure)

    def veil(self) -> None:
        """Take back what the diagnostics show of texts that are not to be shown: their lines, and their mistakes.

        Mistakes are counted. With one, all that is told is what is wrong with the includes: what other texts get wrong
        may only be so because of it, and its message may name what stands in this one.
        """
        if not self._veiled:
            return
        diagnostics = self._problems.diagnostics
        wrong: dict[str, int] = {}
        for diagnostic in dict.fromkeys(diagnostics):
            path = diagnostic.place.file
            if path in self._veiled and diagnostic.severity == "error" and diagnostic.code not in _TO_ALLOW:
                wrong[path] = wrong.get(path, 0) + 1
        kept = [d for d in diagnostics if d.place.file not in self._veiled or d.code in _TO_ALLOW]
        if wrong:
            kept = [d for d in kept if d.code in _OF_INCLUDES]
        self._problems.diagnostics = [self._quiet(diagnostic) for diagnostic in kept]
        for path, count in wrong.items():
            source, at = self._veiled[path]
            message = f"{count:,} error{'' if count == 1 else 's'} in {path}, which {_WHY[source.standing]}"
            cure = self._cure.replace("allow it", "see them", 1)
            self._problems.diagnostics.append(
                self._quiet(Diagnostic("M058", "error", at.place, message, at.spot.text, cure))
            )

    def _quiet(self, diagnostic: Diagnostic) -> Diagnostic:
        """The same without a line of a text that is not to be shown."""
        notes = tuple(
            replace(note, excerpt="") if note.place.file in self._veiled else note for note in diagnostic.notes
        )
        excerpt = "" if diagnostic.place.file in self._veiled else diagnostic.excerpt
        return replace(diagnostic, excerpt=excerpt, notes=notes)


_TO_ALLOW: Final = frozenset({"M056", "M057"})
"""What a line of matrix.toml would put right, in files of any kind."""

_OF_INCLUDES: Final = _TO_ALLOW | {"M001", "M008", "M009", "M010", "M059"}
"""What is told of include lines."""
