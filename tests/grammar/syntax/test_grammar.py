"""The fast path makes of every line what the grammar makes of it, and declines what the grammar declines."""

import random

import pytest
from matrix_lines import BAD_LINES, GOOD_LINES

from matrix_grammar.syntax.lines import parse, parse_line
from matrix_grammar.syntax.nodes import DirectiveLine, HeaderLine, HostLine, MoreLine
from matrix_grammar.syntax.parser import UnparsedError
from matrix_grammar.syntax.parser import parse as parse_slowly
from matrix_grammar.syntax.scanner import BadEscapeError, scan
from matrix_grammar.syntax.words import Quoted


def both(text: str) -> tuple[object, object]:
    """What each makes of a line; None for a line that is declined."""
    try:
        fast: object = scan(text)
    except BadEscapeError:
        fast = None
    try:
        slow: object = parse_slowly(text)
    except (UnparsedError, BadEscapeError):
        slow = None
    return fast, slow


@pytest.mark.parametrize("text", GOOD_LINES)
def test_well_formed_lines_are_the_same_by_both_ways(text: str) -> None:
    fast, slow = both(text)
    assert fast is not None
    assert repr(fast) == repr(slow)


@pytest.mark.parametrize("text", BAD_LINES)
def test_lines_that_do_not_parse_are_declined_by_both(text: str) -> None:
    assert both(text) == (None, None)


def test_random_joints_of_lines_are_the_same_by_both_ways() -> None:
    choose = random.Random(7)
    pieces = [piece for line in [*GOOD_LINES, *BAD_LINES] for piece in (*line.split(" "), " ", "\t")]
    agreed = 0
    for _ in range(3000):
        text = "".join(choose.choice(pieces) + choose.choice([" ", "", "  "]) for _ in range(choose.randrange(1, 6)))
        fast, slow = both(text)
        assert repr(fast) == repr(slow), text
        agreed += slow is not None
    assert agreed > 300


def test_every_word_knows_its_column() -> None:
    text = '  w1  10.0.0.1  [a x=1 STOP: "why"]  k="v w"  "note"  # end'
    line = parse_line(text)
    assert isinstance(line, HostLine)
    (tag,) = line.tags
    assert isinstance(tag.body.reason, Quoted)
    assert tag.body.role
    assert tag.body.state
    assert line.comment
    words = [line.name, line.addresses[0], *line.items, line.comment]
    assert [text[word.column - 1 : word.end - 1] for word in words] == [word.text for word in words]
    for part in (tag.body.role, tag.body.pairs[0], tag.body.state, tag.body.reason):
        column = tag.column_of(part)
        assert text[column - 1 : column - 1 + len(part.text)] == part.text
    assert text[line.pairs[0].column + line.pairs[0].value_offset - 1 :].startswith('"v w"')
    assert [item.text for item in line.items] == ['[a x=1 STOP: "why"]', 'k="v w"', '"note"']


def test_the_kind_of_a_line_shows_in_its_first_word() -> None:
    kinds = [type(parse_line(text)) for text in ("@site a", "[a]", "  a=b", "a", "  a [b]")]
    assert kinds == [DirectiveLine, HeaderLine, MoreLine, HostLine, HostLine]


def test_a_document_keeps_every_line_as_written() -> None:
    text = "\ufeff# a\r\n\r\n w1  -\t# b\nw1 [\n"
    document = parse("M", text)
    assert [line.text for line in document.lines] == ["# a", "", " w1  -\t# b", "w1 ["]
    assert [line.number for line in document.lines] == [1, 2, 3, 4]
    assert [line.number for line in document.wrong] == [4]
    assert str(document.lines[2].place(2, 4)) == "M:3:2"
