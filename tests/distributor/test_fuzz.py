"""A small share of `make fuzz`: hosts that lie, SSH servers that do, and streams to hosts; the same ones each time."""

import sys
from pathlib import Path

import pytest
from matrix_parts import require

FUZZ = str(Path(__file__).parent / "fuzz")
if FUZZ not in sys.path:
    sys.path.append(FUZZ)
import deltas  # noqa: E402 - found by the line above
import lies  # noqa: E402
import servers  # noqa: E402
import streams  # noqa: E402


@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_whatever_a_host_answers_a_value_comes_out_soon_and_in_little_memory(first: int) -> None:
    for number in range(first, first + 500):
        lies.check(number)


def test_whatever_is_streamed_to_a_host_root_leaves_nothing_but_a_generation() -> None:
    require("root", "sshd", "ssh", "ssh-keygen", "sudo", "visudo")
    with streams.enrolled_hosts() as hosts:
        for host in hosts.names:
            assert streams.check(hosts, host, lies.generation(), 1, 60) == ""


@pytest.mark.parametrize("number", range(6))
def test_whatever_ssh_servers_say_each_has_an_outcome_in_its_time_and_at_little_cost(number: int) -> None:
    require("ssh-keygen")
    servers.check(number)


def test_whatever_is_said_to_change_a_host_has_one_generation_or_the_other_and_nothing_else() -> None:
    require("perl", "flock", "gzip")
    assert deltas.check(2400, 80) == ""
