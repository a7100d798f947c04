"""Decompression keeps to the bound that it is given, in memory as well."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from matrix_common.files.inflation import MOST_MEMBERS, InflationError, inflate, slices


@pytest.mark.parametrize("content", [b"", b"x", bytes(1_000_000), bytes(range(256)) * 5000])
def test_what_is_within_the_bound_comes_whole(content: bytes) -> None:
    assert inflate(gzip.compress(content), len(content)) == content


def test_several_members_and_padding_are_one_content() -> None:
    assert inflate(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(100), 7) == b"one two"


def test_what_follows_a_whole_member_is_passed_over() -> None:
    """As what a login shell prints at its end: the member has a sum of its own."""
    assert inflate(gzip.compress(b"x") + b"and more", 1) == b"x"


def test_one_byte_more_than_the_bound_is_refused() -> None:
    with pytest.raises(InflationError, match="more than 999 bytes"):
        inflate(gzip.compress(bytes(1000)), 999)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no gzip", id="something else"),
        pytest.param(gzip.compress(b"cut" * 100)[:-9], id="cut"),
        pytest.param(gzip.compress(b"cut")[:-1], id="cut in its sum"),
        pytest.param(gzip.compress(b"x")[:-8] + bytes(8), id="a wrong sum"),
        pytest.param(gzip.compress(b"") * (MOST_MEMBERS + 1), id="too many members"),
    ],
)
def test_what_is_no_whole_stream_is_refused(data: bytes) -> None:
    with pytest.raises(InflationError):
        inflate(data, 1000)


def test_a_bomb_takes_no_more_memory_than_the_bound_allows() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    tracemalloc.start()
    try:
        with pytest.raises(InflationError):
            inflate(bomb, 4_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * 4_000_000


def test_it_can_be_done_in_slices() -> None:
    pieces = list(slices(gzip.compress(bytes(1_000_000)), 1_000_000))
    assert len(pieces) > 3
    assert b"".join(pieces) == bytes(1_000_000)
