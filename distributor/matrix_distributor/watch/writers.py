"""Who is writing a text just now, as far as the kernel tells: inotify(7), and a lease as a question (fcntl(2)).

Neither tells of writers on other machines, as on NFS.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from matrix_grammar import real_path

ABANDONED = 60.0
"""Seconds without another write after which a file counts as closed, where no lease can tell: truncate(2) and a
memory map change a file, and nothing is closed for writing after them."""
_WITH_LEASES = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs", "ramfs"})
"""File systems of this machine alone, on which a lease tells of every writer."""


class Writers:
    """What inotify has told of the files in the watched folders; its methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._written: dict[str, float] = {}  # not closed since; when it was written last
        self._placed: set[str] = set()  # came under its name as it is, and was not written since

    def wrote(self, path: str) -> None:
        """Something was written into a file, or taken from its end."""
        with self._lock:
            self._written[path] = self._clock()
            self._placed.discard(path)

    def closed(self, path: str) -> None:
        """Somebody who could write into it has closed it."""
        with self._lock:
            self._written.pop(path, None)

    def came(self, path: str, old: str = "") -> None:
        """Another file has this name now; `old` is the name that it had in a watched folder."""
        with self._lock:
            self._written.pop(path, None)
            if old in self._written:
                self._written[path] = self._written.pop(old)
            self._placed.discard(old)
            self._placed.add(path)

    def forget(self) -> None:
        """Events were lost: nothing is known."""
        with self._lock:
            self._written.clear()
            self._placed.clear()

    def at(self, path: str) -> bool:
        """Whether somebody has this file open for writing, as far as can be known."""
        if (leased := open_for_writing(path)) is not None:
            return leased
        with self._lock:
            times = [self._written[name] for name in _names(path) if name in self._written]
        return any(self._clock() - written < ABANDONED for written in times)

    def placed(self, path: str) -> bool:
        """Whether this file came to its place whole, by rename(2) or link(2), and nobody wrote into it there."""
        with self._lock:
            return any(name in self._placed for name in _names(path))


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


def _names(path: str) -> set[str]:
    """The names under which events tell of a file: as it was asked for, and without links."""
    whole = os.path.abspath(path)
    return {whole, real_path(whole)}
