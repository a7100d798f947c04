"""A folder with a MATRIX that a group of people edits together."""

from __future__ import annotations

import grp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from matrix_grammar import trust_file

from .frame import fail

_FOLDER, _FILE = 0o2775, 0o664
"""Set-group-ID: what anybody makes in it is the group's as well."""


def share(matrix: Path, group: str) -> list[str]:
    """Share a MATRIX, its folder and settings with a group, and trust what its members write; says what was done.

    Raises OSError. Ends the verb with 2 when there is no such group.
    """
    try:
        grp.getgrnam(group)
    except KeyError:
        fail(f"there is no group {group} on this machine: groupadd {group}, and usermod -aG {group} USER", 2)
    return [*_shared(matrix, group), *_trusted(group)]


def _shared(matrix: Path, group: str) -> Iterator[str]:
    for path, mode in ((matrix.parent, _FOLDER), (matrix, _FILE), (matrix.parent / "matrix.toml", _FILE)):
        if path.exists():
            shutil.chown(path, group=group)
            path.chmod(mode)
            yield f"{path} is shared with {group} (mode {mode:04o})"


def _trusted(group: str) -> Iterator[str]:
    """Add the line to the caller's file of trust, where it is not there yet."""
    path, line = Path(trust_file()), f"group {group}"
    path.parent.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with open(descriptor, "r+", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o644)
        before = file.read()
        if line not in before.splitlines():
            file.write(("" if before.endswith("\n") or not before else "\n") + line + "\n")
    yield f"{path} has the line: {line}"
    if os.geteuid() != 0:
        yield f"each of the others does the same, or root once for all: matrix init --team {group}"
