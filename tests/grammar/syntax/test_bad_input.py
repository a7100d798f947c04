"""What operators and accidents put into files: a diagnostic each, never a traceback, never a hang."""

import os
from pathlib import Path

import pytest

from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.reading import Reading, load, read, reads


def codes(reading: Reading) -> list[str]:
    return [diagnostic.code for diagnostic in reading.diagnostics]


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n  # comments", "\ufeff"])
def test_a_text_without_hosts_is_valid_with_a_warning(text: str) -> None:
    reading = reads(text)
    assert reading.fleet is not None
    assert len(reading.fleet) == 0
    assert "M006" in codes(reading)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MatrixError) as caught:
        load(tmp_path / "MATRIX")
    (found,) = caught.value.diagnostics
    assert (found.code, found.place.line) == ("M001", 0)
    assert "no such file" in found.message


def test_a_directory(tmp_path: Path) -> None:
    (found,) = read(tmp_path).diagnostics
    assert found.code == "M001"
    assert "directory" in found.message


def test_a_pipe_that_nobody_writes_to_holds_no_reader_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "MATRIX")
    (found,) = read(tmp_path / "MATRIX").diagnostics
    assert found.message.endswith("it is not a regular file")


@pytest.mark.needs("/dev/zero")
def test_a_device_without_end() -> None:
    (found,) = read("/dev/zero").diagnostics
    assert found.code == "M001"
    assert found.message.endswith("it is not a regular file")


def test_a_file_that_fails_while_it_is_read() -> None:
    (found,) = read("/proc/self/mem").diagnostics
    assert found.code == "M001"
    assert found.message.endswith("input/output error")


def test_a_path_that_no_system_takes() -> None:
    assert codes(read("a\0b")) == ["M001"]


def test_a_binary_is_one_mistake(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_bytes(Path("/bin/sh").read_bytes())
    (found,) = read(path).errors
    assert (found.code, found.place.line) == ("M003", 0)


def test_invalid_utf8_tells_the_byte_and_the_rest_is_still_checked() -> None:
    reading = reads(b'w1  10.0.0.1\nw2  10.0.0.2  "caf\xe9"\nw3  10.0.0.999\nw2 [db]\n')
    assert [(d.code, d.place.line, d.place.column) for d in reading.diagnostics] == [("M002", 2, 19), ("M027", 3, 5)]
    assert "byte 0xE9 at offset 31" in reading.diagnostics[0].message


def test_a_nul_later_in_the_text() -> None:
    text = "#" * 9000 + '\nw1  10.0.0.1  "a\0b"\n'
    (found,) = reads(text).errors
    assert (found.code, found.place.line, found.place.column) == ("M003", 2, 17)


def test_a_line_of_ten_megabytes() -> None:
    (found,) = reads("w1  10.0.0.1\n" + "x" * 10_000_000).errors
    assert found.code == "M004"


def test_a_range_of_a_thousand_million_is_counted_not_made() -> None:
    assert codes(reads("w[1-1000000000]  10.0.[0-255].[0-255]\n")) == ["M025"]


def test_an_include_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "MATRIX"
    path.write_text("@include MATRIX\nw1 -\n")
    (found,) = read(path).errors
    assert (found.code, found.place.line, found.place.column) == ("M009", 1, 10)


def test_a_circle_of_includes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "MATRIX").write_text("@include sites/*.matrix\nw1 -\n")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.matrix").symlink_to("../MATRIX")
    assert codes(read(tmp_path / "MATRIX")) == ["M009"]


def test_an_include_that_may_not_be_read_is_told_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "MATRIX").write_text("w1 -\n@include a\n")
    (tmp_path / "a").mkdir()
    (found,) = read(tmp_path / "MATRIX").errors
    assert (found.code, found.place.line) == ("M001", 2)


def test_a_thousand_mistakes_are_all_told() -> None:
    reading = reads("".join(f"w{n}  10.0.0.1  [WARM]\n" for n in range(1000)))
    assert [d.place.line for d in reading.errors if d.code == "M012"] == list(range(1, 1001))


def test_a_newer_language_is_refused_and_nothing_else_is_said_of_it() -> None:
    assert codes(reads("@matrix 9\nfoo bar baz = [\n")) == ["M007"]


def test_names_that_differ_only_in_case() -> None:
    (found,) = reads("web1  10.0.0.1\nWEB1  10.0.0.2\n").errors
    assert found.code == "M035"
    assert found.notes[0].place.line == 1


HOSTILE = [
    "'", '"', "`id`", "$(id)", ";id", "|id", "&", ">x", "\\", "é", "\u202e", "\x1b[31m", "*", "?", "{a,b}", "~root",
]  # fmt: skip


@pytest.mark.parametrize("letters", HOSTILE)
def test_hostile_names_are_refused(letters: str) -> None:
    reading = reads(f"w1{letters}  10.0.0.1\n")
    assert reading.fleet is None
    assert reads(f"w1  10.0.0.1  [web{letters}]\n").fleet is None


@pytest.mark.parametrize("letters", [letters for letters in HOSTILE if letters not in ('"', "\\")])
def test_hostile_reasons_stay_text(letters: str) -> None:
    fleet = reads(f'w1  10.0.0.1  [STOP: "a{letters}\\n{letters}b"]\n').fleet
    assert fleet is not None
    state = fleet.host("w1").state
    assert state is not None
    assert state.reason == f"a{letters}\n{letters}b"


def test_one_bad_line_brings_no_others() -> None:
    text = "[Web]\n    w1  10.0.0.1\n    w2  10.0.0.2  [STOP\nw2  [mx]\n@group g = w2,web\nx1 - on=w2\n"
    assert [(d.code, d.place.line) for d in reads(text).diagnostics] == [("M013", 1), ("M017", 3)]


def test_crlf_and_tabs_say_the_same_as_lf_and_blanks() -> None:
    assert reads("[web]\r\n\tw1\t10.0.0.1\t[mx]\r\n").fleet == reads("[web]\n w1 10.0.0.1 [mx]\n").fleet


def test_many_groups_that_need_one_another_in_a_long_chain() -> None:
    chain = "".join(f"@group g{n} = g{n + 1}\n" for n in range(3000)) + "@group g3000 = w1\nw1 -\n"
    fleet = reads(chain).fleet
    assert fleet is not None
    assert fleet.group("g0").hosts == ("w1",)


def test_thousands_of_lines_that_continue_one_host() -> None:
    fleet = reads("w1 -\n" + "    k=1\n" * 5000).fleet
    assert fleet is not None
    assert fleet.host("w1").property("k") == ("1",) * 5000


def test_thousands_of_references_to_hosts_that_are_not_there() -> None:
    reading = reads("".join(f"w{n} - on=v{n}\n" for n in range(3000)))
    assert codes(reading) == ["M048"] * 3000
