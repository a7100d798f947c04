"""Commands of this very machine are bounded as those of a host are."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matrix_distributor.conversation import Reach
from matrix_distributor.conversation.exchange import Ended, Exchange
from matrix_distributor.conversation.local import run_here
from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply, Target
from matrix_distributor.dialogue.commands import TURN
from matrix_distributor.identity import Identity
from matrix_distributor.transport import Pool, SSHOptions


def saying(command: Command) -> Dialogue[Reply]:
    return (yield command)


@pytest.mark.parametrize("line", ["yes", "yes >&2", "yes & yes >&2", "cat /dev/zero", "trap '' TERM PIPE; yes"])
def test_output_without_end_is_a_failure(line: str) -> None:
    outcome = run_here("w1", saying(Command(line, output=1_000_000)))
    assert isinstance(outcome, Failure)
    assert outcome.cause == "the command wrote more than 1,000,000 bytes"
    assert outcome.cure


def test_what_is_within_the_bound_comes_whole() -> None:
    outcome = run_here("w1", saying(Command("cat; echo err >&2; exit 7", (b"be", b"in"), output=8)))
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


@pytest.fixture
def reach() -> Iterator[Reach]:
    """A reach by which this machine is w1; nobody listens where w2 is."""
    with Pool(SSHOptions(agent=False)) as pool:
        yield Reach(pool, Identity("w1"))


W1, W2 = Target("w1", "192.0.2.1"), Target("w2", "127.0.0.9", 1)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_every_host_ends_once_whether_it_is_this_machine_or_not(reach: Reach) -> None:
    answers = dict(reach((target, saying(Command("echo hello"))) for target in (W1, W2)))
    assert isinstance(answers[W1], Reply)
    assert answers[W1].stdout == b"hello\n"
    assert isinstance(answers[W2], Failure)
    assert answers[W2].stage == "connect"


def test_what_it_writes_is_an_event_that_comes_before_its_end(reach: Reach) -> None:
    exchange = Exchange()
    command = Command("echo hello", output=lambda stream, chunk: exchange.output("w1", stream, chunk))
    output, ended = reach.events([(W1, saying(command))], exchange)
    assert not isinstance(output, Ended)
    assert output.chunk == b"hello\n"
    assert isinstance(ended, Ended)
    assert ended.begun
    assert exchange._total == 0, "what was taken waits no more"


def test_giving_up_ends_what_runs_on_this_machine(reach: Reach, tmp_path: Path) -> None:
    answers = reach([(W2, saying(Command(""))), (W1, saying(Command(f"echo $$ >{tmp_path}/pid; exec sleep 1000")))])
    assert next(answers)[0] == W2
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    number = int((tmp_path / "pid").read_text())
    assert runs(number)
    answers.close()  # type: ignore[attr-defined]
    wait_for(lambda: not runs(number))


def test_an_end_of_all_leaves_alone_what_an_ended_command_left_behind(reach: Reach, tmp_path: Path) -> None:
    told, heard = tmp_path / "told", tmp_path / "heard"
    os.mkfifo(told)
    left_behind = f"cat {told} >{heard} 2>&1 </dev/null &"
    for target, answer in reach([(W1, saying(Command(left_behind))), (W2, saying(Command("")))]):
        if target == W1:
            assert isinstance(answer, Reply)
            reach.abort("a test ends")
    wait_for(heard.exists)
    telling = os.open(told, os.O_RDWR)  # which waits for no reader
    os.write(telling, b"still there")
    wait_for(lambda: heard.read_text() == "still there")
    os.close(telling)


def test_after_a_stop_this_machine_is_not_begun_either(reach: Reach) -> None:
    reach.stop("stopped by a test")
    ((_, answer),) = reach([(W1, saying(Command("echo hello")))])
    assert isinstance(answer, Failure)
    assert (answer.stage, answer.cause, answer.begun) == ("stop", "not begun: stopped by a test", False)
    (event,) = reach.events([(W1, saying(Command("echo hello")))])
    assert isinstance(event, Ended)
    assert not event.begun


def test_a_bug_of_a_dialogue_is_raised_where_the_answers_are_read(reach: Reach) -> None:
    def wrong() -> Dialogue[None]:
        yield Command("true")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(reach([(W1, wrong()), (W2, saying(Command("")))]))


def test_no_thread_is_left_and_none_is_made_for_hosts_over_ssh(reach: Reach) -> None:
    before = set(threading.enumerate())  # of which one of an earlier test may come to its end meanwhile
    coming = reach.events([(W2, saying(Command("")))])
    next(coming)
    assert set(threading.enumerate()) <= before
    list(coming)
    list(reach([(W1, saying(Command("true")))]))
    wait_for(lambda: set(threading.enumerate()) <= before)
