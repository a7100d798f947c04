"""Ctrl-C twice at once, or amid a pause: the handler of the second one runs inside that of the first."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from matrix_console.fleetwork.asked import interruptible
from matrix_distributor.reflect import ApplyOptions, Rollout
from matrix_grammar.reading import loads


class Working:
    """Work that is interrupted once more while it is told to stop."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.depth = 0

    def stop(self, why: str) -> None:
        self.depth += 1
        assert self.depth == 1, "it is told while it is told"
        self.told.append("stop")
        os.kill(os.getpid(), signal.SIGINT)
        self.told.append("stopped")
        self.depth -= 1

    def abort(self, why: str) -> None:
        assert not self.depth, "it is told while it is told"
        self.told.append("abort")
        self.why = why


def test_the_second_is_taken_after_the_first() -> None:
    working = Working()
    with interruptible(working, "test"):
        os.kill(os.getpid(), signal.SIGINT)
    assert working.told == ["stop", "stopped", "abort"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_does_so_at_once_and_afterwards_is_what_it_was(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    working = Working()
    with interruptible(working, "test") as stopping:
        assert not stopping()
        os.kill(os.getpid(), number)
        assert stopping()
    assert (working.told, working.why) == (["abort"], f"ended by {number.name}")
    assert signal.getsignal(number) is before


def test_a_pause_that_is_interrupted_at_any_instruction_comes_to_its_end() -> None:
    """As by a signal at the n-th line of the pause, for every n: what is told to stop must not wait for itself."""
    for step in itertools.count(1):
        carrier = Rollout(loads("[ps]\n  w1 10.0.0.1\n"), lambda pairs: iter(()), ApplyOptions())
        lines = itertools.count(1)

        def traced(*_: object, carrier: Rollout = carrier, lines: Iterator[int] = lines, step: int = step) -> object:
            if next(lines) == step:
                carrier.stop("interrupted")
            return traced

        sys.settrace(traced)  # type: ignore[arg-type]
        try:
            carrier._wait(0.001)
        finally:
            sys.settrace(None)
        if next(lines) <= step:
            assert step > 3
            break


def test_a_pause_ends_when_it_is_told_to_stop() -> None:
    carrier = Rollout(loads("[ps]\n  w1 10.0.0.1\n"), lambda pairs: iter(()), ApplyOptions())
    begun = threading.Event()

    def pause() -> None:
        begun.set()
        carrier._wait(86400.0)

    waiting = threading.Thread(target=pause, daemon=True)
    waiting.start()
    begun.wait()
    carrier.stop("stopped")
    waiting.join(60)
    assert not waiting.is_alive()


def test_an_interrupt_amid_the_making_of_a_class_is_an_interrupt() -> None:
    """Python 3.11 makes a RuntimeError of whatever is raised there, as while a dataclass is imported."""
    program = (
        "import os, signal\n"
        "from matrix_common.terminal import run_program\n"
        "class Interrupting:\n"
        "    def __set_name__(self, owner, name):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "def work():\n"
        "    class Made:\n"
        "        field = Interrupting()\n"
        "run_program('test', work)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "test: interrupted\n")
