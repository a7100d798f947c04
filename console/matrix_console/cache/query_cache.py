"""Answers to selectors kept between two commands, for as long as every text is what it was.

The cache lies in a folder that belongs to the caller and that nobody else may enter; one that does not is not used.
It is JSON, so that reading it can run nothing, and it is believed only after every text has been read and its sha256
compared: it saves the parsing, never the reading. Whatever is wrong with it, the MATRIX is read as without it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NamedTuple

from matrix_grammar.diagnostics import Diagnostic, Note, Place
from matrix_grammar.selectors import STORED_FORMAT

from .recording import Record, program, still_true

FORMAT = 2
_MOST_FILES = 16
_LARGEST = 64 * 1024 * 1024


class Kept(NamedTuple):
    """What is kept of a MATRIX: its names and sets, and its warnings."""

    sets: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]


class PrivateFolder:
    """The folder of the cache, held open. Raises OSError when it is not the caller's alone."""

    def __init__(self, path: str) -> None:
        os.makedirs(path, mode=0o700, exist_ok=True)
        self.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        status = os.fstat(self.descriptor)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            os.close(self.descriptor)
            raise PermissionError(f"{path} is not private")

    def read(self, name: str) -> bytes:
        """A file of it. Raises OSError when there is none, or it could be another's."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(name, flags, dir_fd=self.descriptor), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise PermissionError(f"{name} is not the caller's alone")
            if status.st_size > _LARGEST:
                raise OSError(f"{name} is too large")
            return file.read()

    def write(self, name: str, content: bytes) -> None:
        """Put a file in it as a whole; of many files the oldest go. Raises OSError."""
        temporary = f".{name}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with open(os.open(temporary, flags, 0o600, dir_fd=self.descriptor), "wb") as file:
                file.write(content)
            os.replace(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=self.descriptor)
            raise
        self._prune()

    def _prune(self) -> None:
        with os.scandir(self.descriptor) as entries:
            files = sorted((entry.stat(follow_symlinks=False).st_mtime, entry.name) for entry in entries)
        for _, name in files[:-_MOST_FILES]:
            os.unlink(name, dir_fd=self.descriptor)

    def close(self) -> None:
        """Give the folder back."""
        os.close(self.descriptor)


def folder() -> str | None:
    """Where the cache lies: $MATRIX_CACHE (empty: nowhere), else below $XDG_CACHE_HOME or ~/.cache."""
    named = os.environ.get("MATRIX_CACHE")
    if named is not None:
        return named or None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    return os.path.join(base, "dsas-matrix") if os.path.isabs(base) else None


def _name(path: str) -> str:
    return hashlib.sha256(os.path.abspath(path).encode("utf-8", "surrogateescape")).hexdigest()[:32] + ".json"


def _key(path: str) -> list[object]:
    """What must be the same beside the texts: the program, and how the MATRIX was named."""
    return [FORMAT, STORED_FORMAT, program(), path, "" if os.path.isabs(path) else os.getcwd()]


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _diagnostic(each: dict[str, Any]) -> Diagnostic:
    notes = tuple(Note(Place(**note["place"]), note["message"]) for note in each["notes"])
    return Diagnostic(**{**each, "place": Place(**each["place"]), "notes": notes})


def recall(path: str, allow: Sequence[str]) -> Kept | None:
    """What was kept of the MATRIX of that path, if all its texts are what they were; else None."""
    where = folder()
    if where is None or not os.path.isdir(where):
        return None
    try:
        private = PrivateFolder(where)
    except OSError:
        return None
    try:
        content = private.read(_name(path))
    except OSError:
        return None
    finally:
        private.close()
    checksum, _, body = content.partition(b"\n")
    if checksum != _checksum(body):
        return None
    kept = json.loads(body)
    if kept["key"] != _key(path) or not still_true(kept["record"], path, allow):
        return None
    return Kept(kept["sets"], tuple(_diagnostic(each) for each in kept["diagnostics"]))


def keep(path: str, record: Record, kept: Kept) -> None:
    """Keep what came of a reading without an error. A cache that cannot be written is no mistake."""
    where = folder()
    if where is None:
        return
    diagnostics = [asdict(diagnostic) for diagnostic in kept.diagnostics]
    document = {"key": _key(path), "record": record, "sets": kept.sets, "diagnostics": diagnostics}
    body = json.dumps(document, separators=(",", ":")).encode()
    try:
        private = PrivateFolder(where)
    except OSError:
        return
    try:
        private.write(_name(path), _checksum(body) + b"\n" + body)
    except OSError:
        return
    finally:
        private.close()
