"""The one place where a program writes to a terminal: whoever forgets to make a text safe has it made safe here."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from .safe_text import safe_bytes, safe_lines

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class SafeStream(io.TextIOWrapper):
    """Standard output or error. What is written to it as text is a person's: nothing in it moves a cursor.

    `buffer` takes data, such as the answer of a host or the text of a configuration: on a terminal it is made safe too,
    in a pipe or a file it stays byte for byte. `styled` takes text with our own colours and cursor movement, in which
    everything of others was made safe before.
    """

    def __init__(
        self, below: io.BufferedWriter | io.FileIO, encoding: str, errors: str | None, *, line_buffering: bool = False
    ) -> None:
        usable = "utf-8" if encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") else encoding
        at_once = isinstance(below, io.FileIO)
        super().__init__(cast(BinaryIO, below), usable, errors, line_buffering=line_buffering, write_through=at_once)
        self.styled = cast(TextIO, _Styled(self, super().write))
        self._data = _Data(self, cast(BinaryIO, super().buffer))

    def write(self, text: str, /) -> int:
        """Write a text, made safe."""
        super().write(safe_lines(text))
        return len(text)

    @property
    def buffer(self) -> BinaryIO:
        """For data: made safe on a terminal alone."""
        return cast(BinaryIO, self._data)


class _Whole(io.FileIO):
    """Standard error: takes a write whole, without a buffer, since a signal handler may write amid a write.

    What does not come out (a full disk, a reader that went away or reads too slowly) is lost: no work is broken off
    for a message, and its exit status says how it went.
    """

    def write(self, content: ReadableBuffer, /) -> int:
        rest = memoryview(content).cast("B")
        whole = len(rest)
        while rest:
            try:
                done = super().write(rest)
            except OSError:
                break
            if done is None:
                break
            rest = rest[done:]
        return whole


class _Styled:
    """A stream for text that is safe already and has our own escape sequences."""

    def __init__(self, stream: SafeStream, write: object) -> None:
        self._stream = stream
        self.write = write

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _Data(io.BufferedIOBase):
    """A stream for bytes, in one order with what is written as text."""

    def __init__(self, stream: SafeStream, below: BinaryIO) -> None:
        self._stream = stream
        self._below = below
        self._terminal = stream.isatty()

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes; on a terminal they are taken for UTF-8."""
        whole = bytes(content)
        self._stream.flush()
        if self._terminal:
            text = safe_bytes(whole).decode()
            self._below.write(text.encode(self._stream.encoding, "backslashreplace"))
        else:
            self._below.write(whole)
        return len(whole)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """All that was written goes out; nothing is left where the file below is closed, as when both are let go."""
        if not self._below.closed:
            self._below.flush()

    def fileno(self) -> int:
        """The descriptor of the file."""
        return self._below.fileno()

    def isatty(self) -> bool:
        """Whether a terminal is there."""
        return self._terminal


def styled(stream: TextIO) -> TextIO:
    """A stream for text with our own colours, in which all else was made safe; other streams as they are."""
    return stream.styled if isinstance(stream, SafeStream) else stream


def guard_standard_error() -> None:
    """From now on nothing raw reaches the standard error of this process: messages, logs, tracebacks."""
    if sys.stderr is not None:
        file = _Whole(sys.stderr.fileno(), "wb", closefd=False)
        sys.stderr = SafeStream(file, sys.stderr.encoding, sys.stderr.errors)
