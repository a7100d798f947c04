"""A text in which git left both sides of a conflict is one mistake for each place, which names them."""

from __future__ import annotations

import pytest

from matrix_grammar.reading import reads

OURS = "    w2  10.0.0.2  [cache]\n"
THEIRS = "    w2  10.0.0.3\n    w3  10.0.0.4\n"


def conflict(base: str = "", end: str = "\n") -> str:
    text = (
        f"[web]\n    w1  10.0.0.1\n<<<<<<< HEAD\n{OURS}{base}=======\n{THEIRS}>>>>>>> bob/adds w3\n    w4  10.0.0.5\n"
    )
    return text.replace("\n", end)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("base", ["", "||||||| 1a2b3c4\n    w2  10.0.0.9\n"])
def test_a_conflict_is_one_error_with_both_sides(base: str, end: str) -> None:
    (found,) = reads(conflict(base, end)).diagnostics
    assert (found.code, found.severity) == ("M062", "error")
    assert (found.place.line, found.place.column, found.place.end) == (3, 1, len("<<<<<<< HEAD") + 1)
    assert found.message == "a merge was not finished: HEAD and bob/adds w3 say different things here"
    assert "remove the lines that begin with <<<<<<<" in found.cure
    lines = conflict(base).split("\n")
    marks = [(note.place.line, note.message) for note in found.notes]
    wanted = [
        (lines.index("=======") + 1, "bob/adds w3 begins here"),
        (lines.index(">>>>>>> bob/adds w3") + 1, "it ends here"),
    ]
    assert marks == ([(5, "what both had before begins here")] if base else []) + wanted


def test_every_conflict_is_told_in_one_run_beside_other_mistakes() -> None:
    reading = reads(conflict() + conflict().replace("w1", "x1").replace("w4", "x4 oops") + "@sight osk\n")
    codes = [d.code for d in reading.errors]
    assert codes.count("M062") == 2
    assert {"M027", "M040"} < set(codes)


def test_what_stands_on_the_other_side_is_not_missed() -> None:
    text = "[web]\n    w1  10.0.0.1\n<<<<<<< HEAD\n=======\nx1  10.0.0.2\n>>>>>>> bob\n[db]\n    x1\n    w1  on=x1\n"
    assert [d.code for d in reads(text).diagnostics] == ["M062"]


def test_a_header_on_both_sides_leaves_the_hosts_below_where_they_are() -> None:
    text = "<<<<<<< a\n[web] \"pages\"\n=======\n[www]\n>>>>>>> b\n    w1  10.0.0.1\n    w2  10.0.0.2\n"  # fmt: skip
    assert [d.code for d in reads(text).diagnostics] == ["M062"]


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "=======", ">>>>>>> bob", "||||||| base"])
def test_a_line_that_stayed_behind_is_told_alone(line: str) -> None:
    (found,) = reads(f"[web]\n    w1  10.0.0.1\n{line}\n    w2  10.0.0.2\n").diagnostics
    assert (found.code, found.place.line) == ("M062", 3)
    assert found.message == f"a line of a merge that was not finished: {line[:7]}"


def test_an_included_text_is_named() -> None:
    reading = reads("@include a.matrix\n", includes={"a.matrix": conflict()})
    (found,) = reading.diagnostics
    assert (found.code, found.place.file) == ("M062", "a.matrix")


@pytest.mark.parametrize(
    "text",
    ["# =======\n# <<<<<<< no\nw1  10.0.0.1\n", 'w1  10.0.0.1  "======="\n', "w1  10.0.0.1\n#=======\n"],
)
def test_lines_that_only_look_alike(text: str) -> None:
    assert reads(text).diagnostics == ()


def test_a_conflict_within_what_both_had_before_is_one_error() -> None:
    base = (
        "||||||| merged common ancestors\n<<<<<<<<< Temporary merge branch 1\n    w2  10.0.0.6\n||||||||| 1a2b3c4\n"
        "    w2  10.0.0.7\n=========\n    w2  10.0.0.8\n>>>>>>>>> Temporary merge branch 2\n"
    )
    (found,) = reads(conflict(base)).diagnostics
    assert [note.message for note in found.notes] == [
        "what both had before begins here", "bob/adds w3 begins here", "it ends here",
    ]  # fmt: skip


def test_markers_may_be_longer() -> None:
    text = conflict("||||||| 1a2b3c4\n    w2  10.0.0.9\n")
    for sign in "<|=>":
        text = text.replace(sign * 7, sign * 11)
    (found,) = reads(text).diagnostics
    assert (found.code, found.place.line, len(found.notes)) == ("M062", 3, 3)


@pytest.mark.parametrize("line", ["=" * 20, "<" * 8, ">" * 9 + " x"])
def test_a_longer_line_of_signs_alone_is_none_of_a_merge(line: str) -> None:
    assert "M062" not in [d.code for d in reads(f"[web]\n    w1  10.0.0.1\n{line}\n").diagnostics]
