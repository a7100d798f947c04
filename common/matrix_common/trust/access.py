"""Who may write a file beside its owner: the mode, and the access control list behind it (acl(5))."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator

_LIST = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")  # tag, permissions, user or group (Linux, include/uapi/linux/posix_acl_xattr.h)
_USER, _GROUP_OWNER, _GROUP, _MASK, _WRITE = 0x02, 0x04, 0x08, 0x10, 2


def writers(path: str | int, status: os.stat_result) -> Iterator[tuple[str, int]]:
    """Each `("user", uid)` and `("group", gid)` that is let write by name or group, the owner and all others aside."""
    if not status.st_mode & stat.S_IWGRP:
        return  # where there is a list, these bits are its mask, and bound all that it lets
    entries = list(_entries(path))
    if not entries:
        yield "group", status.st_gid
        return
    for tag, allowed, number in entries:
        if not allowed & _WRITE:
            continue
        if tag == _GROUP_OWNER:
            yield "group", status.st_gid
        elif tag in (_USER, _GROUP):
            yield ("user" if tag == _USER else "group"), number


def _entries(path: str | int) -> Iterator[tuple[int, int, int]]:
    if not hasattr(os, "getxattr"):
        return
    try:
        raw = os.getxattr(path, _LIST)
    except OSError:  # no list, or a file system without any
        return
    body = raw[4:]
    yield from _ENTRY.iter_unpack(body[: len(body) // _ENTRY.size * _ENTRY.size])
