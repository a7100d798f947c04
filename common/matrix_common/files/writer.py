"""The one writer of files here: after a crash at any point a file is the old one (or none) or the new one.

It writes in the place of a file, or where nothing is. What is no regular file (a device, a pipe, a socket, a folder)
stays what it is: a file renamed over /dev/null would take the device away from every program. A symbolic link stays
too, and what it leads to is written; one of somebody else's is not followed. All of it raises OSError with the place.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matrix_common.terminal.program import reason_of, undisturbed
from matrix_common.trust.links import strange_link

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class ChangedMeanwhileError(Exception):
    """The file was changed by another between reading and replacing it, and was left as it is."""


class Original:
    """A file as it was when it was read. Raises OSError when it cannot be read, or is none that can be written."""

    def __init__(self, path: Path) -> None:
        self._named = path
        self.path, _ = written_at(path)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            self._status = os.fstat(descriptor)
            insist_on_a_file(self._status, path)
            self.content = file.read()

    def replace(self, content: bytes) -> None:
        """Put other content in its place. Raises OSError, or ChangedMeanwhileError; then the file is as it was."""
        with staged(self.path, content, self._status) as temporary:
            if not self._is_unchanged():
                raise ChangedMeanwhileError(f"{self._named} was changed meanwhile, and is left as it is")
            os.replace(temporary, self.path)

    def _is_unchanged(self) -> bool:
        now = os.stat(self.path)
        before = self._status
        return (now.st_ino, now.st_dev, now.st_size, now.st_mtime_ns) == (
            before.st_ino, before.st_dev, before.st_size, before.st_mtime_ns,
        )  # fmt: skip


def write_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Put content in the place of a file, or make one, and the folders that it lacks. Raises OSError.

    A file that is there keeps its mode, owner and access list; a new one has `mode`, without one what the umask leaves.
    """
    path, status = written_at(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with staged(path, content, status, mode=mode) as temporary:
        os.replace(temporary, path)


def create(path: Path, content: bytes) -> None:
    """A new file with this content, there whole or not at all. Raises OSError: FileExistsError when one is there."""
    with staged(path, content, None) as temporary:
        os.link(temporary, path)


def written_at(path: Path) -> tuple[Path, os.stat_result | None]:
    """Where a path leads by its links, and the file that is there, if any. Raises OSError where none can be written."""
    strange = strange_link(str(path))
    if strange:
        raise OSError(errno.EPERM, strange, str(path))
    real = Path(os.path.realpath(path))
    try:
        status = os.lstat(real)
    except FileNotFoundError:
        return real, None
    insist_on_a_file(status, path)
    return real, status


@contextmanager
def staged(path: Path, content: bytes, status: os.stat_result | None, *, mode: int | None = None) -> Iterator[str]:
    """A file beside `path` that has the content, on the disk, for the caller to rename; it is removed afterwards.

    With the `status` of the file that it is to replace it has that one's owner, mode and access list.
    """
    with undisturbed():
        descriptor, temporary = _made_beside(path)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if status is None:
                    os.fchmod(descriptor, 0o666 & ~_umask() if mode is None else mode)
                else:
                    _keep_owner_and_mode(descriptor, path, status)
                os.fsync(descriptor)
            yield temporary
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        finally:
            with suppress(FileNotFoundError):  # renamed
                os.unlink(temporary)
        _sync(path.parent)


def insist_on_a_file(status: os.stat_result, path: Path) -> None:
    """Raises OSError where something stands that no file may take the place of."""
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))


def _made_beside(path: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix=f".{path.name[:200]}.", dir=path.parent)
    except OSError as error:
        why = f"no file can be made in {path.parent}: {reason_of(error)}"
        raise OSError(error.errno, why, str(path)) from error


def _keep_owner_and_mode(descriptor: int, path: Path, status: os.stat_result) -> None:
    """The owner first (changing it clears the set-id bits), then access lists and such, then the mode.

    Who may not give a file away owns it from now on, as after an editor; then its group gets no more than the others.
    """
    mine, mode = os.fstat(descriptor), stat.S_IMODE(status.st_mode)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(descriptor, status.st_uid, status.st_gid)
        except PermissionError:
            mode &= 0o777
            try:
                os.fchown(descriptor, -1, status.st_gid)
            except PermissionError:
                mode = mode & 0o707 | (mode & 0o007 & mode >> 3) << 3
    for name in _attributes(path):
        os.setxattr(descriptor, name, os.getxattr(path, name))
    os.fchmod(descriptor, mode)


def _attributes(path: Path) -> list[str]:
    """The extended attributes of a file that its owner may set; none where the file system knows none."""
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise
    return [name for name in names if name.startswith("user.") or name == "system.posix_acl_access"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
