"""Mistakes of a person in a hurry: each is caught, the caret stands under it, and the cure says what to write."""

from __future__ import annotations

import pytest

from matrix_common.words.slips import Slips, is_slip
from matrix_grammar.diagnostics import Diagnostic
from matrix_grammar.reading import Reader, reads
from matrix_grammar.texts import MemoryLibrary


def only(text: str) -> Diagnostic:
    (found,) = reads(text).diagnostics
    return found


ROLES = [
    ("[mail]\n    m1 10.0.0.1\n[web]\n    w1 10.0.0.2 [mial]\n", "M046", (4, 18), "did you mean mail?"),
    ("[cache]\n    m1 10.0.0.1\n[web]\n    w1 10.0.0.2 [cach]\n", "M046", (4, 17), "did you mean cache?"),
    ("[db]\n    d1 10.0.0.1 [db.slave]\n    d2 10.0.0.2 [db.slaev]\n", "M046", (3, 18), "did you mean db.slave?"),
    ("[db]\n    d1 10.0.0.1 [db.master]\n    d2 10.0.0.2 [bd.slave]\n", "M046", (3, 18), "did you mean db?"),
    ("[web]\n    w1 10.0.0.1 [log-in]\n    w2 10.0.0.2 [login weight=2]\n", "M046", (3, 18), "did you mean log-in?"),
    ("[web]\n    w[1-9] 10.0.0.[1-9] [stop]\n", "M067", (2, 26), "did you mean [STOP]?"),
    ("[web]\n    w1 10.0.0.1 [stop]\n    w2 10.0.0.2 [stop]\n", "M067", (2, 18), "did you mean [STOP]?"),
    ("[web]\n    w1 10.0.0.1 [stpo]\n", "M067", (2, 18), "did you mean [STOP]?"),
    ("@state DRAIN out\n[web]\n    w1 10.0.0.1 [drain]\n", "M067", (3, 18), "did you mean [DRAIN]?"),
]


@pytest.mark.parametrize(("text", "code", "place", "cure"), ROLES)
def test_a_role_in_one_tag_alone_that_is_close_to_another(
    text: str, code: str, place: tuple[int, int], cure: str
) -> None:
    found = only(text)
    assert (found.code, found.severity) == (code, "warning")
    assert ((found.place.line, found.place.column), found.cure) == (place, cure)


DISTINCT = [
    "[mail]\n    m1 10.0.0.1\n[web]\n    w1 10.0.0.2 [main]\n",
    "[web]\n    w1 10.0.0.1 [tls12]\n    w2 10.0.0.2 [tls13]\n",
    "[web]\n    w1 10.0.0.1 [site-a]\n    w2 10.0.0.2 [site-b]\n",
    "[lv]\n    l1 10.0.0.1 [mx]\n[db]\n    d1 10.0.0.2 [dc]\n",
    "[web]\n    m2 10.0.0.2 [app] [apps]\n",
    "[mail]\n    m1 10.0.0.1\n[web]\n    w1 10.0.0.2 [mial]\n    w2 10.0.0.3 [mial]\n",
    "[stop]\n    w1 10.0.0.1\n",
    "[db]\n    d1 10.0.0.1 [db.master]\n[kv]\n    k1 10.0.0.2 [kv.master]\n",
    "[web]\n    web1 10.0.0.1\n[mail]\n    mail1 10.0.0.2\n",
]


@pytest.mark.parametrize("text", DISTINCT)
def test_roles_that_are_different_on_purpose(text: str) -> None:
    assert reads(text).diagnostics == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("vpi", "vip"), ("weigth", "weight"), ("ssh.usr", "ssh.user"), ("shced", "sched"), ("checkk", "check"),
     ("chek", "check"), ("prioritx", "priority"), ("ssh.prot", "ssh.port"), ("metrics.prot", "metrics.port")],
)  # fmt: skip
def test_a_property_one_letter_away_from_a_declared_one(written: str, meant: str) -> None:
    found = only(f"[web]\n    w1  10.0.0.1  {written}=5\n")
    assert (found.code, found.place.column, found.cure) == ("M034", 19, f"did you mean {meant}?")


def test_a_property_that_begins_like_those_that_are_ours() -> None:
    found = only("[web] check.interval=10\n    w1  10.0.0.1\n")
    assert (found.code, found.place.column, found.place.end) == ("M034", 7, 21)
    assert found.cure.startswith("there are check.every, check.timeout, check.retries")
    assert reads("@property check.interval text\n[web] check.interval=10\n    w1  10.0.0.1\n").diagnostics == ()
    assert reads("[web] nginx.workers=10 ssh.fingerprint=x\n    w1  10.0.0.1\n").diagnostics == ()


def test_another_spelling_of_a_declared_property_is_told_what_to_write() -> None:
    text = "@property server_id int\n[db]\n    d1  10.0.0.1  server-id=2\n"
    assert (only(text).code, only(text).cure) == ("M044", "write server_id")


@pytest.mark.parametrize("written", ["no", "env", "sort", "os", "cheque", "vlan", "rx"])
def test_properties_that_are_others_on_purpose(written: str) -> None:
    assert reads(f"[web]\n    w1  10.0.0.1  {written}=5\n").diagnostics == ()


def test_the_index_of_slips_finds_what_a_comparison_one_by_one_finds() -> None:
    words = [
        "mail",
        "mial",
        "mali",
        "mai",
        "mails",
        "main",
        "cache",
        "cach",
        "cahce",
        "db",
        "bd",
        "db.slave",
        "bd.slave",
    ]
    for least in (2, 3):
        for word in words:
            slips = Slips(words, least)
            assert set(slips.of(word)) == {name for name in words if is_slip(word, name, least)}
    assert all(is_slip(one, other) == is_slip(other, one) for one in words for other in words)


CURES = [
    ("w1  10.0.0.1O  [web]", "M027", "write 10.0.0.10"),
    ("w1  l0.0.0.1  [web]", "M027", "write 10.0.0.1"),
    ("w1  10.0,0.1  [web]", "M027", "write 10.0.0.1"),
    ("w1  10.0.1  [web]", "M027", "an IPv4 address has four numbers, this one has 3"),
    ("w1  10.0.0.0.1  [web]", "M027", "an IPv4 address has four numbers, this one has 5"),
    ("w1  10.0.0.1  weight:5", "M027", "write weight=5"),
    ("w1  10.0.0.1  2001:db8::g", "M027", 'a note stands in quotes: "…"'),
    ("w1  10.0.0.1  weight: [web]", "M027", "write weight=value"),
    ("w1  10.0.0.1  ; the first", "M027", "a comment begins with #"),
    ("// web servers", "M014", "a comment begins with #"),
    ("w1  10.0.0.1  {cache}", "M027", "a role or state stands in brackets: [cache]"),
    ("w1  10.0.0.1  (STOP)", "M027", "a role or state stands in brackets: [STOP]"),
    ("w1  10.0.0.1  w2  10.0.0.2", "M027", "each host has a line of its own"),
    ("w1  10.0.0.1  [STOP disk broken]", "M053", "a reason stands behind a colon: [STOP: why]"),
    ("w1  10.0.0.1  [web STOP disk broken]", "M053", "a reason stands behind a colon: [STOP: why]"),
    ("w1  10.0.0.1  [web stop]", "M053", "states are UPPER CASE: STOP"),
    ("w1  10.0.0.1  [web cache]", "M053", "one role a tag: [cache]"),
    (
        "w1  10.0.0.1  [web vip=192.0.2.1:80,192.0.2.1:81]",
        "M031",
        "give each by itself: vip=192.0.2.1:80 vip=192.0.2.1:81",
    ),
    ("default os=debian", "M037", "did you mean @default?"),
    ("group a = x1", "M019", "write a=x1, without blanks"),
    ("w1  10.0.0.1  [web fwd=direct]", "M031", "did you mean dr?"),
    ("w1  10.0.0.1  [web fwd=tunnel]", "M031", "did you mean tun?"),
    ("w1  10.0.0.1  [web proto=tpc]", "M031", "did you mean tcp?"),
    ("w1  10.0.0.1  [web fwd=masquerade]", "M031", ""),
]


def test_a_pasted_hosts_file_is_told_what_comes_first() -> None:
    (found,) = reads("10.0.0.1  w1\n").errors
    assert (found.code, found.cure) == ("M027", "the name stands before the address: w1 10.0.0.1")


@pytest.mark.parametrize(("line", "code", "cure"), CURES)
def test_usual_slips_are_told_what_to_write(line: str, code: str, cure: str) -> None:
    found = only(f"x1  10.0.1.1  [web]\n{line}\n")
    assert (found.code, found.severity, found.place.line, found.cure) == (code, "error", 2, cure)


COLUMN_ONE = [
    ("[web]\nw1 10.0.0.1\nw2 10.0.0.2\n[db]\nd1 10.0.0.3\n", [
        ("M064", 2, "w1, w2 stand in column 1, and so are not in [web] above"),
        ("M064", 5, "d1 stands in column 1, and so is not in [db] above")]),
    ("[web]\nw1 10.0.0.1\n    os=x\n# new\nw2 10.0.0.2\n\nw3 10.0.0.3 [mx]\n", [
        ("M064", 2, "w1, w2 stand in column 1, and so are not in [web] above")]),
    ("[web]\n    w1 10.0.0.1\n# new\nw2 10.0.0.2\n", [
        ("M064", 4, "w2 stands in column 1, and so is not in [web] above")]),
    ("[web]\n    w1 10.0.0.1\n\nw2 10.0.0.2\nw3 10.0.0.3\n", [("M065", 4, "w2, w3 are in no role")]),
    ("[web]\n    w1 10.0.0.1\n\nw[2-9] 10.0.0.[2-9]\n", [("M065", 4, "w2, w3, w4, w5, w6 and 3 more are in no role")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), COLUMN_ONE)
def test_a_host_in_column_1_below_a_header_or_in_no_role(text: str, expected: list[tuple[str, int, str]]) -> None:
    reading = reads(text)
    assert [(d.code, d.place.line, d.message) for d in reading.diagnostics] == expected
    assert {d.severity for d in reading.diagnostics} == {"warning"}


@pytest.mark.parametrize(
    "text",
    [
        "w1 10.0.0.1\nw2 10.0.0.2\n",
        "[web]\n    w1 10.0.0.1\nm1 10.0.0.2 [mx]\n",
        "[web]\nw1 10.0.0.1\n[web]\n    w1\n",
        "x1 10.0.0.1\n[web]\n    w1 10.0.0.2 on=X1\n",
        "[web]\n    w1 10.0.0.2 on=x1\nx1 10.0.0.1\n",
        "gate 10.0.0.1\n@default ssh.jump=gate\n[web]\n    w1 10.0.0.2\n",
        "[web]\n    w1 10.0.0.1\n\na1 10.0.0.2 os=x\n@group a = os=x\n",
    ],
)
def test_hosts_without_a_role_that_are_there_for_something(text: str) -> None:
    assert reads(text).diagnostics == ()


def test_what_a_wrong_line_may_have_said_is_not_missed() -> None:
    assert [d.code for d in reads("[web]\n    w1 10.0.0.1\n\nw2 10.0.0.2\n    w2 [mx\n").diagnostics] == ["M017"]


def test_names_that_dns_cannot_have() -> None:
    found = only(f"[web]\n    {'w' * 64}  10.0.0.1\n")
    assert (found.code, found.place.column, found.place.end) == ("M068", 5, 69)
    assert "64 letters" in found.message
    domain = ".".join(["d" * 60] * 4)
    found = only(f"@domain {domain}\n[web]\n    {'w' * 20}  10.0.0.1\n")
    assert (found.code, found.place.line) == ("M068", 3)
    assert "has 264 letters" in found.message
    assert reads(f"@domain {domain[:-10]}\n[web]\n    {'w' * 9}  10.0.0.1\n").diagnostics == ()
    assert reads(f"[web]\n    {'w' * 63}  10.0.0.1\n").diagnostics == ()


def test_a_reader_that_remembers_warns_again() -> None:
    texts = {"MATRIX": "[web] sched=wcl\n    w1  10.0.0.1  [stop]\nw2  10.0.0.2\n"}
    reader = Reader(MemoryLibrary(texts))
    first = reader.read("MATRIX").diagnostics
    assert [d.code for d in first] == ["M066", "M067", "M064"]
    assert reader.read("MATRIX").diagnostics == first
    texts["MATRIX"] = texts["MATRIX"].replace("wcl", "wlc")
    assert [d.code for d in reader.read("MATRIX").diagnostics] == ["M067", "M064"]


def test_text_that_means_harm_is_looked_at_once() -> None:
    """20,000 tags that are all close to one another, and a line of 8,000 values: quadratic, they would take minutes."""
    tags = "\n".join(f"h{n} - [{''.join(chr(97 + int(d)) for d in f'{n:05}')}x]" for n in range(20_000))
    assert reads(tags).fleet is not None
    line = '"' + "sched=x " * 8_000 + '"'
    assert reads("[web]\n" + "".join(f"    w{n} - {line}\n" for n in range(50))).diagnostics == ()


@pytest.mark.parametrize("tags", ["[db] [db.master]", "[db.master] [db]"])
@pytest.mark.parametrize("before", ["", "    w0 10.0.0.9 [db.master]\n"])
def test_a_role_and_one_below_it_are_no_role_given_twice(tags: str, before: str) -> None:
    assert reads(f"[web]\n{before}    w1 10.0.0.1 {tags}\n    w2 10.0.0.2 {tags}\n").diagnostics == ()


def test_a_character_that_is_none_of_the_language_is_found_at_the_end_of_each_line() -> None:
    text = "w1 10.0.0.1 [web]\n" + "".join(f"w{number} 10.0.0.{number} [web] {letter}\n" for number, letter in
        enumerate("\u00a0\u3000\u200bé", 2))  # fmt: skip
    assert [found.place.line for found in reads(text).errors] == [2, 3, 4, 5]
