"""The files of a tar of somebody else: as tar(1) and tarfile write them, and in bounded memory whatever they say."""

from __future__ import annotations

import io
import random
import subprocess
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_common.files.unpacking import UnpackingError, plain_files

LONG = "folder/" * 25 + "name"


def tar_of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def a_file(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["./etc/dsas.conf", LONG, "./etc/ü"])
def test_files_come_with_their_names(form: int, name: str) -> None:
    folder = tarfile.TarInfo("etc")
    folder.type = tarfile.DIRTYPE
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
    tar = tar_of((folder, b""), a_file(name, b"x" * 600), (link, b""), a_file("empty", b""), form=form)
    assert list(plain_files(tar, 100)) == [(name, b"x" * 600), ("empty", b"")]


@pytest.mark.parametrize(
    "words",
    [
        ["tar", "-cf", "-"],
        ["tar", "--format=posix", "-cf", "-"],
        ["tar", "--format=v7", "-cf", "-"],
        ["busybox", "tar", "-cf", "-"],
    ],
)
def test_what_tar_writes_is_read(words: list[str], tmp_path: Path) -> None:
    require("busybox")
    for name in ("one", "two/three", "n" * 90):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode() * 100)
    tar = subprocess.run([*words, "."], cwd=tmp_path, check=True, stdout=subprocess.PIPE).stdout
    found = dict(plain_files(tar, 100))
    assert found == {f"./{name}": name.encode() * 100 for name in ("one", "two/three", "n" * 90)}


def _header(kind: bytes, size: int, name: str = "x") -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def _negative() -> bytes:
    head = bytearray(_header(b"0", 0))
    head[124:136] = b"\xff" * 12
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:]))
    return bytes(head)


PAX = b"19 size=99999999999\n"
SPARSE = b"22 GNU.sparse.major=1\n"
BAD = {
    "nothing": b"",
    "no tar": b"no tar at all" * 100,
    "no end": tar_of(a_file("x", b"x"))[:1024],
    "cut": tar_of(a_file("x", b"x" * 5000))[:2000],
    "a wrong sum": b"y" + tar_of(a_file("x", b"x"))[1:],
    "a file of 8 EB": _header(b"0", 2**63),
    "a negative size": _negative() * 3,
    "a name of 1 GB": _header(b"L", 2**30) + b"n" * 5000,
    "a long name that is there": _header(b"L", 1_000_000) + b"n" * 1_000_448 + bytes(1024),
    "a pax header of 1 GB": _header(b"x", 2**30) + b"9" * 5000,
    "a pax header of digits": _header(b"x", 4096) + b"9" * 4096 + bytes(1024),
    "a pax header that ends nowhere": _header(b"x", 512) + b"0 x=" + bytes(508) + bytes(1024),
    "a pax header of a size": _header(b"x", len(PAX)) + PAX.ljust(512, b"\0") + tar_of(a_file("x", b"x")),
    "a sparse file of pax": _header(b"x", len(SPARSE)) + SPARSE.ljust(512, b"\0") + tar_of(a_file("x", b"x")),
    "a sparse file of GNU": _header(b"S", 0) + bytes(1024),
    "too many entries": _header(b"5", 0) * 101 + bytes(1024),
    "too many headers before a name": (_header(b"x", 0)) * 101 + bytes(1024),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_honest_tar_is_refused_in_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UnpackingError):
            list(plain_files(BAD[name], 100))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_damaged_tars_are_refused_or_read_and_nothing_else() -> None:
    chance = random.Random(1)
    tar = tar_of(a_file("x", b"x" * 700), a_file(LONG, b"y"), form=tarfile.PAX_FORMAT) + tar_of(a_file(LONG, b"z"))
    for _ in range(3000):
        damaged = bytearray(tar)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            found = list(plain_files(bytes(damaged[: chance.randrange(len(damaged) + 1)]), 50))
        except UnpackingError:
            continue
        assert sum(len(content) for _, content in found) <= len(tar)
