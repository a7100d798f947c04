"""Runs one command for a client of the embedded fleet, as sshd would: streams, end of file, exit status, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from paramiko import Channel, Message, SSHException

CHUNK = 32 * 1024
GONE = (OSError, EOFError, SSHException)
"""What a channel raises when its client has gone."""


class RunningCommand:
    """A command of a client, in threads of its own."""

    def __init__(
        self, channel: Channel, line: bytes, home: Path, environment: Mapping[str, str], ended: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._line, self._home, self._environment = line, home, dict(environment)
        self._ended = ended
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="embedded-exec", daemon=True)

    def start(self) -> None:
        """Begin; the channel is closed at the end."""
        self._thread.start()

    def kill(self) -> None:
        """End it and all that it started, as a power cut would."""
        process = self._process
        if process is not None and process.poll() is None:
            for pid in [*descendants(process.pid), process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def join(self, timeout: float) -> None:
        """Wait until it has ended."""
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self._process = process = subprocess.Popen(  # noqa: S603 - the embedded server does what sshd does
                [b"/bin/sh", b"-c", self._line],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._home,
                env=self._environment,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            pumps = [
                threading.Thread(target=self._give, args=(process.stdin,), daemon=True),
                threading.Thread(target=_take, args=(process.stdout, self._channel.sendall), daemon=True),
                threading.Thread(target=_take, args=(process.stderr, self._channel.sendall_stderr), daemon=True),
            ]
            for pump in pumps:
                pump.start()
            for pump in pumps[1:]:
                pump.join()
            status = process.wait()
            with suppress(*GONE):
                self._channel.shutdown_write()
                self._tell(status)
        finally:
            with suppress(*GONE):
                self._channel.close()
            self._ended()

    def _give(self, stdin: IO[bytes]) -> None:
        """What the client sends, until it ends or nobody reads any more."""
        with suppress(*GONE):
            while chunk := self._channel.recv(CHUNK):
                stdin.write(chunk)
                stdin.flush()
        with suppress(OSError):
            stdin.close()

    def _tell(self, status: int) -> None:
        if status >= 0:
            self._channel.send_exit_status(status)
            return
        # RFC 4254 section 6.10; paramiko has no method for it.
        message = Message()
        message.add_byte(bytes([98]))
        message.add_int(self._channel.remote_chanid)
        message.add_string("exit-signal")
        message.add_boolean(False)
        message.add_string(signal.Signals(-status).name.removeprefix("SIG"))
        message.add_boolean(False)
        message.add_string("")
        message.add_string("")
        transport: Any = self._channel.get_transport()
        transport._send_user_message(message)


def _take(stream: IO[bytes], send: Callable[[bytes], None]) -> None:
    """What the command writes, until it ends or the client has gone; then the command meets a closed pipe."""
    with stream, suppress(*GONE):
        while chunk := os.read(stream.fileno(), CHUNK):
            send(chunk)


def descendants(ancestor: int) -> list[int]:
    """The living processes that a process started, and those that they started (/proc/PID/stat, proc(5))."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text("utf-8", "replace")
                state, parent = stat.rpartition(")")[2].split()[:2]
                if state != "Z":
                    children.setdefault(int(parent), []).append(int(entry))
    found: list[int] = []
    level = [ancestor]
    while level:
        level = [child for parent in level for child in children.get(parent, ())]
        found += level
    return found
