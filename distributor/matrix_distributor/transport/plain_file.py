"""Files that somebody names for keys and known_hosts, read so that none holds the reader up."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_LARGEST = 256 * 1024**2


def read_plain(path: Path) -> bytes:
    """The bytes of a file; of a device, such as /dev/null, none. Raises OSError, also for a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISCHR(kind):
            return b""
        if not stat.S_ISREG(kind):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content
