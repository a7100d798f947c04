"""A file that is no MATRIX at all costs no more than a large one that is."""

import pytest

from matrix_grammar.reading import Reader, reads
from matrix_grammar.texts import MemoryLibrary

WRONG = ["?\n", "\x01\n", "[\n", "@x\n"]


@pytest.mark.parametrize("line", WRONG)
def test_of_errors_without_end_the_first_are_told(line):
    reading = reads(line * 30_000)
    assert reading.fleet is None
    assert len(reading.diagnostics) <= 10_002
    assert [each.message for each in reading.diagnostics if each.code == "M061"] == [
        "more than 10,000 errors: the rest is not looked at"
    ]


def test_bytes_that_are_no_text_too():
    reading = reads(b"\xff\n" * 30_000)
    assert len(reading.diagnostics) <= 10_002
    assert "M061" in {each.code for each in reading.diagnostics}


def test_warnings_are_all_told():
    reading = reads("".join(f'w{number} - x="\x01"\n' for number in range(12_000)))
    assert (reading.fleet is not None, len(reading.warnings) >= 12_000) == (True, True)


def test_a_text_that_was_put_right_is_read_by_the_same_reader():
    texts = {"MATRIX": "w1 10.0.0.1 [ps]\n" + "?\n" * 30_000}
    reader = Reader(MemoryLibrary(texts))
    assert reader.read("MATRIX").fleet is None
    texts["MATRIX"] = "w1 10.0.0.1 [ps]\n"
    again = reader.read("MATRIX")
    assert (again.fleet is not None, again.diagnostics) == (True, reads("w1 10.0.0.1 [ps]\n").diagnostics)
