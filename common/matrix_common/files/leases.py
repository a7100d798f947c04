"""Whether somebody has a file open for writing: a lease as a question, F_SETLEASE of fcntl(2)."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

_WITH_LEASES = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs", "ramfs"})
"""File systems of this machine alone, on which a lease tells of every writer."""


def open_for_writing(path: str | Path) -> bool | None:
    """Whether any process of this machine has the file open for writing; None where it cannot be known.

    The kernel gives a read lease on a file only where nobody has it open for writing. It gives it to the owner of the
    file and to root, and is given it back at once: who holds one holds up every writer.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if file_system(os.fstat(descriptor).st_dev) not in _WITH_LEASES:
            return None
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # instead of SIGIO, which would end the process
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(descriptor)


def file_system(device: int) -> str:
    """The type of the mounted file system with this device number (proc_pid_mountinfo(5)); empty where none has it."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    for mount in mounts:
        before, _, after = mount.partition(" - ")
        if before.split(" ", 3)[2] == wanted:
            return after.partition(" ")[0]
    return ""
