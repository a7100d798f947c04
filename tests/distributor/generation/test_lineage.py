"""Ancestors: all of them in a row, which a host reads in sh and in perl."""

from importlib.resources import files

import pytest

from matrix_distributor.generation.lineage import IN_FULL, REACH, SHORT, descend, read_lineage, spell_lineage


def line_of(count):
    """The ancestors of generation `count` + 1."""
    line = ()
    for number in range(1, count + 1):
        line = descend(number, f"{number:064x}"[::-1], line)
    return line


@pytest.mark.parametrize("count", [0, 1, IN_FULL, IN_FULL + 1, 1000])
def test_a_lineage_is_read_as_it_was_written(count):
    line = line_of(count)
    assert [number for number, _ in line] == list(range(count, 0, -1))
    assert all(f"{number:064x}"[::-1].startswith(digest) for number, digest in line)
    assert read_lineage(spell_lineage(line)) == line


def test_the_last_ones_are_named_in_full_and_older_ones_in_a_few_bytes():
    line = line_of(1000)
    assert {len(digest) for _, digest in line[:IN_FULL]} == {64}
    assert {len(digest) for _, digest in line[IN_FULL:]} == {SHORT}
    grown = len(spell_lineage(line_of(2001))) - len(spell_lineage(line_of(2000)))
    assert grown == SHORT + 1


def test_it_does_not_grow_for_ever():
    line = tuple((number, "0" * SHORT) for number in range(REACH + 5, 5, -1))
    assert len(descend(REACH + 6, "0" * 64, line)) == REACH
    assert len(read_lineage(b"9 %s\n" % (b"0" * 64) + b"0" * SHORT + b"\n")) == 2


def test_hosts_read_as_far_as_it_reaches():
    scripts = files("matrix_distributor.hostside.scripts")
    assert f"\nreach={REACH} " in scripts.joinpath("install/10_head.sh").read_text()
    assert f"= (5, 30, 65536, {REACH});" in scripts.joinpath("install_pl/10_head.pl").read_text()


@pytest.mark.parametrize(
    ("content", "count"),
    [(b"", 0), (b"\n", 0), (b"0" * SHORT, 0), (b"2 " + b"0" * 64 + b"\nx\n", 1), (b"2 " + b"0" * 63 + b"\n", 0),
     (b"1 " + b"0" * 64 + b"\n" + b"0" * SHORT + b"\n", 1), (b"-1 " + b"0" * 64, 0), (b"\xff" * 9, 0),
     (b"9" * 30 + b" " + b"0" * 64, 0), (b"2 " + b"0" * 64 + b"\n" * 100_000, 1)],
)  # fmt: skip
def test_what_is_none_ends_it(content, count):
    assert len(read_lineage(content)) == count
