"""Source texts: bytes read once, and their lines; and where they come from.

A `Library` is the only thing that knows of files; the resolver asks it for texts by name, so that it is pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final, Literal, Protocol

LONGEST_LINE: Final = 65_536
"""Characters in one line; a longer one is a file that is no MATRIX."""

LARGEST_FILE: Final = 256 * 1024 * 1024
"""Bytes in one file."""

Standing = Literal["", "outside", "private"]
"""How an included text stands: as any other; outside of the folder of the MATRIX; or not for everybody to read. Of the
latter two nothing is shown."""


@dataclass(frozen=True)
class Source:
    """One text: `path` as it was asked for, its bytes as read once, and its text (LF line ends, no byte-order mark).

    What it says is shown to nobody when its `standing` says so.
    """

    path: str
    content: bytes = field(repr=False)
    text: str = field(repr=False)
    standing: Standing = ""

    @cached_property
    def lines(self) -> list[str]:
        """Its lines without line ends; a line end at the end of the text begins no further line."""
        lines = self.text.split("\n")
        if lines[-1] == "":
            lines.pop()
        return lines


@dataclass(frozen=True, slots=True)
class Included:
    """The bytes of an included text, how it stands, and where it really lies."""

    content: bytes = field(repr=False)
    standing: Standing = ""
    real: str = ""


class Unreadable(Exception):
    """A text that cannot be had; the message says why."""


class Refused(Unreadable):
    """A text that may not be included; `lasting`: whatever matrix.toml allows."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class TooMuch(Exception):
    """A pattern that would be looked for too long; the message says what the bound is."""


class Library(Protocol):
    """Where texts come from."""

    def read(self, path: str) -> bytes:
        """The bytes of a text. Raises Unreadable."""

    def include(self, path: str) -> Included:
        """The bytes of a text that another one includes. Raises Unreadable, and Refused where it may not."""
        return Included(self.read(path))

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The paths that match a pattern relative to the folder of the text `base`, sorted. Raises TooMuch."""

    def identity(self, path: str) -> str:
        """The same for two paths to one text."""

    @property
    def allow(self) -> Sequence[str]:
        """What may be included beside the texts below the folder of the MATRIX."""
        return ()


class MemoryLibrary(Library):
    """A library of texts held in memory, by name; names are paths with `/`."""

    def __init__(self, texts: Mapping[str, str | bytes]) -> None:
        self._texts = texts

    def read(self, path: str) -> bytes:
        """The bytes of a text. Raises Unreadable."""
        if path not in self._texts:
            raise Unreadable("no such file")
        text = self._texts[path]
        return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The names that match a pattern relative to the folder of `base`, sorted; `*` does not match `/`.

        Texts that were taken from a disk are named from a folder that all of them are below. An absolute pattern
        counts from there as well: its first folders are left out until something matches.
        """
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(base), pattern)).split("/")
        if wanted[0]:
            return self._matching(wanted)
        return next(filter(None, (self._matching(wanted[left:]) for left in range(len(wanted)))), [])

    def _matching(self, wanted: Sequence[str]) -> list[str]:
        return sorted(
            name
            for name in self._texts
            if len(parts := name.split("/")) == len(wanted)
            and all(fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True))
        )

    def identity(self, path: str) -> str:
        """The name itself."""
        return path


class OverlayLibrary(Library):
    """A library in which one text is as given, and every other as another library has it."""

    def __init__(self, below: Library, path: str, content: bytes) -> None:
        self._below = below
        self._path = path
        self._content = content

    def read(self, path: str) -> bytes:
        """The bytes of a text. Raises Unreadable."""
        return self._content if path == self._path else self._below.read(path)

    def include(self, path: str) -> Included:
        """What the library below has."""
        return self._below.include(path)

    @property
    def allow(self) -> Sequence[str]:
        """What the library below allows."""
        return self._below.allow

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """What the library below finds."""
        return self._below.glob(pattern, base)

    def identity(self, path: str) -> str:
        """What the library below says."""
        return self._below.identity(path)
