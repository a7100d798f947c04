"""The one part of this room that touches a disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from glob import glob

from .sources import LARGEST_FILE, Unreadable


class Disk:
    """The library of the file system. Only regular files are read, so that no pipe or device can hold a reader up."""

    def read(self, path: str) -> bytes:
        """The bytes of a file, read once. Raises Unreadable."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Unreadable(_reason(error)) from error
        except ValueError as error:
            raise Unreadable("no such file") from error
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise Unreadable("it is a directory")
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("it is not a regular file")
            if status.st_size > LARGEST_FILE:
                raise Unreadable(f"it is larger than {LARGEST_FILE // 2**20} MiB")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        except OSError as error:
            raise Unreadable(_reason(error)) from error
        finally:
            os.close(descriptor)

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The files that match a pattern relative to the folder of `base`, sorted by path."""
        folder = os.path.dirname(base)
        found = glob(pattern, root_dir=folder or None, recursive=True)
        return sorted(os.path.normpath(os.path.join(folder, path)) for path in found)

    def identity(self, path: str) -> str:
        """The path with every symbolic link followed."""
        return os.path.realpath(path) if "\0" not in path else path


def _reason(error: OSError) -> str:
    """The system's words, as `no such file or directory`."""
    return (error.strerror or type(error).__name__).lower()
