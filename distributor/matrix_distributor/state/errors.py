"""What is said of a state that cannot be used, with what to type."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matrix_distributor.errors import DistributorError

from .records import WRONG

_CURE = "move the folder away and take the current generation over from a host with `matrix adopt`"


class StateError(DistributorError):
    """The state cannot be read or written."""


def damaged(path: Path, why: object) -> StateError:
    """What is said of a database that can be read, and does not hold what it should."""
    return StateError(f"the state in {path} is damaged: {why}; {_CURE}")


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Errors of the database as StateError."""
    try:
        yield
    except sqlite3.Error as error:
        why = unwritable(path.parent)
        if why:
            raise StateError(
                f"the state in {path} cannot be written: {why}; see to the disk, and do it again"
            ) from error
        raise StateError(f"the state in {path} cannot be used: {error}; see to the disk, or {_CURE}") from error


def unwritable(folder: Path) -> str:
    """Why nothing can be written to the disk of a folder, which SQLite says in words of its own; empty where it can."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return ""
    if disk.f_flag & os.ST_RDONLY:
        return "its disk is read-only"
    if not disk.f_bavail:
        return "its disk is full"
    return "its disk is full of files" if disk.f_files and not disk.f_favail else ""  # some count no files


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """The same around the reading of rows, which may not be as this program writes them."""
    try:
        with guarded(path):
            yield
    except WRONG as error:
        raise damaged(path, error) from error
