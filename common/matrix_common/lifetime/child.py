"""The end of a child process that ends by itself when its standard input does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen


def end_child(process: Popen[str], patience: float) -> None:
    """Close its pipes and wait for its end; after `patience` seconds it is killed. Harmless when done twice."""
    from subprocess import TimeoutExpired  # who only closes a state needs no subprocess

    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(patience)
    except TimeoutExpired:
        process.kill()
        process.wait()
