"""A draft is read back before it is given away: one that does not pass is a mistake of this program, not of the user.

Of a large draft an abridgement is read (`abridged.py`), in which each kind of line stands once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matrix_grammar.layout import Row, laid_out
from matrix_grammar.reading import Reading, reads
from matrix_grammar.statements import MOST_HOSTS
from matrix_grammar.syntax import decode
from matrix_grammar.texts import LARGEST_FILE, LONGEST_LINE
from matrix_sources.outline.outline import Outline

from .abridgement import Abridgement
from .naming import LegalNames

READ_WHOLE: Final = 4_000
"""Rows and hosts up to which a draft is read back whole."""


def read_back(
    outline: Outline, names: LegalNames, rows: Sequence[Row | None], lines: Sequence[str], text: str
) -> tuple[int, int]:
    """How many hosts and roles the draft has. `lines` are those of the rows, `text` is all of it.

    Raises AssertionError for a draft that is no MATRIX.
    """
    if not _are_texts(lines, text):
        return _sizes(reads(text))
    if len(rows) > READ_WHOLE or len(outline.hosts) > READ_WHOLE:
        abridgement = Abridgement(outline, names, rows)
        if 2 * len(abridgement.rows) < len(rows) or 2 * abridgement.left_out > len(outline.hosts):
            reading = reads("".join(f"{line}\n" for line in laid_out(abridgement.rows)))
            if reading.fleet is not None and abridgement.stands_for_all(reading.fleet):
                hosts, roles = abridgement.sizes(reading.fleet)
                if hosts <= MOST_HOSTS:
                    return hosts, roles
    return _sizes(reads("".join(f"{line}\n" for line in lines)))


def _are_texts(lines: Sequence[str], text: str) -> bool:
    """Whether each line is one that a MATRIX may have, whatever it says; those behind `lines` are comments."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > LARGEST_FILE or len(max(lines, key=len)) > LONGEST_LINE:
        return False
    problems: list[object] = []
    source, refused = decode("MATRIX", content, problems)  # type: ignore[arg-type]  # only counted here
    remarks = source.lines[len(lines) :]
    return not (problems or refused) and source.lines[: len(lines)] == list(lines) and _are_comments(remarks)


def _are_comments(lines: Sequence[str]) -> bool:
    return {line[:1] for line in lines} <= {"#", ""}


def _sizes(reading: Reading) -> tuple[int, int]:
    if reading.errors:
        raise AssertionError(f"the draft is no MATRIX: {reading.errors[0].message}")
    assert reading.fleet is not None
    return len(reading.fleet), len(reading.fleet.roles)
