"""Commands of this very machine are bounded as those of a host are."""

from __future__ import annotations

import pytest

from matrix_distributor.conversation.local import run_here
from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply
from matrix_distributor.dialogue.dialogue import TURN


def saying(command: Command) -> Dialogue[Reply]:
    return (yield command)


@pytest.mark.parametrize("line", ["yes", "yes >&2", "yes & yes >&2", "cat /dev/zero", "trap '' TERM PIPE; yes"])
def test_output_without_end_is_a_failure(line: str) -> None:
    outcome = run_here("w1", saying(Command(line, limit=1_000_000)))
    assert isinstance(outcome, Failure)
    assert outcome.cause == "the command wrote more than 1,000,000 bytes"
    assert outcome.cure


def test_what_is_within_the_bound_comes_whole() -> None:
    outcome = run_here("w1", saying(Command("cat; echo err >&2; exit 7", b"in", preface=b"be", limit=8)))
    assert isinstance(outcome, Reply)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (7, b"bein", b"err\n")


def test_a_command_that_takes_too_long_is_ended() -> None:
    outcome = run_here("w1", saying(Command("cat", hold=True, timeout=0.1)))
    assert isinstance(outcome, Failure)
    assert "did not end within 0.1 s" in outcome.cause


def test_a_turn_costs_nothing() -> None:
    def dialogue() -> Dialogue[str]:
        reply = yield TURN
        return "done" if reply == Reply(0, b"", b"", 0.0) else ""

    assert run_here("w1", dialogue()) == "done"
