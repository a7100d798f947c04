"""Dialogues with this very machine, by its own sh: as over SSH, with streams of any length, and ended on request."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BufferedReader
from typing import IO, Literal, TypeVar, cast

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.commands import CROWDED, Command, Inquiry, Message, Request, Turn
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Reply

T = TypeVar("T")

CHUNK = 64 * 1024

BREATH = 0.05
"""Seconds for which nothing is read when too much waits for the caller."""

BRIEF = 0.3
"""Seconds that one which ends by itself when nobody waits (`hold`) is given after its time, before it is left so."""

GRACE = 3.0
"""Seconds that a command has to end by itself once nobody waits for it any more."""


def run_here(host: str, dialogue: Dialogue[T], timeout: float = 120.0) -> T | Failure:
    """Carry out a dialogue by this machine's own sh; `timeout` in seconds holds for each command without its own."""
    return Here(timeout).converse(host, dialogue)


class Here:
    """The machine that this runs on. `end` may be called from another thread than `converse`."""

    def __init__(self, timeout: float, whole: float | None = None) -> None:
        """`timeout` bounds each command without its own, `whole` a dialogue, in seconds."""
        self._timeout, self._whole = timeout, whole
        self._until = math.inf
        self._running: _Running | None = None
        self._ended = False
        self._lock = threading.Lock()  # a command is either seen by `end`, or not begun after it

    def converse(self, host: str, dialogue: Dialogue[T]) -> T | Failure:
        """Carry out a dialogue."""
        if self._was_ended():
            dialogue.close()
            return _not_begun(host)
        self._until = math.inf if self._whole is None else time.monotonic() + self._whole
        try:
            message = next(dialogue)
            while True:
                reply = self._run(host, message)
                if isinstance(reply, Failure):
                    dialogue.close()
                    return reply
                message = dialogue.send(reply)
        except StopIteration as end:
            value: T = end.value
            return value

    def end(self) -> None:
        """End what runs, and begin nothing more."""
        with self._lock:
            self._ended = True
            running = self._running
        if running is not None:
            running.end()

    def _was_ended(self) -> bool:
        """Asked anew, since another thread may have ended it in the meantime."""
        return self._ended

    def _run(self, host: str, message: Message) -> Reply | Failure:
        if isinstance(message, Turn):
            return Reply(0, b"", b"", 0.0)
        command = _command_of(message)
        limit = self._timeout if command.timeout is None else command.timeout
        try:
            with self._lock:
                if self._ended:
                    return _not_begun(host)
                running = self._running = _Running(command)
        except OSError as error:
            return Failure(
                host, Trouble("command", f"cannot start sh here: {error.strerror}", "see `type sh` on this machine")
            )
        left = max(0.0, self._until - time.monotonic())
        reply = running.wait(min(limit, left), limit if limit <= left or self._whole is None else self._whole)
        self._running = None  # what it left behind in the background is nobody's to end
        if self._was_ended():
            return Failure(host, Trouble("stop", "ended before it was done", "run it again"), begun=True)
        if isinstance(reply, str):
            return Failure(host, Trouble("command", reply, "see on this machine what hangs, or writes without end"))
        return reply


class _Running:
    """One command: a thread that feeds it, and one for each stream that it writes."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._started = time.monotonic()
        self._over = threading.Event()
        self._collected = {"stdout": bytearray(), "stderr": bytearray()}
        self._receive = command.receiver
        self._left = command.limit
        self._lock = threading.Lock()
        self._process = process = subprocess.Popen(  # noqa: S603 - the line that a host would be sent
            ["/bin/sh", "-c", command.line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        stdin, stdout, stderr = (cast(IO[bytes], stream) for stream in (process.stdin, process.stdout, process.stderr))
        self._feeder = self._thread(self._feed, stdin)
        self._readers = [self._thread(self._read, stdout, "stdout"), self._thread(self._read, stderr, "stderr")]

    def wait(self, limit: float, told: float) -> Reply | str:
        """The reply, or why there is none: for one that took longer than `limit` seconds, `told` are said."""
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            late = True
            self._late()
        else:
            late = False
        for reader in self._readers:
            reader.join(BRIEF if late else max(GRACE, limit - (time.monotonic() - self._started)))
        self._over.set()
        self._feeder.join()
        if self._left < 0:
            return f"the command wrote more than {self._command.limit:,} bytes"
        if late:
            return f"the command did not end within {told:g} s"
        code = self._process.returncode
        status = code if code >= 0 else 128 - code
        out, err = (bytes(self._collected[name]) for name in ("stdout", "stderr"))
        return Reply(status, out, err, time.monotonic() - self._started)

    def _late(self) -> None:
        if not self._command.hold:
            self.end()
            self._process.wait()
            return
        self._over.set()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(BRIEF)
            return
        self._thread(self._reap)

    def _reap(self) -> None:
        self._process.wait()

    def end(self, grace: float = GRACE) -> None:
        """Let it see that nobody waits; what has not ended after the grace is killed with all of its group."""
        self._over.set()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _thread(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        return thread

    def _feed(self, stdin: IO[bytes]) -> None:
        with suppress(BrokenPipeError), stdin:
            for chunk in _chunks(self._command.stdin):
                stdin.write(chunk)
                stdin.flush()
                if self._over.is_set():
                    break
            if self._command.hold:
                self._over.wait()

    def _read(self, stream: BufferedReader, name: Literal["stdout", "stderr"]) -> None:
        with stream:
            while chunk := stream.read1(CHUNK):
                if self._receive is not None:
                    if self._receive(name, chunk) is CROWDED:
                        time.sleep(BREATH)
                elif not self._collect(name, chunk):
                    return

    def _collect(self, name: Literal["stdout", "stderr"], chunk: bytes) -> bool:
        """Keep what is within the bound; beyond it the command is ended, and there is no reply."""
        with self._lock:
            self._left -= len(chunk)
            if self._left >= 0:
                self._collected[name] += chunk
                return True
            self._collected = {"stdout": bytearray(), "stderr": bytearray()}
        self.end(grace=0)
        return False


def _command_of(message: Command | Inquiry | Request) -> Command:
    """What is said of it to this machine's own sh."""
    if isinstance(message, Request):
        return message.command
    if isinstance(message, Inquiry):
        return Command(message.line, timeout=message.timeout, output=message.limit)
    return message


def _not_begun(host: str) -> Failure:
    return Failure(host, Trouble("stop", "not begun: stopped before its turn", "run it again"))


def _chunks(stdin: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return (stdin,) if isinstance(stdin, bytes) else stdin
