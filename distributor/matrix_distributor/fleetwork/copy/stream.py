"""The stream of a copy: one tar, compressed; each file is read and compressed once, whatever the number of hosts."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from .entries import CargoItem, open_plain

READ = 256 * 1024
PIECE = 64 * 1024
SMALL = 8 * 1024 * 1024
SAMPLE = 64 * 1024
BLOCK = 512
FEW = 16

ALONE = -1
"""Stands among the members of a tar for the one that is in none."""

_END = bytes(2 * BLOCK)


class Member:
    """One file, with a name one file of a tar, as a gzip member of its own, made as it is asked for.

    Without a name a file that gets no smaller is what it is: `packed` tells.
    RFC 1952 lets members follow one another. Hosts ask at their own pace; whoever is first has the next piece
    compressed, into a file without a name, and all others read it from there. So memory does not grow with the file,
    and no thread is held up for long. A file that vanishes or changes meanwhile ends the member early, which hosts see
    by the sha256; `trouble` says why then.
    """

    def __init__(self, name: str, entry: CargoItem) -> None:
        self._name, self._entry = name, entry
        self.trouble = ""
        self._effort = self._level()
        self.packed = bool(name) or self._effort > 0
        self._spool: IO[bytes] | None = None
        self._length = 0
        self._done = False
        self._lock = threading.Lock()
        self._source = self._compressed() if self.packed else self._raw()

    def __iter__(self) -> Iterator[bytes]:
        place = 0
        while True:
            with self._lock:
                if place >= self._length and not self._done:
                    self._advance()
                ready = min(PIECE, self._length - place)
            if ready <= 0 or self._spool is None:
                if self._done:
                    return
                continue
            chunk = os.pread(self._spool.fileno(), ready, place)
            place += len(chunk)
            yield chunk

    def close(self) -> None:
        """Give the space back."""
        if self._spool is not None:
            self._spool.close()

    def _advance(self) -> None:
        chunk = next(self._source, None)
        if chunk is None:
            self._done = True
            return
        try:
            if self._spool is None:
                self._spool = tempfile.TemporaryFile()  # noqa: SIM115 – closed by `close`
            self._length += os.pwrite(self._spool.fileno(), chunk, self._length)
        except OSError as error:
            self._done = True
            self.trouble = f"nothing can be kept in {tempfile.gettempdir()} here: {error.strerror}"

    def _compressed(self) -> Iterator[bytes]:
        engine = zlib.compressobj(self._effort, zlib.DEFLATED, 31)
        if self._name:
            yield engine.compress(header(self._name, self._entry.size, carried_mode(self._entry)))
        for raw in self._raw():
            yield engine.compress(raw)
        yield engine.compress(bytes(-self._entry.size % BLOCK if self._name else 0)) + engine.flush()

    def _raw(self) -> Iterator[bytes]:
        left, digest = self._entry.size, hashlib.sha256()
        try:
            with open_plain(self._entry.source) as file:
                while left and (raw := file.read(min(READ, left))):
                    left -= len(raw)
                    digest.update(raw)
                    yield raw
        except OSError as error:
            self._spoilt(error)
            return
        if digest.hexdigest() != self._entry.digest:
            self.trouble = f"{self._entry.source} was changed here while it was copied"

    def _spoilt(self, error: OSError) -> None:
        self.trouble = f"{self._entry.source} cannot be read here any more: {error.strerror}"

    def _level(self) -> int:
        """No effort for what does not get smaller, little for what is large."""
        try:
            with open_plain(self._entry.source) as file:
                sample = file.read(SAMPLE)
        except OSError as error:
            self._spoilt(error)
            return 0
        if len(sample) > 1024 and len(zlib.compress(sample, 1)) > 0.95 * len(sample):
            return 0
        return 6 if self._entry.size <= SMALL else 1


class Stream:
    """The members of a cargo, made when first needed. A context manager."""

    def __init__(self, entries: Sequence[CargoItem]) -> None:
        self._entries = entries
        self._members: dict[int, Member] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members.values():
            member.close()
        self._members.clear()

    @property
    def trouble(self) -> str:
        """Why what hosts were sent is not whole; empty where it is."""
        return next((member.trouble for member in list(self._members.values()) if member.trouble), "")

    def content(self) -> Member:
        """The only file, without a tar around it."""
        (entry,) = self._entries
        with self._lock:
            if ALONE not in self._members:
                self._members[ALONE] = Member("", entry)
            return self._members[ALONE]

    def payload(self, go: bytes, numbers: Sequence[int]) -> tuple[str, Iterator[bytes]]:
        """What sha256sum(1) is to check first, and the compressed tar with the script `go` and those files.

        Of few files all sums are checked at once, of many that of a list that travels along.
        """
        lines = [f"{hashlib.sha256(go).hexdigest()}  go"]
        lines += [f"{self._entries[number].digest}  {number}" for number in numbers]
        if len(numbers) <= FEW:
            return "\\n".join(lines), self._chunks(b"", go, numbers)  # for printf %b: a line of sh has no line end
        sums = "".join(f"{line}\n" for line in lines).encode()
        return f"{hashlib.sha256(sums).hexdigest()}  sums", self._chunks(sums, go, numbers)

    def _chunks(self, sums: bytes, go: bytes, numbers: Sequence[int]) -> Iterator[bytes]:
        yield zlib_member((_record("sums", sums) if sums else b"") + _record("go", go))
        for number in numbers:
            yield from self._member(number)
        yield zlib_member(_END)

    def _member(self, number: int) -> Member:
        with self._lock:
            if number not in self._members:
                self._members[number] = Member(str(number), self._entries[number])
            return self._members[number]


def packed(parts: Mapping[str, bytes]) -> tuple[str, bytes]:
    """What sha256sum(1) is to check first, and the compressed tar, of a few contents by their names."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in parts.items()]
    records = b"".join(_record(name, content) for name, content in parts.items())
    return "\\n".join(lines), zlib_member(records + _END)


def zlib_member(raw: bytes) -> bytes:
    """Bytes as one gzip member, the same for the same bytes."""
    engine = zlib.compressobj(6, zlib.DEFLATED, 31)
    return engine.compress(raw) + engine.flush()


def carried_mode(entry: CargoItem) -> int:
    """The mode that a file is staged with: its own, unless it cannot be read so, or giving it away changes it."""
    plain = entry.mode & 0o400 and not entry.mode & 0o6000
    return entry.mode if plain else 0o600


def header(name: str, size: int, mode: int = 0o600) -> bytes:
    """The header of a file in a tar (GNU's format, which knows sizes beyond 8 GiB)."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, mode
    return member.tobuf(tarfile.GNU_FORMAT)


def _record(name: str, content: bytes) -> bytes:
    return header(name, len(content)) + content + bytes(-len(content) % BLOCK)
