"""Output of many hosts on one terminal: whole lines with the host in front, and a line of progress below them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from typing import BinaryIO

from matrix_common.terminal import safe, styled

LONGEST = 64 * 1024
"""Bytes after which a line is broken, so that a host that never ends its line does not fill our memory."""

WIDTH = 24


class Screen:
    """Standard output and error for many hosts. On a terminal a line of progress follows what is written."""

    def __init__(self, name: str, hosts: Iterable[str], *, quiet: bool = False) -> None:
        self._name = name
        self._left: dict[str, float | None] = dict.fromkeys(hosts)
        self._total = len(self._left)
        self._bad = 0
        self._partial: dict[tuple[str, str], bytearray] = {}
        self._lock = threading.Lock()
        self._shown = sys.stderr.isatty() and not quiet and self._total > 1
        self._progress_goes_to = styled(sys.stderr)
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._terminals = {name: getattr(sys, name).isatty() for name in ("stdout", "stderr")}

    def __enter__(self) -> Screen:
        if self._shown:
            now = time.monotonic()
            self._left = dict.fromkeys(self._left, now)
            self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._shown:
            self._ticker.join()
            self._wipe()

    def output(self, host: str, label: str, stream: str, chunk: bytes) -> None:
        """Write the lines of a chunk that are whole, with the label in front; keep the rest for later."""
        rest = self._partial.setdefault((host, stream), bytearray())
        found = chunk.rfind(b"\n") + 1  # in the chunk alone: what is kept has none
        end = len(rest) + found if found else 0
        rest += chunk
        if not end and len(rest) > LONGEST:
            end = len(rest)
        if end:
            lines = bytes(rest[:end])
            del rest[:end]
            self._write(label, stream, lines)

    def flush(self, host: str, label: str) -> None:
        """Write what a host left without an end of line."""
        for stream in ("stdout", "stderr"):
            rest = self._partial.pop((host, stream), None)
            if rest:
                self._write(label, stream, bytes(rest))

    def done(self, host: str, *, good: bool) -> None:
        """A host has ended."""
        self._left.pop(host, None)
        self._bad += not good

    def say(self, line: str, stream: str = "stderr") -> None:
        """Write a line of our own about a host."""
        self._write("", stream, safe(line).encode() + b"\n")

    def _write(self, label: str, stream: str, lines: bytes) -> None:
        terminal = self._terminals[stream]
        front = f"{label}: ".encode() if label else b""
        pieces = []
        for line in lines.removesuffix(b"\n").split(b"\n"):
            pieces.append(front + (line.removesuffix(b"\r") if terminal else line) + b"\n")
        with self._lock:
            if self._shown:
                self._wipe()
            buffer: BinaryIO = getattr(sys, stream).buffer
            buffer.write(b"".join(pieces))
            buffer.flush()

    def _wipe(self) -> None:
        self._progress_goes_to.write("\r\x1b[K")
        self._progress_goes_to.flush()

    def _tick(self) -> None:
        while not self._over.wait(0.1):
            with self._lock:
                self._progress_goes_to.write(f"\r\x1b[K{safe(self._progress())}")
                self._progress_goes_to.flush()

    def _progress(self) -> str:
        done = self._total - len(self._left)
        filled = WIDTH * done // self._total
        line = f"{self._name} [{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{self._total}"
        if self._bad:
            line += f", {self._bad} not ok"
        slowest = next(iter(self._left.items()), None)
        if slowest is not None and slowest[1] is not None:
            line += f", waiting for {slowest[0]} ({time.monotonic() - slowest[1]:.0f} s)"
        return line
