"""The few system calls of Linux that Python 3.11 has no function for."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

_SYS_CLONE = {"x86_64": 56, "aarch64": 220}
_NEW_MOUNTS, _NEW_HOSTNAME, _NEW_PROCESSES = 0x00020000, 0x04000000, 0x20000000
_PR_SET_PDEATHSIG = 1

READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def fork_into_namespaces() -> int:
    """fork(2) into fresh mount, host-name and process namespaces: when the child ends, all that it started ends.

    For a process with one thread only: Python is not told of the fork.
    """
    flags = _NEW_MOUNTS | _NEW_HOSTNAME | _NEW_PROCESSES | signal.SIGCHLD
    arguments = [ctypes.c_long(number) for number in (_SYS_CLONE[platform.machine()], flags, 0, 0, 0, 0)]
    return _checked(_libc.syscall(*arguments), "clone")


def leave_mounts() -> None:
    """Give this process mounts of its own, which vanish with it and its children (unshare(2))."""
    _checked(_libc.unshare(_NEW_MOUNTS), "unshare")
    mount(None, Path("/"), flags=RECURSIVE | PRIVATE)


def die_with_parent() -> None:
    """Be killed when the parent ends, however it ends (prctl(2))."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def mount(source: Path | str | None, target: Path, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    """Mount a file system: mount, section 2 of the manual."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), options.encode() if options else None)
    _checked(result, f"mount {source} {target} {kind} {options}")


def unmount(target: Path) -> None:
    """Detach a file system, even one in use."""
    _checked(_libc.umount2(os.fsencode(target), 2), f"umount {target}")


def set_host_name(name: str) -> None:
    """Name this host."""
    _checked(_libc.sethostname(name.encode(), len(name.encode())), "sethostname")
