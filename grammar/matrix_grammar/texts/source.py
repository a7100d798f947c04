"""Source texts: bytes read once, decoded, cut into lines; and where they come from.

A `Library` is the only thing that knows of files; the resolver asks it for texts by name, so that it is pure.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from typing import Final, Literal, Protocol

from matrix_common.merges import MERGE_SIGNS
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place

LONGEST_LINE: Final = 65_536
"""Characters in one line; a longer one is a file that is no MATRIX."""

LARGEST_FILE: Final = 256 * 1024 * 1024
"""Bytes in one file."""

MOST_REFUSED: Final = 10_000
"""Lines of a text that are refused for their characters before the rest is not looked at any more."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


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


def decode(path: str, content: bytes, problems: list[Diagnostic]) -> tuple[Source, frozenset[int]]:
    """The source of these bytes, and the numbers of the lines that are refused for what stands in them.

    What is wrong is added to `problems`: one diagnostic for a line, and one for all of a file that is no text.
    """
    if b"\0" in content[:8192]:
        problems.append(_binary(path, content))
        return Source(path, content, ""), frozenset()
    refused: set[int] = set()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        undecodable = _not_utf8(path, content)
        problems += undecodable
        refused.update(problem.place.line for problem in undecodable)
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            Diagnostic(
                "M005", "warning", Place(path, 1, 1, 2), "the text begins with a byte-order mark, which is dropped",
                excerpt=text.split("\n", 1)[0].rstrip("\r"), cure="save it as UTF-8 without a byte-order mark",
            )
        )  # fmt: skip
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    source = Source(path, content, text)
    if any(text.startswith(sign) or f"\n{sign}" in text for sign in MERGE_SIGNS):
        from .conflict_markers import conflict_mistakes

        for conflict, lines in islice(conflict_mistakes(path, source.lines), MOST_REFUSED):
            problems.append(conflict)
            refused |= lines
    if _has_control(content, text) or len(max(source.lines, key=len, default="")) > LONGEST_LINE:
        for number, line in enumerate(source.lines, 1):
            problem = None if number in refused else check_line(path, number, line)
            if problem is not None:
                problems.append(problem)
                if problem.severity == "error":
                    refused.add(number)
                if len(refused) > MOST_REFUSED:
                    break
    return source, frozenset(refused)


_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\t\n"


def _has_control(content: bytes, text: str) -> bool:
    """Whether any line has a control character; a text of ASCII is looked through byte by byte in C."""
    return bool(content.replace(b"\r\n", b"\n").translate(None, _PLAIN)) and _CONTROL.search(text) is not None


def check_line(path: str, number: int, line: str) -> Diagnostic | None:
    """What is wrong with the characters of a line, if anything is."""
    if len(line) > LONGEST_LINE:
        return Diagnostic(
            "M004", "error", Place(path, number, LONGEST_LINE + 1, LONGEST_LINE + 2),
            f"a line of {len(line):,} characters; the longest may have {LONGEST_LINE:,}", excerpt=line,
            cure="is this file a MATRIX?",
        )  # fmt: skip
    found = _CONTROL.search(line)
    if found is None:
        return None
    outside = _CONTROL.search(_QUOTED.sub(lambda match: "_" * len(match[0]), line))
    if outside is None and "\0" not in line:
        return Diagnostic(
            "M049", "warning", Place(path, number, found.start() + 1, found.end() + 1),
            f"control character {_spell(found[0])} in a quoted string", excerpt=line,
            cure="it reaches every program that reads this value; remove it unless it is meant",
        )  # fmt: skip
    at = outside or found
    return Diagnostic(
        "M003", "error", Place(path, number, at.start() + 1, at.end() + 1), f"control character {_spell(at[0])}",
        excerpt=line, cure="remove it; in a quoted string write \\n for a new line and \\t for a tab",
    )  # fmt: skip


def _spell(character: str) -> str:
    return f"U+{ord(character):04X}"


def _binary(path: str, content: bytes) -> Diagnostic:
    offset = content.index(b"\0")
    return Diagnostic(
        "M003",
        "error",
        Place(path, 0, 0, 0),
        f"a NUL byte at offset {offset}: this is no text",
        cure="is this file a MATRIX?",
    )


def _not_utf8(path: str, content: bytes) -> list[Diagnostic]:
    """For each line that is not UTF-8 the first byte that is wrong, with the line as far as it can be shown."""
    found: list[Diagnostic] = []
    offset = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode("utf-8").removeprefix("\ufeff" if number == 1 else "")) + 1
            if len(found) > MOST_REFUSED:
                break
            found.append(
                Diagnostic(
                    "M002", "error", Place(path, number, column, column + 1),
                    f"byte 0x{line[error.start]:02X} at offset {offset + error.start} is not UTF-8",
                    excerpt=line.rstrip(b"\r").decode("utf-8", "replace"), cure="save the file as UTF-8",
                )
            )  # fmt: skip
        offset += len(line) + 1
    return found
