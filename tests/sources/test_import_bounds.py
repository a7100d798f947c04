"""What a foreign text costs: no more than in proportion to its length, whatever its lines say."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from matrix_sources.ansible.ini import _split, read_ini
from matrix_sources.files.genders import read_genders
from matrix_sources.registry import draft


@given(st.text(alphabet=" \t'\"#\\a=é\u00a0", max_size=14))
def test_the_words_of_a_line_of_an_inventory_are_those_of_shlex(line: str) -> None:
    try:
        wanted = shlex.split(line, comments=True)
    except ValueError:
        wanted = None
    try:
        assert _split(line) == wanted
    except ValueError:
        assert wanted is None


def test_ranges_stand_for_a_bounded_number_of_names_in_all() -> None:
    genders = read_genders("".join(f"w[1-99999] a{n}\n" for n in range(40)))
    inventory = read_ini("".join(f"w[1:99999] a={n}\n" for n in range(40)))
    assert len(genders.hosts) == len(inventory.hosts) == 99_999
    for outline in (genders, inventory.outline):
        told = [left.line for left in outline.leftovers if "more than 500,000 names in all" in left.reason]
        assert told == list(range(6, 41))


def test_groups_within_groups_give_hosts_a_bounded_number_of_roles() -> None:
    lines = ["[g60]", "w[1:10000]"]
    for number in range(60):
        lines += [f"[g{number}:children]", f"g{number + 1}", f"[g{number}:vars]", "a=1"]
    made = draft("ansible", "\n".join(lines) + "\n", "x")
    assert made.hosts == 10_000
    assert [left.text for left in made.leftovers if "more than 500,000 roles together" in left.reason] == ["g60"]


def test_a_site_for_each_row_is_written_once() -> None:
    made = draft("csv", "name,site\n" + "".join(f"w{n},s{n * 7919 % 5000}\n" for n in range(5000)), "x")
    assert made.hosts == 5000
