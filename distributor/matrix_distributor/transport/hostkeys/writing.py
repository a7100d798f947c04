"""Writing known_hosts files: each whole, by a rename beside it, and by one writer at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matrix_common.files import insist_on_a_file, staged, written_at
from matrix_distributor.transport.plain_file import read_plain


def add_line(path: Path, line: bytes) -> int:
    """Add a line to a file, which need not be there yet; gives its number. Raises OSError."""
    return rewrite(path, lambda before: joined(before, line)).count(b"\n")


def joined(content: bytes, line: bytes) -> bytes:
    """A text with a further line, whether or not its last one was ended."""
    return content + (b"\n" if content and not content.endswith(b"\n") else b"") + line


def rewrite(path: Path, change: Callable[[bytes], bytes], *, backup: bool = False) -> bytes:
    """Put what `change` makes of a file in its place; gives it. Mode and owner stay. Raises OSError.

    No reader sees half of it, and two writers do not lose each other's lines. With `backup` the former file stays
    beside it as `NAME.old`, as ssh-keygen(1) leaves it.
    """
    path, _ = written_at(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(path.parent):
        try:
            before, status = read_plain(path), path.stat()
            insist_on_a_file(status, path)
        except FileNotFoundError:
            before, status = b"", None
        content = change(before)
        if content == before:
            return content
        with staged(path, content, status, mode=0o600) as temporary:
            if backup and status is not None:
                _keep_as_old(path)
            os.rename(temporary, path)
    return content


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One writer at a time; the renames have reached the disk afterwards."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
        os.fsync(opened)
    finally:
        os.close(opened)


def _keep_as_old(path: Path) -> None:
    old = path.with_name(path.name + ".old")
    old.unlink(missing_ok=True)
    os.link(path, old)
