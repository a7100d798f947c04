"""Whatever the text, a draft is a valid MATRIX of exactly the hosts, roles and groups that were read, or a message."""

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_grammar.ranges import expand
from matrix_grammar.reading import reads
from matrix_sources.draft.range_rows import Cell, folded
from matrix_sources.outline import DraftError
from matrix_sources.outline.spelling import is_bare, quoted
from matrix_sources.registry import DRAFT_KINDS, draft

SPICE = [
    "[", "]",
    '"', "'", "\\", "=", "#", " ", "\t", "\n", "\r", "-", ",", "&", "!", "(", "@", "*", ":", "/", ".", "{", "}",
    "|", "%", "$(x)", "\x1b[2J", "\u202e", "\ufeff", "é", "日本", "[1-3]", "[1:3]", "[a:c]", "[9-1]", "[1-99999999]",
    "[web]\n", "[web:vars]\n", "[web:children]\n", "[all:vars]\n", "all:", "  hosts:\n", "  vars:\n", "  children:\n",
    "- ", "&a ", "*a", "<<: ", "!vault |", '"\\ud800"', "10.0.0.1", "2001:db8::1", "::1", "web1", "WEB1", "web", "all",
    "STOP", "UP", "name;address;role\n", "Host ", "HostName ", "User ", "Port 7", "Match all", "ProxyJump ", "%n", "%h",
    "weight=", "vip=x", "on=web1", "alias", "site", "state", "ssh.user=a", "999999999999999999999", "x" * 300,
    "@property a int", "@include *", "{{ x }}", "None", "1e5", "virtual_server ", "192.0.2.1 80 ", "{\n", "}\n",
    "real_server ", "weight 5\n", "vrrp_instance VI_1 ", "virtual_router_id 51\n", "TCP_CHECK", "HTTP_GET", "url ",
    "path /\n", "virtual_ipaddress ", "state MASTER\n", "$A=", "${A}", "include x\n", "lb_algo rr\n", "sorry_server ",
]  # fmt: skip


def held(kind: str, text: str) -> None:
    """What is promised of every draft."""
    with contextlib.suppress(DraftError):
        outline = DRAFT_KINDS[kind](text)
        made = draft(kind, text, "a\nfile [x]")
        reading = reads(made.text)
        assert not reading.errors
        fleet = reading.fleet
        assert fleet is not None
        assert len(fleet) == len(outline.hosts)
        assert len([name for name in fleet.roles if "." not in name]) >= len(fleet.roles) - len(outline.roles)
        assert len(fleet.groups) == len(outline.groups)
        assert set(fleet.states) == {"WARN", "STOP"}
        assert not re.search(r"(?m)^@(?!matrix|domain|property|default|site|group)", made.text)
        assert all(left.line <= text.count("\n") + 1 for left in made.leftovers)


@pytest.mark.parametrize("kind", DRAFT_KINDS)
@settings(max_examples=120, deadline=None)
@given(text=st.lists(st.sampled_from(SPICE), max_size=60).map("".join) | st.text(max_size=60))
def test_any_text_of_any_kind(kind: str, text: str) -> None:
    held(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ansible", "all: " + "{a: " * 5000),
        ("ansible", "all:\n  vars:\n    a: " + "[" * 600),
        ("ansible", "x: &a\n  children:\n    y: *a\n"),
        ("ansible", "a: &a {<<: *a}\n"),
        ("ansible", "- a\n- b\n"),
        ("ansible", "all:\n\tvars: x\n"),
        ("csv", ""),
        ("csv", "a,b\n1,2\n"),
    ],
)
def test_what_cannot_be_understood_is_a_message(kind: str, text: str) -> None:
    with pytest.raises(DraftError) as error:
        draft(kind, text, "FILE")
    assert len(str(error.value)) > 10
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_a_line_of_ten_million_characters_is_left(kind: str) -> None:
    made = None
    with contextlib.suppress(DraftError):
        made = draft(kind, "name\n" + "x" * 10_000_000, "FILE")
    assert made is None or not reads(made.text).errors


def test_aliases_that_multiply_come_to_an_end() -> None:
    levels = "".join(
        f"l{n}: &l{n}\n  children: {{{', '.join(f'g{n}x{m}: *l{n - 1}' for m in range(9))}}}\n" for n in range(1, 9)
    )
    with pytest.raises(DraftError, match="more than"):
        draft("ansible", "l0: &l0 {hosts: {a: }}\n" + levels, "FILE")


@given(
    st.lists(
        st.tuples(st.sampled_from(["w", "x1y", "10.0.0."]), st.integers(0, 30), st.sampled_from(["", "-z"])),
        max_size=40,
    ),
    st.sampled_from(["d", "02d", "03d"]),
)
def test_rows_folded_expand_to_the_rows(rows: list[tuple[str, int, str]], form: str) -> None:
    written = [
        (Cell(f"{head}{number:{form}}{tail}", True), Cell("a"), Cell(f"10.0.{number}.1", True))
        for head, number, tail in rows
    ]
    back: list[list[str]] = []
    for texts, count in folded(written):
        columns = [expand(text) if "[" in text else [text] * count for text in texts]
        assert {len(column) for column in columns} == {count}
        back += [list(row) for row in zip(*columns, strict=True)]
    assert back == [[cell.text for cell in row] for row in written]


def test_rows_are_folded_where_that_is_read_more_easily() -> None:
    def fold(*names: str) -> list[str]:
        return [texts[0] for texts, _ in folded([(Cell(name, True),) for name in names])]

    assert fold("w1", "w2", "w3", "x") == ["w[1-3]", "x"]
    assert fold("w098", "w099", "w100") == ["w[098-100]"]
    assert fold("w9", "w10", "w011") == ["w[9-10]", "w011"]
    assert fold("w1", "w5") == ["w1", "w5"]
    assert fold("w1", "w2", "w3", "w5") == ["w[1-3,5]"]
    assert fold("r1n1", "r1n2", "r2n1") == ["r1n[1-2]", "r2n1"]
    assert fold("1", "2") == ["1", "2"], "no line may begin with a bracket"


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]) | st.sampled_from('"\\\n\t#[]='),
        max_size=50,
    )
)
def test_a_value_comes_back_as_it_was(value: str) -> None:
    reading = reads(f"w 10.0.0.1 a={value if is_bare(value) else quoted(value)} b={quoted(value)}\n")
    assert reading.fleet is not None
    host = reading.fleet.host("w")
    assert (host.property("a"), host.property("b")) == (value, value)
