"""The fast path makes of every line what the grammar makes of it, and declines what the grammar declines."""

import random

import pytest

from matrix_grammar.grammar import UnparsedError
from matrix_grammar.grammar import parse as parse_slowly
from matrix_grammar.nodes import DirectiveLine, HeaderLine, HostLine, MoreLine, Quoted
from matrix_grammar.scan import BadEscapeError, scan
from matrix_grammar.syntax import parse, parse_line

GOOD = [
    "",
    "   ",
    "# a comment",
    "  # indented  ",
    "w1",
    "w1 -",
    "  w1  10.0.0.1",
    "w[1-3]x[a-c]  10.0.0.[1-9]  2001:db8::[1-9]",
    "w1 - [a] [b.c] [STOP]",
    'w1 - [a b=c]  [STOP: why not]  [a x=[1-2] WARN: 19" rack [3] #7]',
    'w1 - [a x="]" STOP: "]"] # c',
    'w1 - a=b  c="d \\" \\\\ \\n \\t"  "note"  # comment',
    "w1 - a==b c=# d='",
    "[a]",
    '[a.b]  "meaning"  c=d  e="f"  # g',
    "    a=b  c=d  # e",
    "a=b",
    "@matrix 1",
    "  @matrix 1  ",
    '@include "a b"',
    "@include x/*.matrix # c",
    "@domain e.jp",
    "@site s",
    "@rack r-1",
    "@default a=b c=[1]",
    "@group a = b",
    "@group a=b,(c & d)!e # f",
    '@group a = b="c # d" # e',
    "@state X out",
    '@state X in "why"',
    '@property a int 0..5 list "x"',
    "@property a one-of b c",
    "@strict",
    "@strict # x",
    "w1\t-\t[a]\t#c",
    "w1 - [ a ]",
    "w1 - [a STOP:x]",
    "w1 - [a\tSTOP]  ",
    "日本 - [a]",
    "w1 - é=ö",
]

BAD = [
    "w1 [",
    "w1 ]",
    "w1 [a",
    "w1 [a]b",
    "w1 [a][b]",
    "w1 - -",
    "w1 1.1.1.1 -",
    "w1 [a] 1.1.1.1",
    "w1 a=",
    'w1 a="b',
    'w1 "a"b',
    'w1 a="b"c',
    "w1 a = b",
    "w1 =b",
    " [a]",
    "[a] [b]",
    "[a] b",
    "[a b]",
    "[]",
    "[a",
    "w1 []",
    "w1 [a b]",
    "w1 [STOP a=b]",
    "w1 [a STOP b=c]",
    "w1 [STOP:]",
    "w1 [a b=]",
    'w1 [STOP: "a" b]',
    "@",
    "@foo",
    "@site",
    "@site a b",
    "@site a=b",
    "@strict x",
    "@group a",
    "@group a =",
    "@group a = # b",
    "@state X",
    '@state "X" in',
    "@default",
    "@default a",
    "@include",
    "w1\u00a0-",
    "w1 - a\u00a0b",
    'w1 "\\x"',
    'w1 a="\\',
    'w1 [a STOP: "\\q"]',
    '"w1" -',
    "@default [a]",
    "w1 - (a)[",
]


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


@pytest.mark.parametrize("text", GOOD)
def test_well_formed_lines_are_the_same_by_both_ways(text: str) -> None:
    fast, slow = both(text)
    assert fast is not None
    assert repr(fast) == repr(slow)


@pytest.mark.parametrize("text", BAD)
def test_lines_that_do_not_parse_are_declined_by_both(text: str) -> None:
    assert both(text) == (None, None)


def test_random_joints_of_lines_are_the_same_by_both_ways() -> None:
    choose = random.Random(7)
    pieces = [piece for line in [*GOOD, *BAD] for piece in (*line.split(" "), " ", "\t")]
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
    assert text[line.pairs[0].value_column - 1 :].startswith('"v w"')
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
