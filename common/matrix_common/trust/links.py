"""Where a path leads by links, and whether somebody else chose that.

Data may be anybody's. But a link of somebody else's in its place is that person's word on which file of the caller's
is read, shown or written: it is followed to that person's own files, and to what everybody may read.
"""

from __future__ import annotations

import os
import stat

from .members import user_name
from .trusted import Trusted, trusted_here
from .way import way_to


def resolved(path: str) -> str:
    """A path with its links followed, unless one of them is somebody else's: then as it is written."""
    written = os.path.abspath(path)
    try:
        way = list(way_to(path))
    except OSError:
        return os.path.realpath(path) if not strange_link(path) else written
    return written if _strange(way) else way[-1][0]


def strange_link(path: str) -> str:
    """What is said of a link of somebody else's on the way that a path names, be it there or not; else empty."""
    way: list[tuple[str, os.stat_result]] = []
    try:
        for entry in way_to(path):
            way.append(entry)
    except OSError:
        pass  # as far as it leads
    return _said(_strange(way))


def led_astray(path: str, descriptor: int) -> str | None:
    """Why an open file may not be read though the caller can: empty where it may.

    None where nothing can be said of it: the path leads to another file by now.
    """
    status = os.fstat(descriptor)
    way = list(way_to(path))
    if (way[-1][1].st_dev, way[-1][1].st_ino) != (status.st_dev, status.st_ino):
        return None
    link = _strange([entry for entry in way if entry[1].st_uid != status.st_uid])
    if link is None or _is_public(way):
        return ""
    return f"{_said(link)}, and not everybody may read what it leads to"


def _strange(way: list[tuple[str, os.stat_result]]) -> tuple[str, os.stat_result] | None:
    """The first link that belongs to nobody whom the caller trusts."""
    trusted: Trusted | None = None
    for path, status in way:
        if stat.S_ISLNK(status.st_mode) and status.st_uid not in (0, os.geteuid()):
            trusted = trusted or trusted_here()
            if not trusted.owner(status.st_uid) and not trusted.within(os.path.dirname(path)):
                return path, status
    return None


def _said(link: tuple[str, os.stat_result] | None) -> str:
    return f"{link[0]} is a link of {user_name(link[1].st_uid)}" if link else ""


def _is_public(way: list[tuple[str, os.stat_result]]) -> bool:
    """Whether everybody may come to the last entry of a way, and read it."""
    folders = (status for _, status in way[:-1] if not stat.S_ISLNK(status.st_mode))
    return bool(way[-1][1].st_mode & stat.S_IROTH) and all(status.st_mode & stat.S_IXOTH for status in folders)
