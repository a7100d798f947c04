"""A command from its first word to its exit status: what it printed has come out, or it says that it has not."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

UNWRITTEN = 2
"""The exit status of a command whose standard output cannot be written, as of one that cannot write a file."""


class _Output(io.FileIO):
    """A file that remembers why it could not be written."""

    trouble: OSError | None = None

    def write(self, chunk: ReadableBuffer, /) -> int:
        try:
            return super().write(chunk)
        except OSError as error:
            self.trouble = error
            raise


def run(command: click.Command, name: str) -> None:
    """Run a command by the words of this process, and end with its exit status.

    Whatever it writes passes a stream that lets nothing raw reach a terminal. A reader that went away is left to click,
    which ends without a word.
    """
    from matrix_grammar import SafeStream, guard_standard_error

    guard_standard_error()
    if sys.stdout is None:  # closed by the caller (`>&-`): what is printed is not wanted
        command.main(prog_name=name)
    output = _Output(sys.stdout.fileno(), "wb", closefd=False)
    sys.stdout = SafeStream(
        io.BufferedWriter(output), sys.stdout.encoding, sys.stdout.errors, line_buffering=output.isatty()
    )
    try:
        try:
            command.main(prog_name=name)
        finally:
            sys.stdout.flush()
    except OSError as error:
        if output.trouble is None or isinstance(output.trouble, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())  # what is left would be tried again at the end
        click.echo(f"{name}: cannot write to standard output: {error.strerror}", err=True)
        sys.exit(UNWRITTEN)
