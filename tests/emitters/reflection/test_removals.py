"""Removals: a change that takes all members of a VIP out, or more than half, is found in the texts themselves."""

from __future__ import annotations

from contextlib import suppress

import pytest
from balancing import PAIR
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import entry_of, made

from matrix_emitters import EmitterError
from matrix_emitters.reflection import removals
from matrix_grammar.reading import loads

ENTRY = entry_of("keepalived")


def text(*states: str, extra: str = "") -> bytes:
    hosts = "".join(f"  w{n} 10.6.1.{n} {state}\n" for n, state in enumerate(states, 1))
    return made("keepalived", f"{PAIR}[ps] vip=203.0.113.80:80\n{hosts}{extra}")[0].content


def told(old: bytes, new: bytes) -> list[str]:
    fleet = loads("w[1-6] 10.6.1.[1-6]\nd1 10.6.3.1\n")
    return [str(removal) for removal in removals(ENTRY, old, new, fleet)]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["", "", "", ""], []),
        (["[STOP]", "[STOP]", "", ""], []),
        (["[WARN]", "[WARN]", "[WARN]", "[WARN]"], []),
        (["[STOP]", "[STOP]", "[STOP]", ""], ["tcp 203.0.113.80:80 loses 3 of its 4 members: w1, w2, w3"]),
        (["weight=0", "[STOP]", "[ps STOP]", ""], ["tcp 203.0.113.80:80 loses 3 of its 4 members: w1, w2, w3"]),
        (["[STOP]"] * 4, ["tcp 203.0.113.80:80 is taken away, with all 4 members: w1, w2, w3, w4"]),
        (["", "", "", "", "", ""], []),
    ],
)
def test_more_than_half_waits_for_a_person(states: list[str], expected: list[str]) -> None:
    assert told(text("", "", "", ""), text(*states)) == expected


def test_the_sorry_server_is_no_member() -> None:
    old = text("", "")
    assert told(old, text("[STOP]", "[STOP]")) == ["tcp 203.0.113.80:80 is taken away, with all 2 members: w1, w2"]
    sorry = made(
        "keepalived", f"{PAIR}[ps] vip=203.0.113.80:80 sorry=10.6.9.9:80\n  w1 10.6.1.1 [STOP]\n  w2 10.6.1.2 [STOP]\n"
    )
    assert told(old, sorry[0].content) == ["tcp 203.0.113.80:80 loses all its 2 members: w1, w2"]


def test_a_vip_that_goes_is_a_removal_and_one_that_comes_is_none() -> None:
    extra = "[db] vip=203.0.113.90:3306\n  d1 10.6.3.1\n"
    assert told(text("", extra=extra), text("")) == ["tcp 203.0.113.90:3306 is taken away, with its member: d1"]
    assert told(text(""), text("", extra=extra)) == []


def test_a_file_written_by_hand_counts_as_well() -> None:
    old = b"""! our own
virtual_server 203.0.113.80 80 { protocol TCP
  real_server 10.6.1.1 80 { weight 1 }
  real_server 10.6.7.7 80 { }
  real_server 10.6.7.8 80 { }
}
virtual_server fwmark 3 {
  real_server 10.6.1.2 80 { }
}
"""
    assert told(old, text("", "")) == [
        "tcp 203.0.113.80:80 loses 2 of its 3 members: 10.6.7.7, 10.6.7.8",
        "udp fwmark 3 is taken away, with its member: w2",  # no protocol is said
    ]


def test_where_there_was_nothing_nothing_is_taken_away() -> None:
    assert removals(ENTRY, b"", text("")) == ()
    assert removals(entry_of("motd", template="motd.j2", path="/etc/motd"), b"old", b"new") == ()


def test_an_old_text_that_cannot_be_read_is_told() -> None:
    with pytest.raises(EmitterError, match=r"keepalived\.conf, line 1: its block is not closed"):
        removals(ENTRY, b"virtual_server 203.0.113.80 80 {\n", text(""))


@given(
    st.lists(
        st.sampled_from(
            [
                "virtual_server",
                "real_server",
                "{",
                "}",
                "\n",
                "weight",
                "protocol",
                "203.0.113.80",
                "80",
                '"',
                "!",
                "x",
                "group",
            ]
        ),
        max_size=40,
    ).map(" ".join)
)
@settings(max_examples=150, deadline=None)
def test_no_text_of_a_host_is_too_strange_to_be_compared(text: str) -> None:
    with suppress(EmitterError):
        assert removals(ENTRY, text.encode(), text.encode()) == ()
