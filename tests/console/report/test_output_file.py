"""`-o FILE` of every verb: no device, pipe or socket has its place taken, and an open stream is written through."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

MATRIX = "@matrix 1\n[ps]\n    w101    10.0.0.1 weight=10\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "MATRIX").write_text(MATRIX)
    (tmp_path / "foreign").write_text("10.0.0.1 w1\n")
    return tmp_path


def run(words: str, folder: Path, *, fds: tuple[int, ...] = (), **streams: int) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(folder), "MATRIX_PUSH_LOCAL": "0"}
    return subprocess.run(
        [sys.executable, "-m", "matrix_console", *words.split()], cwd=folder, env=environment, timeout=60, check=False,
        pass_fds=fds, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )  # fmt: skip


@pytest.mark.needs("root")
@pytest.mark.parametrize("kind", ["device", "pipe"])
@pytest.mark.parametrize("words", ["reflect hosts -o it", "import hosts foreign --force -o it", "fmt it"])
def test_what_is_no_file_stays_what_it_is(words: str, kind: str, folder: Path) -> None:
    if kind == "device":
        os.mknod(folder / "it", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    else:
        os.mkfifo(folder / "it")
    before = os.lstat(folder / "it")
    done = run(words, folder)
    after = os.lstat(folder / "it")
    assert (after.st_mode, after.st_ino, after.st_rdev) == (before.st_mode, before.st_ino, before.st_rdev)
    assert done.returncode == (1 if words.startswith("fmt") else 2)
    assert f"it is a {kind}, not a regular file".encode() in done.stderr
    assert done.stderr.count(b"\n") == done.stderr.count(b"matrix: ") == 1 or b"import" in words.encode()


@pytest.mark.needs("root")
def test_a_build_takes_no_place_of_a_device(folder: Path) -> None:
    (folder / "out/etc").mkdir(parents=True)
    os.mknod(folder / "out/etc/dsas.conf", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    done = run("build -o out", folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"it is a device, not a regular file; every file is as it was" in done.stderr
    assert stat.S_ISCHR((folder / "out/etc/dsas.conf").lstat().st_mode)
    assert [path.name for path in (folder / "out/etc").iterdir()] == ["dsas.conf"]


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("words", ["reflect hosts", "import hosts foreign"])
def test_standard_output_is_written_through(words: str, output: str, folder: Path) -> None:
    """Also where it is a file, which grows by it: nothing is opened again, and nothing is replaced."""
    plain = run(words, folder)
    assert plain.returncode == 0
    written = folder / "written"
    written.write_bytes(b"before\n")
    with written.open("ab") as stream:
        done = run(f"{words} -o {output}", folder, stdout=stream.fileno())
        assert os.fstat(stream.fileno()).st_nlink == 1
    assert done.returncode == 0
    assert written.read_bytes() == b"before\n" + plain.stdout
    assert not (folder / "-").exists()


def test_another_open_stream_is_written_through_and_a_closed_one_is_told(folder: Path) -> None:
    plain = run("reflect hosts", folder)
    reading, writing = os.pipe()
    done = run(f"reflect hosts -o /dev/fd/{writing}", folder, fds=(writing,))
    os.close(writing)
    with open(reading, "rb") as pipe:
        assert (done.returncode, done.stdout, pipe.read()) == (0, b"", plain.stdout)
    done = run("reflect hosts -o /dev/fd/77", folder)
    assert (done.returncode, done.stderr) == (2, b"matrix: cannot write /dev/fd/77: Bad file descriptor\n")


def test_init_leaves_no_half_of_a_text(folder: Path) -> None:
    """A disk with room for the name and for nothing in it."""
    script = "ulimit -f 0; trap '' XFSZ; exec \"$@\""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["sh", "-c", script, "sh", sys.executable, "-m", "matrix_console", "init", "new"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=60)
    assert done.returncode == 2
    assert list((folder / "new").iterdir()) == []
