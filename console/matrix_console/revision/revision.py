"""The texts of a MATRIX as a git revision has them, includes too."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from matrix_grammar.reading import Reader, Reading
from matrix_grammar.texts import Library, Unreadable

from .git import RevisionError, git


class Revision(Library):
    """A library of the files in one revision of a repository; paths are relative to its top."""

    def __init__(self, folder: str, commit: str) -> None:
        self._folder = folder  # and not the top that its configuration names, where another repository may be
        self._commit = commit

    def read(self, path: str) -> bytes:
        """The bytes of a file in that revision. Raises Unreadable."""
        name = posixpath.normpath(path)
        kind = self._files.get(name)
        if kind is None:
            raise Unreadable("no such file in that revision")
        if not kind.startswith("100"):
            raise Unreadable("it is no regular file in that revision")
        return git(self._folder, "cat-file", "blob", f"{self._commit}:{name}")

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The files of the revision that match, sorted; as on disk, a `*` at the start of a name matches no dot."""
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(base), pattern))
        return sorted(name for name in self._files if _matches(name.split("/"), wanted.split("/")))

    def identity(self, path: str) -> str:
        """The normal form of the path."""
        return posixpath.normpath(path)

    @cached_property
    def _files(self) -> dict[str, str]:
        """The mode of every file by its path."""
        listing = git(self._folder, "ls-tree", "-r", "-z", "--full-tree", self._commit)
        entries = (entry.split(b"\t", 1) for entry in listing.split(b"\0") if entry)
        return {os.fsdecode(name): head.split(b" ", 1)[0].decode() for head, name in entries}


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether the parts of a path match those of a glob; `**` is any number of folders."""
    if not patterns:
        return not names
    first, rest = patterns[0], patterns[1:]
    if first == "**":
        if names and not rest:
            return not any(name.startswith(".") for name in names)
        return _matches(names, rest) or (bool(names) and names[0][0] != "." and _matches(names[1:], patterns))
    if not names or (names[0].startswith(".") and not first.startswith(".")):
        return False
    return fnmatchcase(names[0], first) and _matches(names[1:], rest)


def read_revision(name: str, path: Path) -> Reading:
    """The MATRIX that stands at `path` as the revision of that name has it. Raises RevisionError."""
    path = Path(os.path.realpath(path))
    folder = str(path.parent)
    if not path.parent.is_dir():
        raise RevisionError(f"{name} is no file, and there is no repository at {folder}")
    try:
        top = os.fsdecode(git(folder, "rev-parse", "--show-toplevel")).rstrip("\n")
    except RevisionError as error:
        raise RevisionError(f"{name} is no file, and git knows no repository at {folder}: {error}") from None
    try:
        found = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except RevisionError:
        raise RevisionError(f"{name} is neither a file nor a revision of the repository at {top}") from None
    if not path.is_relative_to(os.path.realpath(top)):
        raise RevisionError(f"the repository at {folder} has its files elsewhere, in {top}")
    commit = found.decode().strip()
    return Reader(Revision(folder, commit)).read(path.relative_to(os.path.realpath(top)).as_posix())
