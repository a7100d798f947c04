"""Hosts whose sshd lets in one session for a connection (`MaxSessions 1`)."""

from collections.abc import Iterator

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Command, Reply, Request, Resident, Target
from matrix_distributor.transport import Pool, SSHOptions


@pytest.fixture(scope="module")
def narrow() -> Iterator[SshdFleet]:
    require("root", "sshd")
    with SshdFleet(3, sshd_config="MaxSessions 1\n") as fleet:
        yield fleet


PROGRAM = """\
n=0
while read -r verb size; do
    echo taken
    echo "reply 7 ${#n} 0"
    printf %s $n
    n=$((n + 1))
done
"""


def request():
    """One for a program that tells how many it has had before."""
    return Request("echo instead", resident=Resident(f"exec sh -c '{PROGRAM}'", "count"))


def ask(pool, target, *commands):
    def dialogue():
        replies = []
        for command in commands:
            replies.append((yield command))
        return replies

    [(_, outcome)] = pool.converse([(target, dialogue())])
    return outcome


def many(count):
    """Commands in a row, with little and with much to read."""
    replies = []
    for number in range(count):
        line = f"head -c 300000 /dev/zero; exit {number}" if number % 2 else f"exit {number}"
        replies.append((yield Command(line)))
    return replies


@pytest.mark.parametrize("keep", [False, True])
def test_commands_one_after_the_other(narrow, keep):
    with Pool(SSHOptions(config=narrow.ssh_config), keep=keep) as pool:
        for _ in range(2):
            for _, replies in pool.converse([(Target(name, "-"), many(60)) for name in narrow.names]):
                assert [reply.status for reply in replies] == list(range(60))


def test_a_program_that_stands_ready_gives_way_and_comes_again(narrow):
    one = Target("h1", "-")
    with Pool(SSHOptions(config=narrow.ssh_config), keep=True) as pool:
        said = ask(pool, one, request(), Command("exit 5"), Command("exit 6"), request(), request(), Command("exit 8"))
    assert [reply.status for reply in said] == [7, 5, 6, 7, 7, 8]
    assert [said[number].stdout for number in (0, 3, 4)] == [b"0", b"0", b"1"]


def test_no_session_at_all_is_said_so():
    require("root", "sshd")
    with SshdFleet(1, sshd_config="MaxSessions 0\n") as fleet, Pool(SSHOptions(config=fleet.ssh_config)) as pool:
        failure = ask(pool, Target("h1", "-"), Command("true"))
    assert "the host opens no session" in failure.cause
    assert not isinstance(failure, Reply)
