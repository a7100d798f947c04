"""A program from its first word to its end, whatever its caller made of its streams.

What it printed has come out, or it says that it has not; a reader that goes away and Ctrl-C end it without a traceback.
"""

from __future__ import annotations

import gc
import io
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from .safe_stream import SafeStream, guard_standard_error
from .safe_text import safe

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

UNWRITTEN: Final = 2
"""The exit status of a program whose standard output, or another file, cannot be written."""

_AGAIN = 0.01
"""Seconds after which an interrupt is given once more that nobody could take."""


class OutputLost(BaseException):
    """What is printed does not come out. It is no OSError: who looks for trouble with another file must not find it."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Interrupted(BaseException):
    """Ctrl-C. It is no KeyboardInterrupt, of which click and others make something of their own."""


class _Output(io.FileIO):
    """Standard output. Nobody who reads as slowly as he likes loses anything, also where it must not be waited for."""

    def write(self, chunk: ReadableBuffer, /) -> int:
        try:
            while (done := super().write(chunk)) is None:
                select.select([], [self], [])
        except OSError as error:
            raise OutputLost(error) from error
        return done


class _Interrupts:
    """What Ctrl-C does: nothing where it does not reach the program, or amid what must not be left half done."""

    def __init__(self) -> None:
        self.held = 0
        self.pending = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.held:
            self.pending = True
        else:
            raise Interrupted


_interrupts = _Interrupts()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C waits until this is done: for what is short, and leaves something behind where it is broken off."""
    _interrupts.held += 1
    try:
        yield
    finally:
        _interrupts.held -= 1
        if _interrupts.pending and not _interrupts.held:
            _interrupts.pending = False
            raise Interrupted


def run_program(name: str, work: Callable[[], object]) -> None:
    """Do the work of the command `name`, and end with the status that it ends with (SystemExit).

    A stream that the caller has closed is /dev/null: what is printed there is not wanted, and nothing can be read. What
    is written to standard error and does not come out is lost, and no trouble. Where standard output takes nothing the
    status is 2; where its reader went away, or after Ctrl-C, the process ends by the signal, as the shell expects.
    """
    guard_standard_streams()
    ours = signal.getsignal(signal.SIGINT) != signal.SIG_IGN
    if ours:
        sys.unraisablehook = _give_again
        signal.signal(signal.SIGINT, _interrupts)
    try:
        try:
            work()
        finally:
            sys.stdout.flush()
            gc.freeze()  # the interpreter goes down without looking once more at each object for circles
    except OutputLost as lost:
        _print_nothing_more()
        if isinstance(lost.cause, BrokenPipeError):
            _end_by(signal.SIGPIPE)
        _end(f"{name}: cannot write to standard output: {lost.cause.strerror}")
    except Interrupted:
        _end_interrupted(name)
    except OSError as error:
        _end(f"{name}: {said_of(error)}")
    except Exception as error:
        if not isinstance(error.__cause__, Interrupted):
            raise
        _end_interrupted(name)  # amid the making of a class, of which Python 3.11 makes an error of its own
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def guard_standard_streams() -> None:
    """Every stream is open from now on, and nothing raw reaches a terminal by standard output and error."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # For writing alone, so that to read from it fails as from what is closed.
            descriptor = os.open(os.devnull, os.O_WRONLY)
            os.set_inheritable(descriptor, descriptor <= 2)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(descriptor, mode, closefd=False))  # noqa: SIM115 - until the end
    guard_standard_error()
    given = sys.stdout
    output = _Output(given.fileno(), "wb", closefd=False)
    sys.stdout = SafeStream(io.BufferedWriter(output), given.encoding, given.errors, line_buffering=output.isatty())


def said_of(error: OSError) -> str:
    """What the system said, and of which file."""
    place = f"{error.filename}: " if error.filename is not None else ""
    return safe(place + reason_of(error))


def reason_of(error: OSError) -> str:
    """What the system said, to go on with behind a colon: `no space left on device`. Names in it stay as they are."""
    reason = error.strerror or str(error) or type(error).__name__
    return reason[0].lower() + reason[1:]


def _end(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    sys.exit(UNWRITTEN)


def _end_interrupted(name: str) -> NoReturn:
    print(f"{name}: interrupted", file=sys.stderr)
    _print_nothing_more()
    _end_by(signal.SIGINT)


def _print_nothing_more() -> None:
    """What is left in the buffers would be tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_by(number: signal.Signals) -> NoReturn:
    """End as by that signal, so that who waits for the process knows: a loop of a shell ends with it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)  # where the signal is blocked


def _give_again(lost: sys.UnraisableHookArgs) -> None:
    """An interrupt that came where Python drops it (in a `__del__`) comes once more."""
    if lost.exc_type is Interrupted:
        signal.signal(signal.SIGALRM, _interrupts)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    else:
        sys.__unraisablehook__(lost)
