"""What is reckoned out of a large answer is reckoned in turns with the other hosts."""

from __future__ import annotations

import time

import pytest
from bombs import HOST

from matrix_distributor.conversation.answers import BEGIN, END
from matrix_distributor.conversation.exchange import BACKLOG, SHARE, Exchange
from matrix_distributor.conversation.turns import SPAN, by_turns
from matrix_distributor.dialogue import Dialogue, Reply
from matrix_distributor.dialogue.commands import CROWDED, TURN
from matrix_distributor.fleetwork.comparing import held_dialogue


def turns_of(dialogue: Dialogue[object], reply: Reply) -> int:
    """How often it gave others their turn."""
    turns = 0
    command = next(dialogue)
    try:
        while True:
            turns += command is TURN
            command = dialogue.send(Reply(0, b"", b"", 0.0) if command is TURN else reply)
    except StopIteration:
        return turns


def test_steps_are_done_in_turns_and_all_of_them() -> None:
    def slow() -> Dialogue[list[int]]:
        return (yield from by_turns(time.sleep(SPAN) or number for number in range(5)))  # type: ignore[func-returns-value]

    dialogue = slow()
    assert [next(dialogue), *(dialogue.send(Reply(0, b"", b"", 0.0)) for _ in range(4))] == [TURN] * 5
    with pytest.raises(StopIteration) as end:
        next(dialogue)
    assert end.value.value == list(range(5))


def test_a_large_report_is_read_in_turns() -> None:
    report = b"".join(b"S 81a4 root:root - ./x/%08x\n" % number for number in range(100_000))
    report = BEGIN + b"T 41ed root:root\n" + report + b"~\n" + END
    assert turns_of(held_dialogue(HOST, "/x", sudo=False), Reply(0, report, b"", 0.0)) > 3


def test_a_small_one_at_once() -> None:
    reply = Reply(0, BEGIN + b"T 41ed root:root\nS 81a4 root:root - ./x/a\n~\n" + END, b"", 0.0)
    assert turns_of(held_dialogue(HOST, "/x", sudo=False), reply) <= 1


def test_of_hosts_whose_output_waits_those_that_wrote_most_are_to_wait() -> None:
    exchange = Exchange()
    chunk = bytes(64 * 1024)
    while exchange.output("loud", "stdout", chunk) is not CROWDED:
        pass
    assert exchange._total > BACKLOG
    told = [exchange.output("quiet", "stdout", chunk) for _ in range(SHARE // len(chunk) - 1)]
    assert CROWDED not in told
    assert exchange.output("loud", "stdout", b"") is CROWDED


def test_many_small_pieces_fill_the_backlog_as_well() -> None:
    exchange = Exchange()
    pieces = 0
    while exchange.output("loud", "stdout", b"x") is not CROWDED:
        pieces += 1
    assert pieces < BACKLOG // 200
