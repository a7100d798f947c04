"""A small share of `make fuzz`: hosts that lie, the same lies each time."""

import sys
from pathlib import Path

import pytest

FUZZ = str(Path(__file__).parent / "fuzz")
if FUZZ not in sys.path:
    sys.path.append(FUZZ)
import lies  # noqa: E402 - found by the line above


@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_whatever_a_host_answers_a_value_comes_out_soon_and_in_little_memory(first: int) -> None:
    for number in range(first, first + 500):
        lies.check(number)
