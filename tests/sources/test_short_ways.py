"""What the readers and the writer of drafts do in a short way for plain lines is what the long way gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix_sources.draft.range_rows import Cell, folded
from matrix_sources.files.ssh_config_blocks import words_of
from matrix_sources.outline.spelling import LONGEST_VALUE, legal_host, quoted
from matrix_sources.registry import draft


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["w1", "w2", "w3"], ["w[1-3]"]),
        (["w9", "w10", "w11"], ["w[9-11]"]),
        (["w09", "w10", "w11"], ["w[09-11]"]),
        (["w98", "w99", "w100"], ["w[98-100]"]),
        (["w098", "w099", "w100", "w101"], ["w[098-101]"]),
        (["w0", "w1", "w2", "w3"], ["w[0-3]"]),
        (["w1", "w2", "w3", "w7", "w8"], ["w[1-3,7-8]"]),
        (["w1", "w3", "w5"], ["w1", "w3", "w5"]),
        (["w1", "w2", "w3", "w04"], ["w[1-3,04]"]),
        (["w1.a", "w2.a", "w2.b"], ["w[1-2].a", "w2.b"]),
        (["w999999999999998", "w999999999999999", "w1000000000000000"], ["w[999999999999998-999999999999999]"]),
        (["1w", "2w"], ["1w", "2w"]),
    ],
)
def test_neighbours_become_a_range_in_their_own_style(names: list[str], written: list[str]) -> None:
    made = list(folded([(Cell(name, steps=True),) for name in names]))
    assert [texts[0] for texts, _ in made][: len(written)] == written
    assert sum(count for _, count in made) == len(names)


def test_a_cell_that_is_the_same_in_two_rows_is_so_in_the_whole_range() -> None:
    rows = [("w1", "p=1"), ("w2", "p=1"), ("w3", "p=1"), ("w4", "p=2")]
    made = folded([(Cell(name, steps=True), Cell(pair, steps=True, straight=True)) for name, pair in rows])
    assert list(made) == [(["w[1-3]", "p=1"], 3), (["w4", "p=2"], 1)]


@pytest.mark.parametrize(
    ("wanted", "legal"),
    [
        ("w1", "w1"),
        ("_w.example", "_w.example"),
        ("WARN", "host-WARN"),
        ("STOP", "host-STOP"),
        ("UP", "host-UP"),
        ("w" * 253, "w" * 253),
        ("w" * 254, "w" * 240),
        ("w..x", "w.x"),
        ("192.0.2.1", "ip-192-0-2-1"),
        ("999.0.2.1", "ip-999-0-2-1"),
        ("fe80::1", "ip-fe80--1"),
    ],
)
def test_names_of_hosts_made_legal(wanted: str, legal: str) -> None:
    assert legal_host(wanted) == legal


@pytest.mark.parametrize(
    ("value", "written"),
    [("a b", '"a b"'), ('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("a\nb", '"a\\nb"'), ("\x01ä", '"ä"'), ("", '""')],
)
def test_values_in_quotes(value: str, written: str) -> None:
    assert quoted(value) == written


def test_what_no_line_takes_is_left_beside_what_is_plain() -> None:
    made = draft("genders", f"w1 a=plain,b={'x' * (LONGEST_VALUE + 1)},c=\x02y\n", "FILE")
    assert "a=plain" in made.text
    assert {left.reason for left in made.leftovers} >= {
        f"a value of more than {LONGEST_VALUE:,} characters",
        "without its control characters",
    }


@given(st.text("ab .*%#'\"\\\täx", max_size=12))
def test_plain_words_of_an_ssh_config_are_those_of_the_long_way(text: str) -> None:
    def words(written: str) -> object:
        try:
            return words_of(written)
        except ValueError:
            return None

    assert words(text) == words(f"\t{text}")  # a tab is nothing plain, and nothing of a word


def test_the_nearest_that_says_how_a_host_is_reached_decides() -> None:
    text = (
        "[all:vars]\nansible_user=everybody\nansible_port=2222\n[web:vars]\nansible_user=webber\n"
        "[web]\nw1\nw2 ansible_user=own\n[db]\nw3\n"
    )
    made = draft("ansible", text, "FILE").text
    assert "@default ssh.user=everybody  ssh.port=2222" in made
    lines = {line.split()[0]: line for line in made.splitlines() if line.strip()[:2] in ("w1", "w2", "w3")}
    assert "ssh.user=webber" in lines["w1"]
    assert "ssh.user=own" in lines["w2"]
    assert "ssh.user" not in lines["w3"]
