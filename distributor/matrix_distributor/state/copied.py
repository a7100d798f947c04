"""The database of somebody else, copied to be read: SQLite writes where it reads, and follows what it finds there.

It makes files beside a database, takes back what a planted journal says, and deletes the one that this names.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from matrix_distributor.errors import DistributorError

from .folder import FILE_NAME

_LARGEST = 1024**3
"""Bytes of a database that are copied."""
_TRIES = 5
"""A database that is written just now is copied again."""
_NAMES = (FILE_NAME, FILE_NAME + "-wal")


class Copied:
    """A folder of the caller's own with a copy of a state. Raises OSError, and DistributorError for what is none."""

    def __init__(self, folder: Path) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="matrix-state.")
        self.folder = Path(self._own.name)
        try:
            above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if not any(self._is_whole(above) for _ in range(_TRIES)):
                    raise DistributorError(f"the state in {folder} is written again and again while it is read")
            finally:
                os.close(above)
        except BaseException:
            self.remove()
            raise

    def _is_whole(self, above: int) -> bool:
        """Copy all of it, and say whether it stayed the same meanwhile."""
        before = [_copy(name, above, self.folder / name) for name in _NAMES]
        return before == [_copy(name, above, None) for name in _NAMES]

    def remove(self) -> None:
        """Let go of the copy."""
        self._own.cleanup()


def _copy(name: str, above: int, to: Path | None) -> tuple[int, ...]:
    """Copy a file that is no link, if asked to; what tells whether it is changed. Of one that is not there: nothing."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=above)
    except FileNotFoundError:
        if to is not None:
            to.unlink(missing_ok=True)
        return ()
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise DistributorError(f"{name} there is no file of a fit size")
        if to is not None:
            with to.open("wb") as copy:
                left = status.st_size  # it may grow meanwhile
                while left and (chunk := file.read(min(left, 2**20))):
                    copy.write(chunk)
                    left -= len(chunk)
        return status.st_ino, status.st_size, status.st_mtime_ns
