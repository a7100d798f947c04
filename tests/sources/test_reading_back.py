"""Of a large draft an abridgement is read back. What it says of the draft is what reading all of it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix_grammar.layout.cells import Row
from matrix_grammar.layout.formatter import format_text, laid_out
from matrix_grammar.reading import loads, reads
from matrix_sources.draft import reading_back, writing
from matrix_sources.draft.abridgement import Abridgement
from matrix_sources.draft.body import Body
from matrix_sources.draft.naming import LegalNames, legal_names
from matrix_sources.outline import spelling
from matrix_sources.outline.outline import HostOutline, Outline
from matrix_sources.registry import draft
from matrix_sources.registry.drafts import DRAFT_KINDS


@pytest.fixture(autouse=True)
def all_drafts_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_back, "READ_WHOLE", 0)


def _table(count: int) -> str:
    rows = (
        f'h{n * 7919 % 1009},10.0.{n >> 8}.{n & 255},r{n % 3},k{n % 9},{n % 50},machine "" {n}\n' for n in range(count)
    )
    return "name,ip,role,rack,weight,note\n" + "".join(rows)


ONE, OTHER = (f"h{n * 7919 % 1009}" for n in (7, 3))
TEXTS = {
    "csv": _table(300),
    "genders": "".join(f"h{n * 7919 % 1009} a{n},common,p=v{n}\n" for n in range(300)),
    "ansible": "".join(f"[g{n}]\nh{n * 7919 % 1009}\n[g{n}:children]\ng{n + 1}\n" for n in range(60)),
    "hosts": "".join(f"10.0.0.{n} n{n * 7919 % 1009} a{n}  # it is {n}\n" for n in range(1, 200)),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_large_draft_is_laid_out_and_counted_as_all_of_it_says(kind: str) -> None:
    made = draft(kind, TEXTS[kind], "FILE")
    fleet = loads(made.text)
    assert (made.hosts, made.roles) == (len(fleet), len(fleet.roles))
    assert format_text(made.text) == made.text


@pytest.mark.parametrize("kind", TEXTS)
def test_most_lines_are_not_read_again(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    monkeypatch.setattr(reading_back, "reads", lambda text: texts.append(text) or reads(text))
    made = draft(kind, TEXTS[kind], "FILE")
    assert len(texts) == 1
    assert 2 * texts[0].count("\n") < made.text.count("\n")


def spoiled(change: Callable[[Outline], None], kind: str = "csv") -> None:
    outline = DRAFT_KINDS[kind](TEXTS[kind])
    change(outline)
    writing.write(outline, "FILE")


def _last(outline: Outline) -> HostOutline:
    return list(outline.hosts.values())[-1]


MISTAKES: dict[str, Callable[[Outline], None]] = {
    "an address of another host": lambda outline: setattr(_last(outline), "addresses", ["10.0.0.1"]),
    "no address": lambda outline: setattr(_last(outline), "addresses", ["10.0.0.256"]),
    "an address that is spelled otherwise": lambda outline: setattr(
        _last(outline), "addresses", ["10.0.0.1", "::ffff:a00:1"]
    ),
    "a rack that no name can be": lambda outline: setattr(_last(outline), "rack", "a..b"),
    "a rack of two words": lambda outline: setattr(_last(outline), "rack", "a b"),
    "an unknown state": lambda outline: setattr(_last(outline), "state", "BROKEN"),
    "a value out of its bounds": lambda outline: _last(outline).facts.update({"weight": ["70000"]}),
    "a value of another type": lambda outline: _last(outline).facts.update({"weight": ["heavy"]}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_one_line_among_many_is_found(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matrix_sources.outline.spelling.legal_property", lambda wanted, *_: wanted)
    monkeypatch.setattr("matrix_sources.draft.naming.legal_property", lambda wanted, *_: wanted)
    spoiled(lambda outline: None)
    with pytest.raises(AssertionError, match="the draft is no MATRIX"):
        spoiled(MISTAKES[mistake])


@pytest.mark.parametrize("name", ["-x", "a b", "STOP", OTHER, OTHER.upper(), "x..y", "n" * 300])
def test_a_host_that_cannot_have_its_name_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matrix_sources.draft.naming.legal_host", lambda wanted: name if wanted == ONE else wanted)
    monkeypatch.setattr(spelling.Claims, "claim", lambda self, wanted, joint: wanted)
    with pytest.raises(AssertionError, match="the draft is no MATRIX"):
        spoiled(lambda outline: None)


@pytest.mark.parametrize("name", [OTHER, "Upper", "a--b", "host", "a_6"])
def test_a_role_that_cannot_have_its_name_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def names(outline: Outline) -> LegalNames:
        found = legal_names(outline)
        found.roles.update({"a7": name, "a6": "a-6" if name == "a_6" else "a6"})
        return found

    monkeypatch.setattr(writing, "legal_names", names)
    with pytest.raises(AssertionError, match="the draft is no MATRIX"):
        spoiled(lambda outline: None, "genders")


def test_a_value_that_is_not_quoted_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matrix_sources.draft.body.quoted", lambda value: value)
    with pytest.raises(AssertionError, match="the draft is no MATRIX"):
        draft("csv", TEXTS["csv"], "FILE")


BLOCKS = 30
RANGES = "name,ip,weight,x,rack\n" + "".join(
    f"w{n:04d},10.0.{n // 20}.{n % 20},{n % 20},v{n % 20},r{n // 20}\n" for n in range(20 * BLOCKS)
)


def _ranges() -> tuple[Outline, LegalNames, list[Row | None]]:
    outline = DRAFT_KINDS["csv"](RANGES)
    names = legal_names(outline)
    return outline, names, list(Body(outline, names).rows())


def test_of_lines_of_several_hosts_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    monkeypatch.setattr(reading_back, "reads", lambda text: texts.append(text) or reads(text))
    made = draft("csv", RANGES, "FILE")
    assert (made.hosts, made.text.count("w[")) == (20 * BLOCKS, BLOCKS)
    assert len(texts) == 1
    assert texts[0].count("w[") == 1


@pytest.mark.parametrize(
    ("written", "mistaken"),
    [
        ("w[0580-0599]", "w[0579-0598]"),
        ("w[0580-0599]", "W[0579-0598]"),
        ("w[0580-0599]", "w[0580-0598]"),
        ("w[0580-0599]", "w[0580-0598,0580]"),
        ("w[0580-0599]", "w..[0580-0599]"),
        ("w[0580-0599]", "w[0580-599]"),
        ("w[0580-0599]", "w[0-1]x[0-8]"),
        ("10.0.29.[0-19]", "10.0.28.[1-20]"),
        ("10.0.29.[0-19]", "10.0.29.[0-18]"),
        ("10.0.29.[0-19]", "10.0.29.[0-18,18]"),
        ("10.0.29.[0-19]", "10.0.29.[237-256]"),
        ("10.0.29.[0-19]", "10.0.29.[00-19]"),
        ("10.0.29.[0-19]", "10.0.29.7"),
        ("weight=[0-19]", "weight=[65517-65536]"),
        ("weight=[0-19]", "weight=[0-18]"),
        ("weight=[0-19]", "weight=[00-19]"),
        ("weight=[0-19]", "weight=x[0-19]"),
        ("x=v[0-19]", "x=v[0-20]"),
        ("x=v[0-19]", "x=v[0-19"),
        ("x=v[0-19]", "y=v[0-19]  y=v[0-18]"),
        ("rack=r29", "rack=r[0-19]"),
    ],
)
def test_a_mistake_in_one_range_among_many_is_found(written: str, mistaken: str) -> None:
    outline, names, rows = _ranges()
    at = max(n for n, row in enumerate(rows) if row is not None and written in row.cells)
    right = rows[at]
    assert right is not None
    cells = tuple(mistaken if cell == written else cell for cell in right.cells)
    rows[at] = right._replace(cells=cells)
    lines = laid_out(rows)
    text = "".join(f"{line}\n" for line in lines)
    assert reads(text).errors
    with pytest.raises(AssertionError, match="the draft is no MATRIX"):
        reading_back.read_back(outline, names, rows, lines, text)


def test_ranges_of_more_words_than_a_matrix_may_have_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matrix_grammar.statements.host_lines.MOST_WORDS", 80 * BLOCKS - 1)
    monkeypatch.setattr("matrix_sources.draft.abridgement.MOST_WORDS", 80 * BLOCKS - 1)
    with pytest.raises(AssertionError, match="words"):
        draft("csv", RANGES, "FILE")


WORDS = st.sampled_from(
    [
        "h1",
        "h2",
        "H2",
        "a",
        "b",
        "x.y",
        "STOP",
        "10.0.0.1",
        "10.0.0.2",
        "::1",
        "r1",
        "1",
        "0",
        "x y",
        '"',
        "[x]",
        "é",
        "",
    ]
)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS), max_size=25))
def test_what_stands_for_all_is_right_if_all_is(rows: list[tuple[str, ...]]) -> None:
    text = "name,ip,role,weight,note\n" + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )
    made = draft("csv", text, "FILE")
    reading = reads(made.text)
    assert not reading.errors
    assert reading.fleet is not None
    assert (made.hosts, made.roles) == (len(reading.fleet), len(reading.fleet.roles))
    assert format_text(made.text) == made.text


def test_an_abridgement_of_equal_lines_has_one_of_each() -> None:
    outline = DRAFT_KINDS["csv"](TEXTS["csv"])
    names = legal_names(outline)
    rows: list[Row | None] = list(Body(outline, names).rows())
    abridged = Abridgement(outline, names, rows).rows
    assert len(abridged) < 12
    assert reads("".join(f"{line}\n" for line in laid_out(abridged))).fleet is not None
