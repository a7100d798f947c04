"""What must hold for every text whatever: used by the tests and by `run.py`."""

import contextlib
import re

from matrix_grammar.diagnostics import MatrixError, SelectorError
from matrix_grammar.layout import format_text
from matrix_grammar.reading import Reader, Reading, reads
from matrix_grammar.rendering import render
from matrix_grammar.syntax import parse
from matrix_grammar.syntax.automaton import stops
from matrix_grammar.syntax.nodes import WrongLine
from matrix_grammar.syntax.parser import UnparsedError
from matrix_grammar.syntax.parser import parse as parse_slowly
from matrix_grammar.syntax.scanner import BadEscapeError
from matrix_grammar.texts import MemoryLibrary

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def check(text: str) -> None:
    """Read a text, and hold the outcome to all that is promised of it."""
    reading = reads(text)
    assert (reading.fleet is None) == bool(reading.errors)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for diagnostic in reading.diagnostics:
        place = diagnostic.place
        if place.line:
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.column < place.end <= max(len(lines[place.line - 1]), place.column) + 2, diagnostic
    for form in ("full", "concise", "json", "github"):
        assert not RAW.search(render(reading.diagnostics, form))
    _same_in_canonical_layout(text, reading)
    document = parse("MATRIX", text)
    assert [line.text for line in document.lines] == (lines[:-1] if lines[-1] == "" else lines)
    for line in document.lines:
        _same_by_the_grammar(line.text, line.statement)
    if reading.fleet is not None:
        _same_again(text, reading.fleet.digest)
        for role in reading.fleet.roles:
            assert set(reading.fleet.select(role)) == set(reading.fleet.role(role).hosts)


def _same_by_the_grammar(text: str, statement: object) -> None:
    """The fast path and the grammar agree, on types as well as on content, and where a wrong line stops being one."""
    slow, offset = _by_the_grammar(text)
    if slow is None:
        assert isinstance(statement, WrongLine)
    else:
        assert repr(slow) == repr(statement)
    assert stops(text) == (None if "\\" in text else offset)


def _by_the_grammar(text: str) -> tuple[object, int | None]:
    """The statement by the grammar, or where it stops taking the line; neither for a wrong escape."""
    try:
        return parse_slowly(text), None
    except UnparsedError as error:
        return None, error.offset
    except BadEscapeError:
        return None, None


def _same_in_canonical_layout(text: str, reading: Reading) -> None:
    """Formatting changes neither the meaning nor the mistakes of a text, and formatting again changes nothing."""
    try:
        formatted = format_text(text)
    except MatrixError:
        assert reading.fleet is None
        return
    again = reads(formatted)
    assert again.fleet == reading.fleet
    kept = [[d.code for d in each.diagnostics if d.code != "M005"] for each in (reading, again)]
    assert sorted(kept[0]) == sorted(kept[1])
    assert format_text(formatted) == formatted


def _same_again(text: str, digest: str) -> None:
    """Reading again, with what was kept, gives the same fleet; so does reading after another text."""
    library = MemoryLibrary({"MATRIX": text})
    reader = Reader(library)
    for _ in range(2):
        fleet = reader.read("MATRIX").fleet
        assert fleet is not None
        assert fleet.digest == digest


def check_selector(text: str) -> None:
    """A selector is answered or refused, whatever it is."""
    fleet = reads("w1  10.0.0.1  [web]\n").fleet
    assert fleet is not None
    with contextlib.suppress(SelectorError):
        fleet.select(text)
