"""Writing known_hosts files: each whole, by a rename beside it, and by one writer at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matrix_grammar import strange_link

from .plain import read_plain


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
    strange = strange_link(str(path))
    if strange:
        raise PermissionError(errno.EPERM, strange, str(path))
    path = Path(os.path.realpath(path))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone_in(path.parent):
        try:
            before, status = read_plain(path), path.stat()
        except FileNotFoundError:
            before, status = b"", None
        content = change(before)
        if content == before:
            return content
        handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                if status is not None and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                    _keep_owner(file.fileno(), status)
                os.fchmod(file.fileno(), 0o600 if status is None else status.st_mode & 0o777)
                file.flush()
                os.fsync(file.fileno())
            if backup and status is not None:
                _keep_as_old(path)
            os.rename(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
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


def _keep_owner(descriptor: int, status: os.stat_result) -> None:
    """Root gives a user's file back to the user; anybody else may at most keep the group."""
    if os.geteuid() == 0:
        os.fchown(descriptor, status.st_uid, status.st_gid)


def _keep_as_old(path: Path) -> None:
    old = path.with_name(path.name + ".old")
    old.unlink(missing_ok=True)
    os.link(path, old)
