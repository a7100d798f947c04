"""The one writer of files: where a file may stand it is there whole, and nothing else has its place taken."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix_common.files.writer import Original, create, write_file
from matrix_distributor.transport.hostkeys.writing import add_line

KINDS = ("null", "block", "pipe", "socket", "folder", "link to a device")


def put(folder: Path, kind: str) -> Path:
    """Something that is no regular file, made here: a device is a node of its own, never one of this machine's /dev."""
    path = folder / "it"
    if kind == "null":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    elif kind == "block":
        os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 200))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    else:
        os.mknod(folder / "device", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        path.symlink_to("device")
    return path


def standing(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.lstat().st_mode, path.lstat().st_ino) for path in folder.iterdir()}


@pytest.mark.needs("root")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_file(path, b"x"),
        lambda path: create(path, b"x"),
        Original,
        lambda path: add_line(path, b"x\n"),
    ],
    ids=["write_file", "create", "Original", "add_line"],
)
def test_what_is_no_file_stays_what_it_is(kind: str, write: object, tmp_path: Path) -> None:
    path = put(tmp_path, kind)
    before = standing(tmp_path)
    with pytest.raises(OSError):  # noqa: PT011 - FileExistsError, or what it is
        write(path)  # type: ignore[operator]
    assert standing(tmp_path) == before


@pytest.mark.needs("root", "setfacl", "attributes")
@pytest.mark.parametrize("by", ["its name", "a link", "a link that nobody's file is behind yet"])
def test_what_a_file_has_it_keeps(by: str, tmp_path: Path) -> None:
    file, named = tmp_path / "file", tmp_path / "file"
    if "nobody" not in by:
        file.write_bytes(b"old\n")
        file.chmod(0o640)
        os.chown(file, 12345, 54321)
        subprocess.run(["setfacl", "-m", "u:54321:rw", file], check=True)
        os.setxattr(file, "user.origin", b"tky1")
    if "link" in by:
        named = tmp_path / "link"
        named.symlink_to("file")
    before = _seen(file) if file.exists() else None
    write_file(named, b"new\n")
    assert file.read_bytes() == b"new\n"
    assert named.is_symlink() == ("link" in by)
    assert before is None or _seen(file) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"file", named.name})


def _seen(file: Path) -> tuple[int, int, int, dict[str, bytes]]:
    status = file.stat()
    return (
        status.st_mode, status.st_uid, status.st_gid,
        {name: os.getxattr(file, name) for name in sorted(os.listxattr(file))},
    )  # fmt: skip


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    for mask in (0o022, 0o077):
        old = os.umask(mask)
        try:
            write_file(tmp_path / f"{mask:o}/file", b"x")
        finally:
            os.umask(old)
        assert stat.S_IMODE((tmp_path / f"{mask:o}/file").stat().st_mode) == 0o666 & ~mask


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that everybody may write; pytest's own lets nobody but root in."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


@pytest.mark.needs("root", "setpriv")
def test_who_may_not_give_a_file_away_writes_it_all_the_same_and_shows_it_to_nobody_more(open_to_all: Path) -> None:
    """A member of a team edits the file of another, in a folder that both may write."""
    file = open_to_all / "file"
    file.write_bytes(b"old\n")
    file.chmod(0o640)
    os.chown(file, 12345, 54321)
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.chdir(open_to_all)
            os.setresgid(1000, 1000, 1000)
            os.setresuid(1001, 1001, 1001)
            write_file(Path("file"), b"new\n")
            os._exit(0)
        finally:
            os._exit(1)  # a child that raises would go on as a second run of the tests
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    status = file.stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode), file.read_bytes()) == (1001, 0o600, b"new\n")


@pytest.mark.needs("root")
def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"old\n")
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from pathlib import Path; from matrix_common.files import write_file\n"
        "try: write_file(Path('folder/file'), b'new')\n"
        "except OSError as error: print(error.strerror)\n"
    )
    line = 'mount -t tmpfs none folder && touch folder/file && mount -o remount,ro folder && exec "$0" -c "$1"'
    command = ["unshare", "-m", "sh", "-c", line, sys.executable, program]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == f"no file can be made in {tmp_path}/folder: read-only file system\n"
