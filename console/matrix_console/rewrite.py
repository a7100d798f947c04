"""A file replaced or created as a whole: after a crash at any point it is the old one (or none) or the new one."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from matrix_grammar import strange_link


class ChangedMeanwhileError(Exception):
    """The file was changed by another between reading and replacing it, and was left as it is."""


class Original:
    """A file as it was when it was read. A symbolic link stays one: the file that it names is the one replaced.

    Raises OSError when it cannot be read, is no regular file, or is reached by a link of somebody else's.
    """

    def __init__(self, path: Path) -> None:
        strange = strange_link(str(path))
        if strange:
            raise OSError(errno.EPERM, strange)
        self._named = path
        self.path = Path(os.path.realpath(path, strict=True))
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            self._status = os.fstat(descriptor)
            if not stat.S_ISREG(self._status.st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            self.content = file.read()

    def replace(self, content: bytes) -> None:
        """Put other content in its place. Raises OSError, or ChangedMeanwhileError; then the file is as it was."""
        folder = self.path.parent
        descriptor, temporary = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=folder)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                self._keep_owner_and_mode(descriptor)
                os.fsync(descriptor)
            if not self._is_unchanged():
                raise ChangedMeanwhileError(f"{self._named} was changed meanwhile, and is left as it is")
            os.replace(temporary, self.path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync(folder)

    def _keep_owner_and_mode(self, descriptor: int) -> None:
        """The owner first (changing it clears the set-id bits), then access lists and such, then the mode."""
        mine = os.fstat(descriptor)
        if (mine.st_uid, mine.st_gid) != (self._status.st_uid, self._status.st_gid):
            os.fchown(descriptor, self._status.st_uid, self._status.st_gid)
        for name in _attributes(self.path):
            os.setxattr(descriptor, name, os.getxattr(self.path, name))
        os.fchmod(descriptor, stat.S_IMODE(self._status.st_mode))

    def _is_unchanged(self) -> bool:
        now = os.stat(self.path)
        before = self._status
        return (now.st_ino, now.st_dev, now.st_size, now.st_mtime_ns) == (
            before.st_ino, before.st_dev, before.st_size, before.st_mtime_ns,
        )  # fmt: skip


def create(path: Path, content: bytes) -> None:
    """A new file with this content, there whole or not at all. Raises OSError: FileExistsError when one is there."""
    mask = os.umask(0)
    os.umask(mask)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, 0o666 & ~mask)
            os.fsync(descriptor)
        os.link(temporary, path)
    finally:
        os.unlink(temporary)
    _sync(path.parent)


def _attributes(path: Path) -> list[str]:
    """The extended attributes of a file that its owner may set; none where the file system knows none."""
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise
    return [name for name in names if name.startswith("user.") or name == "system.posix_acl_access"]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
