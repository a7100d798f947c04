"""Which files a text may include: those below the folder of the MATRIX, and what matrix.toml allows beside that.

A file is judged where it really lies, with every link followed, and opened exactly there: folder by folder from the
root, through no link, so that nothing can be put in its place between the judgement and the reading.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from .source import Refused, Standing, Unreadable

NEVER: Final = ("/proc", "/sys", "/dev")
"""Folders whose files are made by the kernel: reading them may tell secrets, wait, or change something."""

_TRIES: Final = 5
_FOLDER: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class Fence:
    """What the MATRIX of that path may include. `allow` are folders and files that may be included as well."""

    def __init__(self, matrix: str, allow: Sequence[str]) -> None:
        self._matrix = matrix
        named = matrix.replace("\0", "_")  # no system has such a path, which is told where it is read
        self._home = {real_path(os.path.dirname(named) or "."), os.path.dirname(real_path(named))}
        self._allow = _resolved(allow) if allow else ()

    def open(self, real: str) -> tuple[int, Standing]:
        """An included file of a path without links, opened, and how it stands. Raises Unreadable, OSError."""
        if any(_below(real, folder) for folder in NEVER):
            raise Refused("it is the kernel's, and is never read", lasting=True)
        descriptor, public = _opened(real)
        try:
            return descriptor, self._standing(real, os.fstat(descriptor), public)
        except BaseException:
            os.close(descriptor)
            raise

    def why_not_down(self, folder: str) -> str:
        """Why a `**` may not go down a folder, its links followed; empty where it may."""
        real = real_path(folder)
        if any(_below(real, each) for each in NEVER):
            return f"a ** goes down no folder of the kernel, as {real} is one"
        if real == "/" or any(each.startswith(real + "/") for each in self._home):
            return f"a ** begins in the folder of the MATRIX or beside it, and {real} is above it"
        return ""

    def _standing(self, real: str, status: os.stat_result, public: bool) -> Standing:
        if not stat.S_ISREG(status.st_mode) or any(_below(real, each) for each in self._allow):
            return ""
        is_text = os.path.basename(real) == "MATRIX" or real.endswith(".matrix")
        if not any(_below(real, each) for each in self._home):
            if not public and not is_text:
                raise Refused("it stands outside of the folder of the MATRIX, and not everybody may read it")
            return "outside"
        if is_text or status.st_mode & stat.S_IROTH:
            return ""
        if self._read_by() & ~status.st_mode:
            raise Refused("fewer people may read it than the MATRIX")
        return "private"

    def _read_by(self) -> int:
        """Who may read the MATRIX, of its group and of all others, as bits of a mode."""
        try:
            return os.stat(self._matrix).st_mode & (stat.S_IRGRP | stat.S_IROTH)
        except OSError as error:
            raise Unreadable("the MATRIX is gone") from error


def real_path(path: str) -> str:
    """A path with every symbolic link followed, whoever exchanges one just then (Python raises)."""
    for _ in range(_TRIES):
        with suppress(OSError):
            return os.path.realpath(path)
    return os.path.abspath(path)


def _resolved(allow: Sequence[str]) -> tuple[str, ...]:
    """Where what is allowed really lies; a link of somebody else's does not choose that."""
    from matrix_common.trust import resolved

    return tuple(map(resolved, allow))


def _below(path: str, folder: str) -> bool:
    """Whether a path is a folder or file, or lies below it; in `/` itself lie only its own files."""
    if folder == "/":
        return os.path.dirname(path) == "/"
    return path == folder or path.startswith(folder + "/")


def _opened(real: str) -> tuple[int, bool]:
    """The file, opened through no link, and whether everybody may come to it and read it. Raises OSError."""
    *folders, name = real.split("/")[1:]
    here = os.open("/", _FOLDER)
    public = True
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
            public = public and bool(os.fstat(here).st_mode & stat.S_IXOTH)
        file = os.open(name or ".", _FILE, dir_fd=here)
    finally:
        os.close(here)
    return file, public and bool(os.fstat(file).st_mode & stat.S_IROTH)
