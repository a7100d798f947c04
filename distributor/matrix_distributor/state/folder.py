"""The folder of the state: its owner's alone, or a team's where the MATRIX is one's as well."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from matrix_common.trust import Judge, together, trusted_here

FILE_NAME = "state.db"
_OWN = (FILE_NAME, ".gitignore", "before-rollback")
"""What names in the folder begin with where it holds nothing but the state."""


def is_ours(folder: Path, site: Path | None) -> bool:
    """Whether nobody can have written the state, or what stands in its place, but whom the caller trusts."""
    judge = Judge(trusted_here(), site or folder.parent)
    verdict = together(judge.path(path) for path in (folder, folder / FILE_NAME))
    return not (verdict.refused or verdict.notices)


def make(folder: Path, site: Path | None = None) -> None:
    """Make the folder, and an empty database in it, where there is none. Raises OSError, UntrustedError.

    `site` is the folder of the MATRIX. What somebody else put there since it was judged is not written to.

    Whatever the umask, nobody else may enter; but where everybody of a group may write the folder above, and files
    there come to be the group's (set-group-ID), the group shares the state too.
    """
    judge = Judge(trusted_here(), site or folder.parent)
    judge.path(next(above for above in (folder, *folder.absolute().parents) if above.exists())).insist()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        above = folder.parent.stat().st_mode
        if above & stat.S_ISGID and above & stat.S_IWGRP:
            folder.chmod(0o2770)
    together(judge.path(path) for path in (folder, folder / FILE_NAME)).insist()
    # A link that is there stays, whatever it leads to.
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="ascii") as ignore:
        ignore.write("*\n")
    shared = folder.stat().st_mode & stat.S_IWGRP
    with suppress(FileExistsError):
        descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if shared:
                os.fchmod(descriptor, 0o660)
        finally:
            os.close(descriptor)


def close_to_others(folder: Path) -> None:
    """Take from all others what an earlier version let them do: who may read a database can lock it.

    A group keeps what it has where it may write. A folder that everybody may write is left as it is, to be seen by
    who asks whether it can be trusted; and so is one that holds other things than the state, but for the database.
    """
    with suppress(OSError):
        above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            status = os.fstat(above)
            if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
                return
            for name in os.listdir(above):
                if name.startswith(FILE_NAME):
                    _close(name, above)
            if all(name.startswith(_OWN) for name in os.listdir(above)):
                _narrow(above, status)
        finally:
            os.close(above)


def _close(name: str, above: int) -> None:
    """Take from others what they may do with a file of the database, which is never opened for it.

    To close any descriptor of a file ends all locks that this process has on it (fcntl(2)), those of SQLite too; one of
    O_PATH is none that could have any.
    """
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            _narrow(f"/proc/self/fd/{descriptor}", status)
    finally:
        os.close(descriptor)


def _narrow(entry: int | str, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    wanted = mode & ~(stat.S_IRWXO if mode & stat.S_IWGRP else stat.S_IRWXO | stat.S_IRWXG)
    if wanted != mode:
        os.chmod(entry, wanted)
