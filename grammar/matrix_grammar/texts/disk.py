"""The one part of this room that touches a disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from matrix_common.terminal import reason_of

from .fence import Fence, real_path
from .source import LARGEST_FILE, Included, Library, Unreadable

if TYPE_CHECKING:
    from .globbing import Walk

_TRIES: Final = 20
"""So often a file is opened, and another one has its name when it is looked at."""


class _ExchangedError(Exception):
    """Another file has the name of the one that was opened by it just before."""


class DiskLibrary(Library):
    """The library of the file system for one reading of a MATRIX. Only regular files are read, so that no pipe or
    device can hold a reader up.

    `allow` are the folders and files that may be included beside what is below the folder of the MATRIX.
    """

    def __init__(self, matrix: str | os.PathLike[str] = "MATRIX", allow: Sequence[str | os.PathLike[str]] = ()) -> None:
        self._allow = tuple(os.fspath(each) for each in allow)
        self._fence = Fence(os.fspath(matrix), self._allow)

    @property
    def allow(self) -> Sequence[str]:
        """What may be included beside what is below the folder of the MATRIX."""
        return self._allow

    def read(self, path: str) -> bytes:
        """The bytes of a file, read once. Raises Unreadable."""
        try:
            for _ in range(_TRIES):  # a file that others replace all the while is read as it was at one moment
                with suppress(_ExchangedError):
                    return _content(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), path)
        except OSError as error:
            raise Unreadable(reason_of(error)) from error
        except ValueError as error:
            raise Unreadable("no such file") from error
        raise Unreadable("it is exchanged while it is read")

    def include(self, path: str) -> Included:
        """The bytes of a file that a text includes, and how it stands. Raises Unreadable, Refused."""
        try:
            real = real_path(path)
            descriptor, standing = self._fence.open(real)
            return Included(_content(descriptor), standing, real)
        except OSError as error:
            raise Unreadable(reason_of(error)) from error
        except ValueError as error:
            raise Unreadable("no such file") from error

    @cached_property
    def _walk(self) -> Walk:
        from .globbing import Walk  # a MATRIX that includes nothing never needs it

        return Walk(self._fence.why_not_down)

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The files that match a pattern relative to the folder of `base`, sorted by path. Raises TooMuch."""
        return self._walk.find(pattern, os.path.dirname(base))

    def identity(self, path: str) -> str:
        """The path with every symbolic link followed."""
        return real_path(path) if "\0" not in path else path


def _content(descriptor: int, path: str = "") -> bytes:
    """All of an open file, which is closed; of one that was opened by a path, unless somebody else led there.

    Raises Unreadable for what is no file of a fit size, and OSError.
    """
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise Unreadable("it is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("it is not a regular file")
        if status.st_size > LARGEST_FILE:
            raise Unreadable(f"it is larger than {LARGEST_FILE // 2**20} MiB")
        if path:
            from matrix_common.trust import led_astray

            why = led_astray(path, descriptor)
            if why is None:
                raise _ExchangedError
            if why:
                raise Unreadable(why)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)
