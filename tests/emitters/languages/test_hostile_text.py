from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_drivers import Question

from matrix_emitters.bindings import build
from matrix_grammar import Fleet
from matrix_grammar.model import Group, Host, Membership, PropertyType, Role, RoleSection, State, StateKind
from matrix_grammar.reading import loads

NASTY = [
    "'", '"', "\\", "\\\\", "\\'", "'''", '"""', "`touch x`", "$(touch x)", "${HOME}", "$x",
    "@{[ system 'touch x' ]}", "@x", "%s", "#{`touch x`}", "${require('fs').writeFileSync('x','')}",
    "<?php touch('x'); ?>", "?>", "*/", "//", "#", "=begin", "=cut", "__END__", "__DATA__", "</script>", "<!--",
    "EOD", "\n", "\r", "\r\n", "\t", "\n\nrole\tps\t\t\tx\t=\t\t\n", "a\nb", " ", "  two  blanks  ", ",",
    "a,b,", "a=b", "a:b=c d=e", "\\s", "\\n", "\\x41", "\x00", "\x01", "\x07", "\x1b[31mred\x1b[0m", "\x7f",
    "\x85", "\x9b31m", "\u2028", "\u2029", "\ufeff", "é", "日本語", "\U0001f4a9", "\u202e", "", "true", "0",
    "null", "{{ x }}", "{% x %}",
]  # fmt: skip


def fleet_of(reason: str, note: str, value: str, items: tuple[str, ...], meaning: str, place: str) -> Fleet:
    """Two hosts and a role in which every text that a person may choose is given."""
    catalogue: dict[str, Role] = {}
    one = Host(
        "w1",
        ("192.0.2.1",),
        "w1.example.jp",
        site=place,
        rack=place,
        state=State("WARN", True, reason),
        memberships=(Membership("ps", {"x": value, "xs": items}, State("SLOW", True, reason)),),
        properties={"y": value, "ys": items},
        defaults={"z": value},
        note=note,
        catalogue=catalogue,
    )
    other = Host("w2", (), "w2", memberships=(Membership("ps"),), defaults={"z": value}, catalogue=catalogue)
    sections = (RoleSection(None, {"r": value}), RoleSection(place, {"r": meaning, "rs": items}))
    catalogue["ps"] = Role("ps", meaning, sections, None, (one, other))
    states = {name: StateKind(name, True, meaning) for name in ("WARN", "SLOW")}
    types = {name: PropertyType(name) for name in ("x", "xs", "y", "ys", "z", "r", "rs")}
    return Fleet((one, other), catalogue, {"g": Group("g", meaning, ("w1", "w2"))}, states, types)


def asked_of(fleet: Fleet) -> list:
    place = fleet.hosts[0].site
    asked = [
        ("reason", "w1"),
        ("reason", "w1", "ps"),
        ("note", "w1"),
        ("site", "w1"),
        ("rack", "w1"),
        ("meaning", "ps"),
    ]
    asked += [(name, "w1", key) for name in ("get", "texts") for key in ("y", "ys", "z", "x")]
    asked += [(name, "w1", "ps", key) for name in ("get_in", "texts_in") for key in ("x", "xs", "y", "r", "rs")]
    asked += [
        ("get_in", "w2", "ps", "r"),
        ("get_in", "w2", "ps", "rs"),
        ("role_get", "ps", "r"),
        ("role_get", "ps", "rs"),
    ]
    asked += [("role_get_at", "ps", place, "r"), ("role_texts_at", "ps", place, "rs"), ("sites",), ("hosts", "ps")]
    return [Question(name, tuple(arguments)) for name, *arguments in asked]


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
def test_no_control_character_of_a_text_lies_in_a_file(nasty):
    fleet = fleet_of(nasty, nasty, nasty, (nasty, nasty), nasty, nasty or "site")
    for artifact in build(fleet, 1, only=["perl", "php", "python", "json", "ruby", "javascript"]):
        found = set(re.findall(r"[\x00-\x1f\x7f]", artifact.content.decode()))
        assert found <= {"\n", "\t"}, artifact.path


@pytest.mark.parametrize("place", ["plain", "a b", "a:b=c,d", "\\s", "é\x1b[0m"])
def test_hostile_text_is_answered_as_it_is_and_nothing_runs(language, place, agrees):
    together = "\n".join(NASTY)
    fleet = fleet_of(together, together, together, tuple(NASTY), together, place)
    agrees(language, fleet, asked_of(fleet))


@pytest.mark.parametrize("name", ["perl", "php", "python", "ruby", "javascript"])
def test_any_text_comes_back(name, languages, tmp_path_factory, compare):
    texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(texts, texts, texts, st.lists(texts, min_size=1, max_size=3).map(tuple), texts, texts.filter(bool))
    def holds(reason, note, value, items, meaning, place):
        fleet = fleet_of(reason, note, value, items, meaning, place)
        compare(languages[name], fleet, asked_of(fleet), tmp_path_factory.mktemp("root"))

    holds()


WRITTEN = r"""
[ps] "it's \"so\" \\ $(touch x) `touch x` ?> ''' @{[ 1 ]} #{1} ${1} </script>"  k="a\nb\tc\\n é 日本語"
  w1 192.0.2.1 [WARN: it's `touch x` $(touch x) \ \n "é" ?> </script> ${1}] "a \"note\" ?>"
"""


def test_what_a_person_may_write(language, agrees):
    asked = [("reason", "w1"), ("note", "w1"), ("meaning", "ps"), ("get_in", "w1", "ps", "k"), ("role_get", "ps", "k")]
    agrees(language, loads(WRITTEN), [Question(name, tuple(arguments)) for name, *arguments in asked])
