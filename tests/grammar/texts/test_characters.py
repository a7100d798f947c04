"""Characters that are not what they look like are named by code point and place; where they may be meant, none is."""

from __future__ import annotations

import pytest

from matrix_common.settings import SettingsError, tables_of
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.reading import loads, reads

ERRORS = [
    (
        "w1\u00a010.0.0.1  [web]",
        3,
        "U+00A0 (no-break space) looks like a blank, but is none",
        "type a blank in its place",
    ),
    ("w1\u300010.0.0.1  [web]", 3, "U+3000 (ideographic space) looks like a blank, but is none", "type a blank"),
    ("w1  10.0.0.1\u200b  [web]", 13, "U+200B (zero width space) is not to be seen", "remove it"),
    ("w\u00ad1  10.0.0.1  [web]", 2, "U+00AD (soft hyphen) is not to be seen", "remove it"),
    ("w1\u200e  10.0.0.1  [web]", 3, "U+200E (left-to-right mark) is not to be seen", "remove it"),
    ("w1  10.0.0.1  [w\u0435b]", 17, "U+0435 (cyrillic small letter ie) looks like e, but is none", "write e"),
    ("w\u03bf1  10.0.0.1  [web]", 2, "U+03BF (greek small letter omicron) looks like o, but is none", "write o"),
    ("w1  10.0.0.1  [web]  \u201cnote\u201d", 22, "U+201C (left double quotation mark) is not the quote", "write"),
    ("w[1\u20133]  10.0.0.[1-3]  [web]", 4, "U+2013 (en dash) looks like -, but is none", "write -"),
    ("w\u20101  10.0.0.1  [web]", 2, "U+2010 (hyphen) looks like -, but is none", "write -"),
    ("w1  10.0.0.1  \uff3bweb\uff3d", 15, "U+FF3B (fullwidth left square bracket) looks like [", "write ["),
    ("w1  10.0.0.1  [web]  weight\uff1d5", 28, "U+FF1D (fullwidth equals sign) looks like =", "write ="),
    ("w\uff11  10.0.0.1  [web]", 2, "U+FF11 (fullwidth digit one) looks like 1, but is none", "write 1"),
    ("w1  10.0.0.\u0661  [web]", 12, "U+0661 (arabic-indic digit one) looks like 1, but is none", "write 1"),
    ("w1  10.0.0.1  [web]  s\u0455h.user=x", 23, "U+0455 (cyrillic small letter dze) looks like s", "write s"),
    ("@group a = w\u0435b", 13, "U+0435 (cyrillic small letter ie) looks like e, but is none", "write e"),
    ("@d\u0435fault os=x", 3, "U+0435 (cyrillic small letter ie) looks like e, but is none", "write e"),
    ("w1  10.0.0.1  [web]  [ST\u041eP]", 25, "U+041E (cyrillic capital letter o) looks like O", "write O"),
    ("w1  10.0.0.1  [web]  on=w\u20112", 26, "U+2011 (non-breaking hyphen) looks like -, but is none", "write -"),
]


@pytest.mark.parametrize(("line", "column", "message", "cure"), ERRORS)
def test_a_mistake_names_the_character_that_makes_it(line: str, column: int, message: str, cure: str) -> None:
    reading = reads(f"x1  10.0.1.1  [web]\n{line}\n")
    (found,) = reading.errors
    assert (found.place.line, found.place.column, found.place.end) == (2, column, column + 1)
    assert found.message.startswith(message)
    assert found.cure.startswith(cure)


WARNINGS = [
    ("os=debian\u200b", "U+200B (zero width space) is not to be seen"),
    ("os=\u2060debian", "U+2060 (word joiner) is not to be seen"),
    ("os=deb\u00adian", "U+00AD (soft hyphen) is not to be seen"),
    ("os=debian\u200f", "U+200F (right-to-left mark) is not to be seen"),
    ("os=debi\u0430n", "U+0430 (cyrillic small letter a) looks like a, but is none"),
    ("os=\u201cdebian\u201d", "U+201C (left double quotation mark) is not the quote that opens or closes a string"),
    ("os=x\u200dy", "U+200D (zero width joiner) is not to be seen"),
]


@pytest.mark.parametrize(("pair", "message"), WARNINGS)
@pytest.mark.parametrize("around", ["w1  10.0.0.1  {}", "w1  10.0.0.1  [web {}]", "[web]  {}", "@default  {}"])
def test_what_passes_today_is_warned_of_for_a_release(pair: str, message: str, around: str) -> None:
    line = around.format(pair)
    text = f"{line}\n[web]\n    x1  10.0.1.1\n" if line[0] == "@" else f"x1  10.0.1.1  [web]\n{line}\n"
    reading = reads(text if "w1" not in line or "[web" in line else text + "w1  [web]\n")
    (found,) = [d for d in reading.warnings if d.code == "M063"]
    at = next(index for index, letter in enumerate(line) if not letter.isascii())
    assert (found.place.column, found.message) == (at + 1, f"{message}: the next release refuses it")
    assert reading.errors == ()
    assert len(reading.notices) == 1
    quoted = text.replace(pair, f'os="{pair[3:]}"')
    assert [d for d in reads(quoted).diagnostics if d.code == "M063"] == []


@pytest.mark.parametrize(
    "line",
    [
        'w1  10.0.0.1  "front \u2013 \u201cpages\u201d, 10\u00a0Gb"',
        "w1  10.0.0.1  # \u201csmart\u201d \u2013 \u0430\u00a0b\u200b",
        "# \u201csmart\u201d\u200b",
        "w1  10.0.0.1  [STOP: \u30c7\u30a3\u30b9\u30af\u3000\u6545\u969c \u2013 caf\u00e9]",
        "w1  10.0.0.1  owner=\u5c71\u7530\uff08\u6771\u4eac\uff09  size=10\u00b5m  hours=9\u201317",
        "w1  10.0.0.1  owner=\u00d8stg\u00e5rd",
        "w1  10.0.0.1  city=\u041c\u043e\u0441\u043a\u0432\u0430  plan=\u03b1  family=\U0001f468\u200d\U0001f469",
        "w1  10.0.0.1  word=\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ],
)
def test_where_they_may_be_meant_nothing_is_said(line: str) -> None:
    assert reads(f"{line}\n").fleet is not None
    assert [d.code for d in reads(f"x1  10.0.1.1\n{line}\n").diagnostics] == []


def test_another_mistake_on_the_line_stays_what_it_is() -> None:
    text = "w1  10.0.0.1  os=debi\u0430n\nw1  10.0.0.2  os=debi\u0430n\n"
    (error,) = reads(text).errors
    assert (error.code, error.message) == ("M035", "host w1 is declared twice")


def test_a_mark_of_byte_order_within_the_text_is_named() -> None:
    (error,) = reads("w1  10.0.0.1\n\ufeffw2  10.0.0.2\n").errors
    assert (error.code, error.place.line, error.place.column) == ("M003", 2, 1)
    assert "U+FEFF" in error.message


@pytest.mark.parametrize(
    ("selector", "column", "message", "cure"),
    [
        ("web\u00a0", 4, "U+00A0 (no-break space)", "type a blank in its place"),
        ("we\u200bb", 3, "U+200B (zero width space)", "remove it"),
        ("web\uff0cdb", 4, "U+FF0C (fullwidth comma) looks like ,", "write ,"),
        ("w[1\u20133]", 3, "U+2013 (en dash) looks like -", "write -"),
        ("w\u0435b", 2, "U+0435 (cyrillic small letter ie) looks like e", "write e"),
        ("@wbe", 1, "`@` is no operator", "a role or group is written without `@`: web"),
        ("@web", 1, "`@` is no operator", "a role or group is written without `@`: web"),
        ("@xyzzy", 1, "`@` is no operator", "a role or group is written without `@`"),
        ("wbe", 1, "unknown name wbe", "did you mean web?"),
    ],
)
def test_selectors_that_are_typed(selector: str, column: int, message: str, cure: str) -> None:
    fleet = loads("[web]\n    w[1-3]  10.0.0.[1-3]\n[db]\n    d1  10.0.1.1\n")
    with pytest.raises(SelectorError) as raised:
        fleet.select(selector)
    (found,) = raised.value.diagnostics
    assert found.place.column == column
    assert found.message.startswith(message)
    assert found.cure == cure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[push]\nfanout\u00a0= 3\n", "line 2, column 7: U+00A0 (no-break space) looks like a blank, but is none; "
         "type a blank in its place"),
        ("[push]\nauthor = \u201ca\u201d\n", "line 2, column 10: U+201C (left double quotation mark) is not the quote"),
        ("[push]\naccount = matrix\n", 'a text stands in quotes: "matrix"'),
        ("[push]\nasked = yes\n", "write true, or in quotes if it is a text"),
        ("[push]\nasked = False\n", "write false, or in quotes if it is a text"),
        ("<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> bob\n", "lines 1, 3, 5: a merge was not finished: HEAD and bob"),
        ("[push\nfanout = 3\n", "not TOML: "),
    ],
)  # fmt: skip
def test_settings_that_are_no_toml(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as raised:
        tables_of(text, "matrix.toml")
    assert str(raised.value).startswith("matrix.toml: ")
    assert expected in str(raised.value)
