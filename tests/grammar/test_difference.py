import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_texts import valid_texts

from matrix_grammar.difference import Change, compare, emptied_roles, removed_hosts
from matrix_grammar.difference.change import moved
from matrix_grammar.difference.text import describe, describe_all
from matrix_grammar.reading import loads, reads

BASE = """\
@property weight int 0..256
@site tky1
[ps] "page servers" check=tcp
    w[101-103]  10.6.1.[101-103]  weight=10
    w104        10.6.1.104        [cache weight=5]  [WARN: fan]
    w105        10.6.1.105        [STOP: disk]
db1  10.6.3.1  [db.master]  "main"
db2  10.6.3.2  [db]
@group calm = ps!cache
"""


def changes(old, new):
    return compare(loads(old), loads(new))


def lines(old, new):
    return describe_all(changes(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("weight=10", "weight=20", ["  w[101-103]  weight 10 → 20"]),
        ("weight=10", "", ["  w[101-103]  weight 10 → (none)"]),
        ("weight=10", "weight=10 os=deb", ["  w[101-103]  os (none) → deb", "+ property os"]),
        ("weight=5", "weight=6", ["  w104  in cache: weight 5 → 6"]),
        ("[WARN: fan]", "", ["  w104  state WARN: fan → (none)"]),
        ("[STOP: disk]", "[cache STOP: x]", ["  w105  state STOP: disk → (none)", "+ w105  in cache",
         "  w105  in cache: state (none) → STOP: x", "- group calm  w105"]),
        ("    w[101-103]  10.6.1.[101-103]", "    w[101-102]  10.6.1.[101-102]",
         ["- host w103  in ps", "- group calm  w103"]),
        ("    w[101-103]  10.6.1.[101-103]", "    w[101-103]  10.7.1.[101-103]",
         ["  w[101-103]  address 10.6.1.[101-103] → 10.7.1.[101-103]"]),
        ("db2  10.6.3.2  [db]", "db[2-3]  10.6.3.[2-3]  [db] [mx]",
         ["+ host db3  in db, mx", "+ db2  in mx", "+ role mx"]),
        ('"main"', "", ['  db1  note main → (none)']),
        ("@site tky1", "@site osk1",
         ["  w[101-105],db[1-2]  site tky1 → osk1", "  role ps  at tky1: check tcp → (none)",
          "  role ps  at osk1: check (none) → tcp"]),
        ("check=tcp", "check=http:/a", ["  role ps  at tky1: check tcp → http:/a"]),
        ('"page servers"', '"pages"', ['  role ps  meaning page servers → pages']),
        ("int 0..256", "int 0..", ["  property weight  type int 0..256 → int 0.."]),
        ("@site tky1", "@state HOLD in\n@site tky1", ["+ state HOLD"]),
        ("ps!cache", "ps!STOP", ["- group calm  w105", "+ group calm  w104"]),
        ("[db]", "[db] # only a comment", []),
        ("    w105        10.6.1.105        [STOP: disk]\n", "    w105 10.6.1.105   [ STOP:disk ]\n", []),
    ],
)  # fmt: skip
def test_tells_what_changed(old, new, expected):
    assert old in BASE
    assert lines(BASE, BASE.replace(old, new)) == expected


def test_values_that_go_in_step_with_the_names_share_a_line():
    old = "w[1-4] 10.0.0.[1-4]\n"
    assert lines(old, old.strip() + " ipmi=10.9.0.[1-4]\n")[0] == "  w[1-4]  ipmi (none) → 10.9.0.[1-4]"
    assert lines(old, old.strip() + " ipmi=10.9.0.[4,3,2,1]\n")[:2] == [
        "  w1  ipmi (none) → 10.9.0.4",
        "  w2  ipmi (none) → 10.9.0.3",
    ]
    assert lines(old, "w[1-4] 10.0.0.[5-8]\n") == ["  w[1-4]  address 10.0.0.[1-4] → 10.0.0.[5-8]"]


def test_equal_changes_of_several_hosts_are_one_change():
    (change,) = changes(BASE, BASE.replace("weight=10", "weight=20"))
    assert change == Change("host", ("w101", "w102", "w103"), "changed", "property", "weight", old=10, new=20)


def test_a_change_of_order_alone_is_a_change():
    moving = 'db1  10.6.3.1  [db.master]  "main"\n'
    swapped = BASE.replace(moving, "").replace("@group", moving + "@group")
    assert "  db2  moved in the order" in lines(BASE, swapped) or "  db1  moved in the order" in lines(BASE, swapped)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("abcd", "abcd", ""), ("abcd", "dabc", "d"), ("abcd", "acbd", "b"), ("abcd", "bxd", ""), ("ab", "ba", "a")],
)
def test_the_fewest_that_moved(old, new, expected):
    assert len(moved(old, new)) == len(expected)
    assert set(moved(old, new)) <= set(old) & set(new)


def test_what_an_edit_removes():
    old, new = (
        loads(BASE),
        loads(BASE.replace("w[101-103]  10.6.1.[101-103]", "w101  10.6.1.101").replace("db2", "#db2")),
    )
    assert removed_hosts(old, new) == ("w102", "w103", "db2")
    assert emptied_roles(old, new) == ()
    gone = loads("\n".join(line for line in BASE.splitlines() if "cache" not in line and "db1" not in line))
    assert removed_hosts(old, gone) == ("w104", "db1")
    assert emptied_roles(old, gone) == ("cache", "db.master")


def test_hosts_renamed_in_case_are_the_same_hosts():
    old, new = BASE, BASE.replace("db2", "DB2")
    assert removed_hosts(loads(old), loads(new)) == ()
    assert "  DB2  name db2 → DB2" in lines(old, new)


def test_values_of_two_types_are_two_values():
    text = "a 10.0.0.1 fast=true\n"
    assert lines("@property fast bool\n" + text, "@property fast text\n" + text) == [
        "  a  fast true → true",
        "  property fast  type bool → text",
    ]


@settings(max_examples=40, deadline=None)
@given(valid_texts(), valid_texts())
def test_there_is_no_change_exactly_between_equal_fleets(one, other):
    first, second = loads(one), loads(other)
    assert compare(first, loads(one)) == ()
    assert bool(compare(first, second)) == (first != second)
    assert all(describe(change) for change in compare(first, second))


@settings(max_examples=80, deadline=None)
@given(valid_texts(), st.data())
def test_the_smallest_edit_is_seen(text, data):
    """Two lines change places, or one goes: whatever that means, `compare` and equality agree about it."""
    lines = text.splitlines()
    first, second = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    edited = list(lines)
    if first == second:
        del edited[first]
    else:
        edited[first], edited[second] = edited[second], edited[first]
    old, new = loads(text), reads("\n".join(edited)).fleet
    if new is not None:
        assert bool(compare(old, new)) == (old != new)
