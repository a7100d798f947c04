"""The way to a file, step by step, as the kernel goes it (path_resolution(7))."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

_MOST_LINKS = 40
"""As the kernel follows."""


def way_to(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every folder and link from the root to what a path names, and that itself. Raises OSError."""
    rest = [part for part in reversed(os.path.join(os.getcwd(), path).split("/")) if part not in ("", ".")]
    at, links = "/", 0
    yield at, os.lstat(at)
    while rest:
        name = rest.pop()
        if name == "..":
            at = os.path.dirname(at)
            continue
        entry = os.path.join(at, name)
        status = os.lstat(entry)
        yield entry, status
        if not stat.S_ISLNK(status.st_mode):
            at = entry
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(entry)
        rest += [part for part in reversed(target.split("/")) if part not in ("", ".")]
        if target.startswith("/"):
            at = "/"
