"""What a program does with its streams and with Ctrl-C: each promise of `run_program` by a small program of its own."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

START = """
import atexit, os, signal, subprocess, sys, time
from matrix_common.terminal import run_program
from matrix_common.terminal.program import Interrupted, undisturbed
def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
def work():
"""
INTERRUPTED = (-signal.SIGINT, "test: interrupted\n")


def program(work: str) -> list[str]:
    indented = "".join(f"    {line}\n" for line in work.splitlines())
    return [sys.executable, "-c", f"{START}{indented}run_program('test', work)\n"]


def run(work: str, **how: Any) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a program that does this work."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    done = subprocess.run(program(work), text=True, timeout=60, check=False, env=environment, **streams)
    return done.returncode, done.stdout or "", done.stderr


@pytest.mark.needs("/dev/full")
@pytest.mark.parametrize("caught", ["OSError", "Exception"])
def test_who_looks_for_another_trouble_does_not_find_that_of_the_output(caught: str) -> None:
    work = f"try:\n    print('x' * 100000)\nexcept {caught}:\n    print('not mine', file=sys.stderr)"
    with Path("/dev/full").open("wb") as full:
        found = run(work, stdout=full)
    assert found == (2, "", "test: cannot write to standard output: No space left on device\n")


def test_a_reader_that_is_slow_loses_nothing_of_a_stream_that_does_not_wait() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(program("print('x' * 4_000_000)"), stdout=writing, env=environment) as process:
        os.close(writing)
        with open(reading, "rb") as pipe:
            assert len(pipe.read()) == 4_000_001
    assert process.returncode == 0


def test_a_line_is_on_the_terminal_when_it_is_printed() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    line = program("print('asked')\nsys.stdin.readline()")
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=theirs, env=environment) as process:
        ready, _, _ = select.select([ours], [], [], 30)
        process.communicate(b"answered\n", timeout=60)
    os.close(theirs)
    assert ready
    assert os.read(ours, 100) == b"asked\r\n"
    os.close(ours)


def test_from_a_closed_input_nothing_can_be_read() -> None:
    status, _, said = run("sys.stdin.read()", preexec_fn=lambda: os.close(0))
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("test: ")


def test_what_it_starts_has_the_streams_that_were_closed() -> None:
    """Without them the first file that it opens would be its standard output."""
    found = run("sys.exit(subprocess.run(['echo', 'lost'], check=False).returncode)", preexec_fn=lambda: os.close(1))
    assert found == (0, "", "")


def test_a_file_that_cannot_be_had_is_a_line_and_a_mistake_of_the_program_is_not() -> None:
    assert run("open('/nowhere/at/all')") == (2, "", "test: /nowhere/at/all: no such file or directory\n")
    status, _, said = run("raise ValueError('wrong')")
    assert (status, "Traceback" in said) == (1, True)


def test_ctrl_c_is_no_keyboard_interrupt_and_what_was_printed_has_come_out() -> None:
    status, out, said = run("print('before')\ntry:\n    interrupt()\nexcept KeyboardInterrupt:\n    print('mine')")
    assert ((status, said), out) == (INTERRUPTED, "before\n")


def test_ctrl_c_that_the_caller_ignores_stays_ignored() -> None:
    found = run("interrupt()\nprint('done')", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert found == (0, "done\n", "")


def test_ctrl_c_where_python_drops_it_comes_once_more() -> None:
    work = (
        "class Dropping:\n    def __del__(self):\n        interrupt()\n"
        "Dropping()\nfor _ in range(1000):\n    time.sleep(0.01)\nprint('went on')"
    )
    status, out, said = run(work)
    assert ((status, said), out) == (INTERRUPTED, "")


def test_what_must_not_be_left_half_done_is_done_before_ctrl_c_counts() -> None:
    work = (
        "with undisturbed():\n    with undisturbed():\n        interrupt()\n        print('inner')\n"
        "    print('outer')\nprint('after')"
    )
    status, out, said = run(work)
    assert ((status, said), out) == (INTERRUPTED, "inner\nouter\n")


def test_ctrl_c_after_the_work_just_ends_it() -> None:
    status, out, said = run("atexit.register(interrupt)\nprint('done')")
    assert (status, out, said) == (-signal.SIGINT, "done\n", "")


def test_where_a_signal_is_blocked_the_status_tells_of_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    found = run("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])\nprint('x')", stdout=writing)
    os.close(writing)
    assert found == (128 + signal.SIGPIPE, "", "")
