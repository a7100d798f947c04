"""A MATRIX has a bound of hosts in all, which is told before they take memory."""

from pathlib import Path

import pytest

from matrix_grammar.reading import Reader, reads
from matrix_grammar.statements import host_lines as hosts


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "MOST_HOSTS", 100)
    monkeypatch.setattr(hosts, "MOST_WORDS", 1000)


def codes(text: str) -> list[tuple[str, int]]:
    return [(each.code, each.place.line) for each in reads(text).diagnostics]


def test_three_lines_may_not_give_three_times_what_one_may() -> None:
    line = "{}[1-60] -\n"
    assert codes(line.format("a")) == []
    assert codes(line.format("a") + line.format("b") + line.format("c")) == [("M060", 2)]


def test_lines_of_one_host_count_as_well() -> None:
    assert codes("".join(f"a{number} -\n" for number in range(100))) == []
    assert codes("".join(f"a{number} -\n" for number in range(101))) == [("M060", 101)]
    assert codes("".join(f"a{number} - [r]\n" for number in range(101))) == [("M060", 101)]
    assert codes("".join(f"a{number} - [r]\n" for number in range(90)) + "b[1-10] -\nc - [r]\n") == [("M060", 92)]


def test_lines_that_add_to_hosts_count_as_well() -> None:
    assert codes("a[1-60] -\na[1-60] [r]\n") == [("M060", 2)]


def test_so_do_the_words_that_ranges_stand_for() -> None:
    line = "a[1-50] 10.0.0.[1-50]" + "".join(f" k{number}=[1-50]" for number in range(30)) + "\n"
    assert codes("@property k0 int\n" + line)[-1] == ("M060", 2)


def test_a_reader_that_keeps_what_it_read_counts_anew_each_time(tmp_path: Path) -> None:
    matrix, reader = tmp_path / "MATRIX", Reader()
    for text, good in (("a[1-60] -\n", True), ("a[1-60] -\nb[1-60] -\n", False), ("b[1-60] -\n", True)):
        for _ in range(2):
            matrix.write_text(text)
            assert (reader.read(matrix).fleet is not None) == good
    lines = [f"a{number} -\n" for number in range(101)]
    for text, good in ((lines[:60], True), (lines[40:], True), (lines, False), (lines[:100], True)):
        matrix.write_text("".join(text))
        assert (reader.read(matrix).fleet is not None) == good


def test_lines_that_are_gone_are_let_go_by_their_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matrix_grammar.resolve.resolution.LEAST_KEPT", 100)
    matrix, reader = tmp_path / "MATRIX", Reader()
    for number in range(50):
        matrix.write_text(f"a{number}-[1-60] -\n")
        reader.read(matrix)
        assert reader.kept < 6, "each of them is of sixty hosts"
