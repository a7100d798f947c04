"""Files, folders and symbolic links of this machine, as hosts are to have them: scanned once, hashed once."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Literal

from matrix_distributor.fleetwork.errors import FleetworkError

Kind = Literal["file", "folder", "link"]

CHUNK = 1024 * 1024

OWED = ".dsas.then"
"""Begins the name of an empty file in the folder of everything, from before the switch until --then went well."""


@dataclass(frozen=True, slots=True)
class CargoItem:
    """One file, folder or symbolic link. Names are text with surrogate escapes, so that any byte may be in them.

    `name` is relative to the folder of all entries. `mode` are the permission bits, `owner` is `USER:GROUP`, `USER`,
    or empty where it does not matter. `digest` is the sha256 of a file in hex, `link` where a link points to.
    """

    name: str
    kind: Kind
    mode: int
    owner: str = ""
    size: int = 0
    digest: str = ""
    link: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cargo:
    """What hosts are to have: entries below one folder, `base`, which is absolute.

    `tree` when that folder itself is meant, which is `top` then. `left_out` are names that are neither file, folder nor
    link. `chosen_owner` when the user named the owner.
    """

    base: str
    entries: tuple[CargoItem, ...]
    tree: bool
    left_out: tuple[str, ...] = ()
    chosen_owner: bool = False
    top: CargoItem | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)

    def path(self, entry: CargoItem) -> str:
        """Where an entry lies on a host."""
        return f"{self.base.rstrip('/')}/{entry.name}" if entry.name else self.base


def places(word: str) -> tuple[str, str]:
    """`SOURCE:DEST` or `PATH` as (source here, absolute path there). Raises FleetworkError when it cannot be meant so.

    A file for a DEST that ends in `/` keeps its name.
    """
    source, colon, there = word.rpartition(":/")
    if not colon:
        source, there = word, os.path.abspath(word)
    else:
        there = "/" + there
    if not source:
        raise FleetworkError(f"{word}: there is no name before the colon")
    if colon and there.endswith("/") and not os.path.isdir(source):
        there += os.path.basename(source)
    plain = os.path.normpath(there)
    return source, "/" + plain.lstrip("/")


def scan(word: str, *, mode: int | None = None, owner: str = "") -> Cargo:
    """Read what `word` (see `places`) names: one file, or a folder with all that is in it, links as links.

    `mode` and `owner` replace those of the files here. The owner is the one here, by name, where root asks, else
    whoever logs in. Raises FleetworkError for what is not there or cannot be read.
    """
    source, there = places(word)
    try:
        status = os.stat(source)
        if stat.S_ISDIR(status.st_mode):
            left_out: list[str] = []
            entries = tuple(_walk(source, "", mode, owner, left_out))
            top = CargoItem("", "folder", stat.S_IMODE(status.st_mode), owner or _owner(status), source=source)
            return Cargo(there, entries, True, tuple(left_out), bool(owner), top)
        if not stat.S_ISREG(status.st_mode):
            raise FleetworkError(f"{source} is neither a file nor a folder")
        base, name = os.path.split(there)
        if not name:
            raise FleetworkError(f"{word}: {there} cannot be a file")
        return Cargo(base, (_file(source, name, status, mode, owner),), False, (), bool(owner))
    except OSError as error:
        raise FleetworkError(f"{error.filename or source}: {error.strerror}") from error


def _walk(folder: str, name: str, mode: int | None, owner: str, left_out: list[str]) -> Iterator[CargoItem]:
    for item in sorted(os.listdir(folder), key=os.fsencode):
        source, inner = os.path.join(folder, item), f"{name}{item}"
        status = os.lstat(source)
        if stat.S_ISLNK(status.st_mode):
            yield CargoItem(inner, "link", 0o777, link=os.readlink(source), source=source)
        elif stat.S_ISDIR(status.st_mode):
            bits = stat.S_IMODE(status.st_mode)
            yield CargoItem(inner, "folder", bits, owner or _owner(status), source=source)
            yield from _walk(source, inner + "/", mode, owner, left_out)
        elif stat.S_ISREG(status.st_mode):
            if item != OWED and not item.startswith(f"{OWED}-"):  # owed to this very machine, and nothing to copy
                yield _file(source, inner, status, mode, owner)
        else:
            left_out.append(source)


def _file(source: str, name: str, status: os.stat_result, mode: int | None, owner: str) -> CargoItem:
    digest, size = hashlib.sha256(), 0
    with open_plain(source) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    bits = stat.S_IMODE(status.st_mode) if mode is None else mode
    return CargoItem(name, "file", bits, owner or _owner(status), size, digest.hexdigest(), source=source)


def open_plain(source: str) -> BinaryIO:
    """A file here to be read, which waits for nobody even where a FIFO has come into its place. Raises OSError."""
    file = open(os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")  # noqa: SIM115 – the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no plain file any more", source)
    return file


def _owner(status: os.stat_result) -> str:
    return owner_of(status) if os.geteuid() == 0 else ""


def owner_of(status: os.stat_result) -> str:
    """`USER:GROUP` by name; empty when they have no names here."""
    try:
        return f"{pwd.getpwuid(status.st_uid).pw_name}:{grp.getgrgid(status.st_gid).gr_name}"
    except KeyError:
        return ""


def folder_of(name: str) -> str:
    """The folder that an entry's name lies in, relative to the base; empty for the base itself."""
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent
