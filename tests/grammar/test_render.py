"""Diagnostics as text, in each form."""

import json

import pytest

from matrix_common.terminal import safe
from matrix_grammar.diagnostics import Diagnostic, Place
from matrix_grammar.reading import reads
from matrix_grammar.rendering import render

WARM = "\n" * 40 + "web-01 10.0.0.1 [web] [WARM] rack=a\n@state DRAIN out\n"


def test_the_full_form_is_that_of_the_language_description() -> None:
    assert render(reads(WARM).diagnostics).split("\n\n")[0] == (
        "error[M012]: unknown state WARM\n"
        "  --> MATRIX:41:24\n"
        "   |\n"
        "41 | web-01 10.0.0.1 [web] [WARM] rack=a\n"
        "   |                        ^^^^ did you mean WARN?\n"
        "   = states here: WARN, STOP, DRAIN      (matrix explain M012)"
    )


def test_the_concise_form_is_a_line() -> None:
    assert render(reads(WARM).diagnostics, "concise") == (
        "MATRIX:41:24: error[M012]: unknown state WARM (did you mean WARN?)"
    )


def test_the_form_of_github() -> None:
    assert render(reads(WARM).diagnostics, "github") == (
        "::error file=MATRIX,line=41,col=24,endColumn=28,title=M012::unknown state WARM (did you mean WARN?)"
    )


def test_the_form_for_programs() -> None:
    (found,) = json.loads(render(reads("w1  10.0.0.1\nw2  10.0.0.1\n").diagnostics, "json"))
    assert (found["code"], found["severity"], found["line"], found["column"], found["end"]) == (
        "M036",
        "error",
        2,
        5,
        13,
    )
    assert found["notes"] == [{"file": "MATRIX", "line": 1, "column": 5, "end": 13, "message": "w1 has it here"}]


def test_a_conflict_shows_both_places() -> None:
    shown = render(reads("w1  10.0.0.1\nw2  10.0.0.1\n").diagnostics)
    assert "  --> MATRIX:2:5\n" in shown
    assert "  ::: MATRIX:1:5\n" in shown
    assert " 1 | w1  10.0.0.1\n" in shown


def test_colours_only_where_wanted() -> None:
    found = reads(WARM).diagnostics
    plain, coloured = render(found), render(found, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[M012]\x1b[0m" in coloured


def test_what_is_over_the_limit_is_counted() -> None:
    found = reads("".join(f"w{n} - [WARM]\n" for n in range(1000))).diagnostics
    shown = render(found, limit=3)
    assert shown.count("error[M012]") == 3
    assert shown.endswith("1,000 errors, 997 of them not shown")
    assert render(found, "concise", limit=3).endswith("… and 997 more")


@pytest.mark.parametrize("form", ["full", "concise", "json", "github"])
@pytest.mark.parametrize("letter", ["\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\u200b", "\ufeff", "\r", "\n"])
def test_no_control_character_reaches_the_output(form: str, letter: str) -> None:
    found = Diagnostic(
        "M012", "error", Place(f"a{letter}b", 1, 2, 3), f"x{letter}y", f"p{letter}q", f"c{letter}d", f"h{letter}i"
    )
    shown = render([found], form)  # type: ignore[arg-type]
    assert letter not in shown.replace("\n", "") if letter != "\n" else "x\ny" not in shown
    if form != "json":
        assert f"U+{ord(letter):04X}" in shown


def test_github_cannot_be_given_a_further_command() -> None:
    found = Diagnostic("M001", "error", Place("a,b:c", 0, 0, 0), "x\n::set-output name=y::z%")
    assert render([found], "github").count("\n") == 0
    assert "file=a%2Cb%3Ac" in render([found], "github")


def test_the_caret_stands_under_its_word_behind_wide_letters_and_tabs() -> None:
    (found,) = reads('[web]\n\tw1\t10.0.0.1\t"日本"\t[WARM]\n').diagnostics
    line, caret = render([found]).split("\n")[3:5]
    wide = sum(2 if letter > "\u3000" else 1 for letter in line[: line.index("WARM")])
    assert caret.index("^") == wide


def test_a_long_line_is_shown_around_its_caret() -> None:
    (found,) = reads("w1 - " + "k" * 300 + "=1 [WARM] " + "j" * 300 + "=1\n").diagnostics
    lines = render([found]).split("\n")
    assert "…" in lines[3]
    assert max(map(len, lines)) < 200
    assert lines[3][lines[4].index("^") :].startswith("WARM")


def test_safe_text_shows_what_it_hides() -> None:
    assert safe("a\tb\x1b[0m") == "a b<U+001B>[0m"
