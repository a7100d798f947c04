"""A dialogue carried out on this machine, where the origin is itself one of the hosts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from typing import TypeVar

from .transport import Command, Dialogue, Failure, Reply

T = TypeVar("T")


def run_here(host: str, dialogue: Dialogue[T], timeout: float = 120.0) -> T | Failure:
    """Carry out a dialogue by this machine's own sh; `timeout` in seconds holds for each command without its own."""
    try:
        command = next(dialogue)
        while True:
            reply = _run(host, command, timeout)
            if isinstance(reply, Failure):
                dialogue.close()
                return reply
            command = dialogue.send(reply)
    except StopIteration as end:
        value: T = end.value
        return value


def _run(host: str, command: Command, timeout: float) -> Reply | Failure:
    limit = command.timeout or timeout
    started = time.monotonic()
    try:
        child = subprocess.Popen(
            ["sh", "-c", command.line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        return Failure(host, "command", f"cannot start sh here: {error.strerror}", "see `type sh` on this machine")
    with child:
        try:
            stdout, stderr = child.communicate(command.preface + _bytes(command.stdin), limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return Failure(host, "command", f"no end after {limit:g} s on this machine", "see what holds it up")
    if command.on_output is not None:
        command.on_output("stdout", stdout)
        command.on_output("stderr", stderr)
        stdout = stderr = b""
    status = child.returncode if child.returncode >= 0 else 128 - child.returncode
    return Reply(status, stdout, stderr, time.monotonic() - started)


def _bytes(stdin: bytes | Iterable[bytes]) -> bytes:
    return stdin if isinstance(stdin, bytes) else b"".join(stdin)
