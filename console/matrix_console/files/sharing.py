"""A folder with a MATRIX that a group of people edits together."""

from __future__ import annotations

import errno
import grp
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from matrix_common.paths import SETTINGS_FILE
from matrix_common.trust import trust_file
from matrix_console.frame import fail

_FOLDER, _FILE = 0o2775, 0o664
"""Set-group-ID: what anybody makes in it is the group's as well."""


def share(matrix: Path, group: str) -> list[str]:
    """Share a MATRIX, its folder and settings with a group, and trust what its members write; says what was done.

    Raises OSError. Ends the verb with 2 when there is no such group.
    """
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        fail(f"there is no group {group} on this machine: groupadd {group}, and usermod -aG {group} USER", 2)
    return [*_shared(matrix, group, gid), *_trusted(group)]


def _shared(matrix: Path, group: str, gid: int) -> Iterator[str]:
    """By descriptor, through no link: whoever may write the folder already could have put one there."""
    folder = os.open(matrix.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _give(folder, gid, _FOLDER)
        yield f"{matrix.parent} is shared with {group} (mode {_FOLDER:04o})"
        for name in (matrix.name, SETTINGS_FILE):
            try:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                fail(f"{matrix.parent / name} is a link: share what it leads to yourself, or put the file here", 2)
            try:
                status = os.fstat(file)
                if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                    fail(f"{matrix.parent / name} is no file of one name: it could be another place's", 2)
                _give(file, gid, _FILE)
            finally:
                os.close(file)
            yield f"{matrix.parent / name} is shared with {group} (mode {_FILE:04o})"
    finally:
        os.close(folder)


def _give(descriptor: int, gid: int, mode: int) -> None:
    os.fchown(descriptor, -1, gid)
    os.fchmod(descriptor, mode)


def _trusted(group: str) -> Iterator[str]:
    """Add the line to the caller's file of trust, where it is not there yet."""
    from matrix_common.files import write_file

    path, line = Path(trust_file()), f"group {group}"
    path.parent.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    before = b""
    with suppress(FileNotFoundError), open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
        os.fchmod(file.fileno(), 0o644)
        before = file.read()
    if line.encode() not in before.splitlines():
        end = b"" if before.endswith(b"\n") or not before else b"\n"
        write_file(path, before + end + line.encode() + b"\n", mode=0o644)
    yield f"{path} has the line: {line}"
    if os.geteuid() != 0:
        yield f"each of the others does the same, or root once for all: matrix init --team {group}"
