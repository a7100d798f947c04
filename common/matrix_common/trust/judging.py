"""The verdict on a file: its owner, its writers, and every folder and link on the way to it."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from typing import NamedTuple

from matrix_common.terminal.safe_text import safe
from matrix_common.trouble.notice import Notice

from .access import writers
from .members import UNSHOWN, group_name, is_member, user_name
from .trusted import Trusted, trust_file
from .verdict import Verdict
from .way import way_to

_LARGEST = 16 * 1024**2
"""Bytes of a file of settings, or of a template."""
_TRIES = 5
"""A file that an editor exchanges just now is read again."""


class _Found(NamedTuple):
    """Something on the way that others can change. `at_once`: it is refused, in this release already."""

    where: str
    cause: str
    paste: str
    at_once: bool


class Judge:
    """Judges files by who is trusted.

    `site` is the folder of a MATRIX: where a group may write that, what its members own below it is the group's work
    as well, and is let through as long as what the group may write is.
    """

    def __init__(self, trusted: Trusted, site: str | os.PathLike[str] = "") -> None:
        self.trusted = trusted
        self._site = os.path.realpath(site) if site else ""

    def path(self, path: str | os.PathLike[str], *, programs: bool = True) -> Verdict:
        """On what is at a path; nothing is refused where nothing is.

        With `programs` it can name what is run, and is refused where it is somebody else's; without, the next release
        does that, and this one gives a notice.
        """
        try:
            way = list(way_to(os.fspath(path)))
        except (FileNotFoundError, NotADirectoryError):
            return Verdict()
        except OSError as error:
            return Verdict((f"{os.fspath(path)} cannot be judged: {error.strerror}",))
        return self._verdict(way, None, programs)

    def read(self, path: str | os.PathLike[str], *, programs: bool = True) -> tuple[bytes, Verdict]:
        """The bytes of a file, and the verdict on the very file that they came from. Raises OSError."""
        name = os.fspath(path)
        for _ in range(_TRIES):
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                status = os.fstat(descriptor)
                if _is_null(status):
                    return b"", Verdict()
                if not stat.S_ISREG(status.st_mode):
                    number = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
                    raise OSError(number, os.strerror(number), name)
                with open(descriptor, "rb", closefd=False) as file:
                    content = file.read(_LARGEST + 1)
                if len(content) > _LARGEST:
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), name)
                way = list(way_to(name))
                if (way[-1][1].st_dev, way[-1][1].st_ino) == (status.st_dev, status.st_ino):
                    return content, self._verdict(way, descriptor, programs)
            finally:
                os.close(descriptor)
        raise OSError(errno.EAGAIN, "it is exchanged again and again while it is read", name)

    def _verdict(self, way: list[tuple[str, os.stat_result]], descriptor: int | None, programs: bool) -> Verdict:
        """On a way from the root of the file system to its last entry, which may be open."""
        last, at_last = way[-1]
        if self.trusted.within(last) or _is_null(at_last):
            return Verdict()
        found: list[_Found] = []
        beside_all = False  # in a folder where everybody may put entries of their own, and nobody may touch another's
        for path, status in way:
            if stat.S_ISLNK(status.st_mode):
                if beside_all:
                    found += self._owner(path, status, way)
                continue
            found += self._owner(path, status, way)
            found += self._writers(path if descriptor is None or path != last else descriptor, path, status)
            beside_all = bool(status.st_mode & stat.S_ISVTX and status.st_mode & (stat.S_IWOTH | stat.S_IWGRP))
        into = trust_file()
        return Verdict(
            tuple(self._refusal(one, into) for one in found if one.at_once and programs),
            tuple(
                Notice(one.where, one.cause, one.paste, into if one.paste else "")
                for one in found
                if not (one.at_once and programs)
            ),
        )

    def _owner(self, path: str, status: os.stat_result, way: list[tuple[str, os.stat_result]]) -> Iterator[_Found]:
        if self.trusted.owner(status.st_uid):
            return
        cause, paste = f"it belongs to {user_name(status.st_uid)}", self._line_for(path, status, way)
        yield _Found(path, cause, paste, not self._of_team(path, status, way))

    def _of_team(self, path: str, status: os.stat_result, way: list[tuple[str, os.stat_result]]) -> bool:
        """Whether an owner is in the group that may write the site, in which the entry lies."""
        if not self._site or not path.startswith(self._site.rstrip("/") + "/"):
            return False
        site = next((entry for at, entry in way if at == self._site), None)
        return (
            site is not None
            and bool(site.st_mode & stat.S_IWGRP)
            and self.trusted.owner(site.st_uid)
            and is_member(status.st_uid, site.st_gid)
        )

    def _line_for(self, path: str, status: os.stat_result, way: list[tuple[str, os.stat_result]]) -> str:
        """The line that lets an owner in: by the group that may write there, if it is in that; else by number.

        A user that a namespace does not show has no number of its own: then the folder is vouched for.
        """
        for _, entry in reversed(way):
            if entry.st_mode & stat.S_IWGRP and is_member(status.st_uid, entry.st_gid):
                return f"group {group_name(entry.st_gid)}"
        return f"uid {status.st_uid}" if status.st_uid != UNSHOWN else _vouch(path, status)

    def _writers(self, entry: str | int, path: str, status: os.stat_result) -> Iterator[_Found]:
        """Who else may write an entry, which is named or open; a folder of the sticky bit keeps the entries of each."""
        if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
            return
        if status.st_mode & stat.S_IWOTH:
            yield _Found(path, f"everybody may write it: chmod o-w {shlex.quote(path)}", "", True)
        for kind, number in writers(entry, status):
            if kind == "user" and not self.trusted.owner(number):
                line = f"uid {number}" if number != UNSHOWN else _vouch(path, status)
                yield _Found(path, f"{user_name(number)} may write it", line, False)
            elif kind == "group" and not self.trusted.group(number):
                line = f"group {group_name(number)}" if number != UNSHOWN else _vouch(path, status)
                yield _Found(path, f"group {group_name(number)} may write it, which others are in", line, False)

    def _refusal(self, found: _Found, into: str) -> str:
        cure = f"; to allow it, put into {into}: {found.paste}" if found.paste else ""
        ignored = "".join(f" ({why})" for why in self.trusted.ignored)
        return safe(f"{found.where}: {found.cause}; what stands there can run programs as {_caller()}{cure}{ignored}")


def _is_null(status: os.stat_result) -> bool:
    """Whether it is the null device (null(4)), from which nothing comes whoever writes to it."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == os.stat(os.devnull).st_rdev


def _vouch(path: str, status: os.stat_result) -> str:
    """The line for a folder; none for one whose name a file of trust would take for something else."""
    folder = path if stat.S_ISDIR(status.st_mode) else os.path.dirname(path)
    return f"folder {folder}" if "#" not in folder and folder == safe(folder).strip() else ""


def _caller() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
