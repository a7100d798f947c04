"""The short way of plain host lines gives what the long way gives, whatever stands around them, and is taken."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrix_grammar.reading import Reader, Reading
from matrix_grammar.statements import walk
from matrix_grammar.statements.plain_lines import PlainLines
from matrix_grammar.syntax.nodes import Statement
from matrix_grammar.texts import MemoryLibrary

NAMES = [
    "w1",
    "w2",
    "W1",
    "w3.e.jp",
    "w-4",
    "_5",
    "6",
    "1.2.3.4",
    "UP",
    "STOP",
    "web",
    "a..b",
    "a.",
    "日",
    "w[7-8]",
    "x" * 64,
]
ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "-", "", "10.0.0.256", "2001:db8::1", "10.0.0.4 10.0.0.5", "- -"]
ITEMS = [
    "[web]", "[web]", "[db]", "[db.master]", "[db.slave]", "[ web ]", "[WARN]", "[web weight=2]", "[web STOP: why]",
    "[Web]", "[all]", "[web][db]", "[x-y.z]", "weight=5", "weight=5", "weight=05", "weight=6", "weight=", "weight=x",
    "mac=a=b", "mac=c", 'mac="c"', "mac=[1-2]", "mac=a]", "Mac=a", "mca=1", "alias=n", "alias=m", "on=w1", "on=w9",
    "fwd=dr", "fwd=rd", "sched=wlc", "rack=r2", "rack=r3", "inhibit=true", "persist=5m", "site=x", "vip=10.0.0.9:80",
    "ssh.hostkey=a", "ssh.hostkey=b", "note", '"note"', "# end", "#end", "[web]#", "weight=5#", "serial=7",
    "serial=8", "é=1", "é", "-",
]  # fmt: skip
OTHERS = [
    "[web]", "[db]  weight=3", '[mail]  "meaning"', "", "# comment", "@site s1", "@site s2", "@rack r1",
    "@domain e.jp", "@default weight=7", "@property serial int 0..7", "@property mac text",
    "@property kind one-of a b", "@strict", "    mac=d", "    weight=9  mca=2", "weight=1", "@group g = web",
    "[broken", "w1 [db]", "w2 [STOP: gone]", "w1 weight=5",
]  # fmt: skip

host_lines = st.builds(
    lambda indent, name, address, items, blanks: indent + blanks.join([name, *filter(None, [address, *items])]),
    st.sampled_from(["", "", "", "    ", "\t"]), st.sampled_from(NAMES), st.sampled_from(ADDRESSES),
    st.lists(st.sampled_from(ITEMS), max_size=4), st.sampled_from(["  ", " ", "\t"]),
)  # fmt: skip
GOOD_TAGS = [
    "[web]", "[db.master]", "[db]", "[mail]", "[db weight=2]", "[web STOP: why]", "[web  mac=c]", "[mail on=h1]",
    "[db.master weight=2 WARN]", "[web]",
]  # fmt: skip
GOOD_PAIRS = ["weight=5", "mac=c", "alias=n", "serial=7", "sched=wlc", "sched=rr"]
ENDS = [
    "",
    "",
    "",
    '"note"',
    '"note"  # x',
    "# \u00e9",
    '# "q"',
    '"\u00e9"',
    '"" ',
    '"a\\"b"',
    '"a" "b"',
    '"a"#',
    "\u00a0",
]
good_lines = st.builds(
    lambda number, address, roles, pairs, end: "  ".join(
        [f"h{number}", address.format(number, number), *roles, *pairs, end]
    ).rstrip(),
    st.integers(1, 250),
    st.sampled_from(
        ["10.1.0.{}"] * 4
        + ["-", "2001:db8::{}", "2001:DB8::{}", "::ffff:10.1.0.{}", "10.1.0.{} 2001:db8::{}", "10.1.0.{} 10.2.0.{}"]
    ),
    st.lists(st.sampled_from(GOOD_TAGS), max_size=3), st.lists(st.sampled_from(GOOD_PAIRS), max_size=3),
    st.sampled_from(ENDS),
)  # fmt: skip
texts = st.lists(host_lines | good_lines | good_lines | st.sampled_from(OTHERS), max_size=25).map("\n".join)

BETWEEN = [
    "[web]",
    "[mail]  weight=3",
    "@site s1",
    "@site s2",
    "@rack r1",
    "@domain e.jp",
    "@default weight=7",
    "    mac=d",
]
rows = st.tuples(
    st.booleans(),
    st.sampled_from(["10.1.0.{}", "10.1.0.{}", "-", "2001:DB8::{}", "::ffff:10.2.0.{}", "10.1.0.{} 2001:db8::{}"]),
    st.lists(st.sampled_from(GOOD_TAGS[:-1]), max_size=3, unique_by=lambda tag: tag.strip("[]").split()[0][:2]),
    st.lists(st.sampled_from(GOOD_PAIRS), max_size=3, unique_by=lambda pair: pair[:4]),
    st.sampled_from(ENDS[:-4]),
    st.sampled_from([*[""] * 10, *BETWEEN]),
)  # fmt: skip


def right(rows: list[tuple[bool, str, list[str], list[str], str, str]]) -> str:
    """A text without a mistake: hosts by number, with headers, places and continued properties between them."""
    lines, headed = ["h1  10.1.0.1  [web]  [db.master]"], False
    for number, (indented, address, tags, pairs, end, between) in enumerate(rows, 2):
        headed = (headed or between.startswith("[")) and indented and not between.startswith("@site")
        host = "  ".join([f"h{number}", address.format(number, number), *tags, *pairs, end]).rstrip()
        lines += [between, "    " * headed + host]
    return "\n".join(lines)


@contextmanager
def without_the_short_way() -> Iterator[None]:
    short = PlainLines.read
    try:
        PlainLines.read = lambda *_: None  # type: ignore[method-assign]
        yield
    finally:
        PlainLines.read = short  # type: ignore[method-assign]


def told(reading: Reading) -> tuple[object, ...]:
    """All that a reading says, places of hosts and what they look up included."""
    fleet = reading.fleet
    if fleet is None:
        return (reading.diagnostics,)
    hosts = [[getattr(host, field.name) for field in dataclasses.fields(host)] for host in fleet]
    orders = [(list(host.properties), host.roles) for host in fleet]
    return (
        reading.diagnostics,
        fleet.digest,
        hosts,
        orders,
        dict(fleet.roles),
        dict(fleet.groups),
        dict(fleet.property_types),
    )


def read_again_and_again(*versions: str) -> list[tuple[object, ...]]:
    library: dict[str, str | bytes] = {}
    found = []
    kept, once = Reader(MemoryLibrary(library)), []
    for version in versions:
        library["MATRIX"] = version
        found.append(told(kept.read("MATRIX")))
        once.append(told(Reader(MemoryLibrary(library), keep=False).read("MATRIX")))
    return [*found, *once]


@settings(max_examples=120, deadline=None)
@given(texts, texts)
@example("h1 - [web]\nh2 - [web on=h9]\nh3 - [web on=h9]", "h1 - [web]\nh3 - [web on=h1]\nh4 - [web on=h1]")
@example(
    "h1 10.0.0.1 [web] mca=1\n@property mac text",
    "h2 10.0.0.2 [web] mca=1\nh1 10.0.0.1 [web] mca=1\n@property mac text",
)
@example("h1 - [db] [db.master]\nh2 - [db.master] [db]\nh3 - [db.master] [db]", "")
@example("[web]\n  h1 10.0.0.1 [web]\n  h2 10.0.0.2 [web] [db]\n    mac=d\nh3 10.0.0.3 [db]", "")
@example("[web]\n  h1 - [web weight=1]\n  h2 - [web] [web weight=1]\n  h3 - [web weight=1] [web weight=1] [db]", "")
@example("h1 - [web x=1] [db]\nh2 - [web x=1] [db]\n@property x int\nh3 - [web x=1]  # [db]", "@property x bool")
@example("h1 - [web]\nh2 - [web] Mac=a", "h1 - [web]\nh3 - [web] rack=r2\nh4 - [web] site=x")
@example("h1 - [web]\nh2 - [web] on=h1\nh3 - [web] on=h9", "h1 - [web]\nh2 - [web] [db] [web]")
@example("h1 - [web]\nh2 - [web] weight=1 weight=2", "h1 - [web]\nh2 - [web] fwd=rd\nh3 - [web] sched=wlc")
@example("h1 - [web]\nUP - [web]\nSTOP 10.0.0.1 [web]", "h1 - [web]\nh2 10.0.0.1 [web]\nh3 ::ffff:10.0.0.1 [web]")
@example("h1 - [web]\nh2 - [web] x=1\nh3 - [web] x=1", "@strict\nh1 - [web]\nh2 - [web] x=1\nh3 - [web] x=1")
@example("h1 - [web]\n1.2.3.4 - [web]\n6 - [web]", "h1 - [web]\nh2 10.0.0.1 - [web]\nh3 - 10.0.0.2 [web]")
@example('h1 - [web]\nh2 - [web] "a" [db]\nh3 - [db] "a"', 'h1 - [web]\nh2 - [web] k="a"\nh3 - [web]"a"')
@example("h1 - [web]\nh2 - [web] \u00a0\nh3 - [web] \u3000", "h1 - [web]\nh2 - [web] é\nh3 - [web]\u00a0\nh4 - \u200b")
@example("h1 - [web] a.b=1\nh2 - [web] a.b=2\n@property a-b text", "@strict\nh1 - [web] a.b=1\nh2 - [web] a.b=1")
def test_both_ways_tell_the_same(text: str, other: str) -> None:
    versions = (text, f"{text}\n{other}", other, text)
    short = read_again_and_again(*versions)
    with without_the_short_way():
        assert read_again_and_again(*versions) == short


@settings(max_examples=100, deadline=None)
@given(st.lists(rows, min_size=3, max_size=9).map(lambda found: right(found * 3)))
@example('[db]\nh1 10.1.0.1 [db]\nh2 10.1.0.2 [db] # "q"\nh3 10.1.0.3 [db] "q" # "r"\nh4 ::ffff:10.1.0.4 [db] mac=c')
def test_both_ways_make_the_same_hosts(text: str) -> None:
    short = read_again_and_again(text, text + "\n")
    with without_the_short_way():
        assert read_again_and_again(text, text + "\n") == short


def plain_text(count: int) -> list[str]:
    roles = [f"role{number:02d}" for number in range(20)]
    return [
        f"w{number:05d}  10.0.{number >> 8}.{number & 255}  "
        + "  ".join(f"[{roles[(number * step) % 20]}]" for step in (1, 3))
        + f"  weight={number % 50}  mac=02:{number}"
        for number in range(1, 4 * count, 4)
    ]


@pytest.mark.parametrize("mistake", [[], ["w0 10.9.9.9 [role01] weight=x"], ["w0 10.9.9.9 [role01"]])
def test_most_lines_take_the_short_way_with_a_mistake_and_without(
    mistake: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long_way: list[str] = []
    parse_line = walk.parse_line

    def counted(line: str) -> Statement:
        long_way.append(line)
        return parse_line(line)

    monkeypatch.setattr(walk, "parse_line", counted)
    lines = plain_text(1000)
    text = "\n".join([*lines[:500], *mistake, *lines[500:]])
    reading = Reader(MemoryLibrary({"MATRIX": text}), keep=False).read("MATRIX")
    assert len(reading.diagnostics) == len(mistake)
    assert set(long_way) >= set(mistake)
    assert len(long_way) < 30
