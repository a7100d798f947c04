import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matrix_texts import valid_texts

from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.layout.formatter import format_text
from matrix_grammar.reading import reads

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = (EXAMPLES / "MATRIX").read_text(encoding="utf-8")
INCLUDES = {f"matrix.d/{path.name}": path.read_text(encoding="utf-8") for path in EXAMPLES.glob("matrix.d/*.matrix")}


def meaning(text):
    reading = reads(text, includes=INCLUDES)
    return reading.fleet, sorted(diagnostic.code for diagnostic in reading.diagnostics if diagnostic.code != "M005")


def check(text):
    """The canonical layout of a text, after seeing that it means the same and stays as it is."""
    formatted = format_text(text)
    assert meaning(formatted) == meaning(text)
    assert format_text(formatted) == formatted
    assert re.sub(r"[ \t\n\r\ufeff]", "", formatted) == re.sub(r"[ \t\n\r\ufeff]", "", text)
    return formatted


LAYOUTS = [
    (
        "columns are aligned within a block, and a header's further lines stand under its first item",
        '[ps] "page servers" sched=wlc\n vip=10.0.0.1:80   vip=10.0.0.1:443\n'
        "  w[1-9] 10.6.1.[1-9] weight=10 ipmi=10.9.1.[1-9]\n"
        "\tw10\t10.6.1.10\t[cache]\t[WARN: fan]\n",
        '[ps]  "page servers"  sched=wlc\n      vip=10.0.0.1:80  vip=10.0.0.1:443\n'
        "    w[1-9]  10.6.1.[1-9]  weight=10  ipmi=10.9.1.[1-9]\n    w10     10.6.1.10     [cache]    [WARN: fan]\n",
    ),
    (
        "comments stand below each other, and on lines of their own stay where they are",
        "# top\na 10.0.0.1 # one\n   # inside\nbcd 10.0.0.2   # two\ne 10.0.0.3\n",
        "# top\na    10.0.0.1  # one\n    # inside\nbcd  10.0.0.2  # two\ne    10.0.0.3\n",
    ),
    (
        "a host's further properties stand under its first item, also after a blank line",
        "a 10.0.0.1 [x] p=1\n q=2   r=3\n\n\n s=4\n",
        "a  10.0.0.1  [x]  p=1\n             q=2  r=3\n\n    s=4\n",
    ),
    (
        "blank lines in a row become one, at the ends none, and every line ends in LF",
        "\ufeff\r\n\r\na 10.0.0.1  \r\n\r\n\t\r\nb 10.0.0.2\r\n\r\n",
        "a  10.0.0.1\n\nb  10.0.0.2\n",
    ),
    (
        "the arguments of directives begin in one column",
        "@matrix 1\n@domain   example.jp # here\n"
        '@property a int 0..9  "A"\n@property bcd text\n@state X out "x"\n@strict\n',
        '@matrix   1\n@domain   example.jp  # here\n@property a    int 0..9  "A"\n@property bcd  text\n'
        '@state    X  out  "x"\n@strict\n',
    ),
    (
        "groups show their selectors in one column, as written",
        "a 10.0.0.1 [x]\n@group one=x\n@group   three = x & one   # c\n",
        "a  10.0.0.1  [x]\n@group one   = x\n@group three = x & one  # c\n",
    ),
    (
        "tags lose needless blanks, but not those of a reason",
        "a 10.0.0.1 [ x   p=1  WARN:two  blanks ] [  STOP ]\n",
        "a  10.0.0.1  [x p=1 WARN: two  blanks]  [STOP]\n",
    ),
    (
        "what is very wide pushes aside only its own line, and so does a note",
        f'a 10.0.0.1 [x] p={"1" * 50} q=1\nb 10.0.0.2 [x] p=2 q=1\nc 10.0.0.3 [x] "a long note of c"\n',
        f'a  10.0.0.1  [x]  p={"1" * 50}  q=1\nb  10.0.0.2  [x]  p=2  q=1\nc  10.0.0.3  [x]  "a long note of c"\n',
    ),
    ("an empty text stays empty", "\n\n", ""),
    ("a text without a last line end gets one", "a 10.0.0.1", "a  10.0.0.1\n"),
]


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in LAYOUTS], ids=[case[0] for case in LAYOUTS])
def test_layout(before, after):
    assert check(before) == after


def test_the_example_keeps_its_meaning():
    assert "\n    w[101-103]  10.6.1.[101-103]  weight=10         ipmi=10.9.1.[101-103]\n" in check(EXAMPLE)


def test_every_line_that_does_not_parse_is_told():
    with pytest.raises(MatrixError) as caught:
        format_text("a 10.0.0.1 [x\nb 10.0.0.2\n@nonsense\n", "here")
    assert [(d.place.file, d.place.line) for d in caught.value.diagnostics] == [("here", 1), ("here", 3)]


@pytest.mark.parametrize("content", [b"a 10.0.0.1 p=\xff\n", b"a 10.0.0.1\0\n", b"a\x1b 10.0.0.1\n"])
def test_what_is_no_text_is_not_formatted(content):
    with pytest.raises(MatrixError):
        format_text(content)


def test_properties_in_column_one_are_a_mistake_and_stay_one():
    assert check("a 10.0.0.1\np=1\n") == "a  10.0.0.1\np=1\n"


def test_no_line_becomes_too_long():
    pairs = " ".join(f"k{n}=1" for n in range(8000))
    check(f"a 10.0.0.1 {pairs}\nb 10.0.0.2 {'x' * 30}=1 {'y' * 30}=2\n")


blanks = st.sampled_from([" ", "  ", "\t", " \t "])
tags = st.sampled_from(
    [
        "[ps]",
        "[ cache  weight=5 ]",
        "[db.master]",
        "[WARN]",
        "[STOP:disk  [4/20]]",
        '[cache STOP: "a ]\\" b"]',
        "[ mx  WARN ]",
    ]
)
pairs = st.sampled_from(
    [
        "weight=10",
        'tag="a  b # c"',
        "tag=x",
        "on=h1",
        r'tag="q\"\\\n"',
        "ipmi=10.9.0.1",
        "url=http://a/#b",
        "wide=" + "x" * 45,
    ]
)
notes = st.sampled_from(['"a note"', '"tab\tinside"', '""'])
comments = st.sampled_from(["", "", "", " # why", "\t#", '  # "quoted # [STOP]  '])
items = st.lists(tags | pairs | notes, max_size=4)
indents = st.sampled_from(["", "", " ", "    ", "\t"])


@st.composite
def host_lines(draw):
    name = draw(st.sampled_from(["h1", "h2", "w[1-3]", "x.y", "LONG-name-of-a-host"]))
    address = draw(st.sampled_from([[], ["-"], ["10.0.0.1"], ["10.0.1.[1-3]"], ["10.0.0.9", "2001:db8::9"]]))
    return draw(indents) + draw(blanks).join([name, *address, *draw(items)])


@st.composite
def other_lines(draw):
    words = draw(
        st.sampled_from(
            [
                ["[ps]", '"page servers"', "vip=10.0.0.1:80"],
                ["[cache]"],
                ["[db]", "check=tcp", "tag=a"],
                ["@site", "tky1"],
                ["@rack", "A01"],
                ["@default", "os=debian", 'tag="a b"'],
                ["@property", "weight", "int", "0..256", '"share"'],
                ["@property", "tag", "text", "list"],
                ["@state", "DRAIN", "out", '"finishing"'],
                ["@group", "all2", "=", "ps", ",", "cache"],
                ["@group", "some", "=", 'h1,(ps!w[1-2])^tag="a # b"'],
                ["@matrix", "1"],
                ["@domain", "example.jp"],
                ["@include", "matrix.d/*.matrix"],
                [" ", "weight=7", 'tag="x"'],
                ["\t", "vip=10.0.0.1:443"],
            ]
        )
    )
    return draw(blanks).join(words)


lines = st.tuples(
    host_lines() | other_lines() | st.sampled_from(["", "  ", "# comment", "   # indented"]), comments
).map("".join)
texts = st.lists(lines, max_size=14).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(valid_texts())
def test_a_valid_text_means_the_same_in_canonical_layout(text):
    assert meaning(text)[0] is not None
    check(text)


@settings(max_examples=150, deadline=None)
@given(texts)
@example("[ps]\n\n  # c\n  vip=10.0.0.1:80\n h1 10.0.0.1\n\n  weight=7\n")
def test_nor_does_a_wrong_one_change_its_mistakes(text):
    check(text)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nor_does_an_example_with_a_wound(data):
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 6)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", " ", "\n", "[", "]", '"', "#", "=", "\t", "w104", "-", "@"]))
            + text[end:]
        )
    with contextlib.suppress(MatrixError):
        check(text)
