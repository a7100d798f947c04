"""Within a host: hostile streams to /etc/dsas/receive, as sudo starts it, and words to the gate. Run by streams.py.

usage: streams_inside.py FIRST COUNT ARCHIVE, with a tar.gz of a generation 1 for this host; prints what broke.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pwd
import random
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from mutation import mutated, repacked

STATUSES = frozenset((0, 60, 61, 62, 63, 64, 65, 66, 68, 69, 75))
WATCHED = ("/etc", "/root", "/tmp", "/var/tmp", "/run", "/srv/host", "/var/lib/dsas")
BETWEEN_LOOKS = 25
"""Streams between two looks at all files of the host, which cost more than the streams; what is changed stays so."""
PLACES = (
    "/etc/dsas.",
    "/etc/dsas.d/",
    "/etc/dsas.d",
    "/var/lib/dsas/generations/",
    "/etc/__pycache__",
    "/srv/host/__pycache__",
    "/etc/matrix/",
)
RECORDS = frozenset(
    f"/var/lib/dsas/{name}"
    for name in ("current", "pending", "lock", "install.sh", "name", "generations", ".current", ".install.sh")
) | {"/etc/matrix"}
"""The machine's own /etc lies below the host's, and tests of trust that run beside this one make /etc/matrix there."""
PATHS = (
    "/etc/passwd",
    "/etc/dsas.d/../passwd",
    "/etc/dsas/gate",
    "/etc/dsas.d/self",
    "/etc/dsas.conf",
    "/var/lib/dsas/lock",
    "matrix/x",
    "matrix/../../x",
    "../x",
    "/",
    "",
    "/etc/dsas.d/x y",
    "/etc/dsas.d/$(id)",
    "/etc/dsas.x/y",
    "root/etc/passwd",
    "index",
    "lineage",
)
MEMBERS = (
    "root/etc/passwd",
    "../../../../tmp/x",
    "/tmp/x",
    "index",
    "lineage",
    "install.sh",
    "manifest.json",
    ".archive",
    ".list",
    "x",
)


def members(archive: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}  # type: ignore[union-attr]


def packed(held: dict[str, bytes], chance: random.Random) -> bytes:
    """The files as an archive, into which something stranger is put now and then."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=chance.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))) as tar:
        for name, content in held.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.uid = (
                len(content),
                chance.choice((0o644, 0o6777, 0)),
                chance.choice((0, 65534)),
            )
            tar.addfile(member, io.BytesIO(content))
        for _ in range(chance.choice((0, 1, 2))):
            odd = tarfile.TarInfo(chance.choice(MEMBERS))
            odd.type = chance.choice(
                (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE, b"S")
            )
            odd.linkname = chance.choice(("/etc", "/etc/shadow", "../../..", "root", "index"))
            tar.addfile(odd)
    return gzip.compress(raw.getvalue(), 1, mtime=0)


def forged(held: dict[str, bytes], digest: str, chance: random.Random) -> tuple[bytes, str]:
    """Files that agree with a digest, as somebody makes them who has the daemon's key: an index of his own."""
    lines = held["index"].decode().splitlines()
    for _ in range(chance.choice((1, 1, 2))):
        content = chance.choice((b"x\n", b"#!/bin/sh\nid\n", b""))
        path = chance.choice(PATHS)
        mode = chance.choice(("0644", "0755", "4755", "0666", "644", "0600"))
        lines.insert(chance.randrange(len(lines) + 1), f"{hashlib.sha256(content).hexdigest()} {mode} {path}")
        held[f"root{path}" if path.startswith("/") else path or "x"] = content
    held["index"] = ("\n".join(lines) + "\n").encode()
    if chance.random() < 0.3:
        held["index"] = mutated(held["index"], chance)
    own = hashlib.sha256(held["index"]).hexdigest()
    held["manifest.json"] = held["manifest.json"].replace(digest.encode(), own.encode())
    return packed(held, chance), own


def streams(archive: bytes, digest: str, number: int) -> tuple[bytes, str]:
    """A hostile stream, and the digest that is announced with it."""
    chance = random.Random(number)
    held = members(archive)
    kind = number % 4
    if kind == 0:
        return repacked(archive, chance), digest
    if kind == 1:
        name = chance.choice(sorted(held))
        return packed({**held, name: mutated(held[name], chance)}, chance), digest
    made, own = forged(held, digest, chance)
    return (mutated(made, chance), own) if kind == 3 and chance.random() < 0.5 else (made, own)


def told(archive: bytes, digest: str, name: str, number: int) -> subprocess.CompletedProcess[bytes]:
    """How a hostile stream to receive ended, or hostile words to the gate as the enrolled account says them."""
    if number % 5:
        stream, announced = streams(archive, digest, number)
        words, who, environment = ["/etc/dsas/receive", "1", announced, name], {}, {"PATH": os.environ["PATH"]}
    else:
        chance = random.Random(number)
        verb = chance.choice(("query", "load", "files", "export", f"install 1 {digest} {name}"))
        said = mutated(f"dsas {verb}".encode(), chance).replace(b"\0", b"")
        account = pwd.getpwnam("dsas")
        stream, words, environment = archive, ["/etc/dsas/gate"], {"SSH_ORIGINAL_COMMAND": os.fsdecode(said)}
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(
        words, input=stream, capture_output=True, timeout=60, check=False, env=environment, cwd="/", **who
    )


def seen() -> Iterator[tuple[str, int, int, int]]:
    """What lies where nothing may change, and every file's mode, owner and time."""
    for top in WATCHED:
        for folder, folders, files in os.walk(top):
            for name in (*folders, *files):
                path = f"{folder}/{name}"
                if path in RECORDS or path.startswith(PLACES):
                    continue
                status = os.lstat(path)
                yield path, status.st_mode, status.st_uid, 0 if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns


def dangerous() -> Iterator[str]:
    """What a generation must not leave: what is no plain file or folder of root's, is set-id, or others may write."""
    tops = [*glob("/etc/dsas*"), "/var/lib/dsas"]
    below = (f"{folder}/{name}" for top in tops for folder, *names in os.walk(top) for name in (*names[0], *names[1]))
    for path in (*tops, *below):
        status = os.lstat(path)
        plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        if not plain or status.st_uid or status.st_mode & 0o6022:
            yield path


def forget() -> None:
    """The host as it is before its first generation."""
    shutil.rmtree("/var/lib/dsas/generations", ignore_errors=True)
    for name in ("current", "pending"):
        Path("/var/lib/dsas", name).unlink(missing_ok=True)


def main(first: int, count: int, archive: bytes) -> int:
    """0 when nothing broke."""
    digest = hashlib.sha256(members(archive)["index"]).hexdigest()
    before = set(seen())
    name = Path("/etc/dsas/name").read_text().strip()
    for start in range(first, first + count, BETWEEN_LOOKS):
        numbers = range(start, min(start + BETWEEN_LOOKS, first + count))
        for number in numbers:
            forget()
            done = told(archive, digest, name, number)
            wrong = [f"status {done.returncode}: {done.stderr[-200:]!r}"] if done.returncode not in STATUSES else []
            wrong += [f"left: {left}" for left in glob("/var/lib/dsas/generations/.*")]
            wrong += [f"dangerous: {path}" for path in dangerous()]
            if wrong:
                print(f"stream {number}: {wrong[:5]}")
                return 1
        if changed := sorted(path for path, *_ in set(seen()) ^ before):
            print(f"streams {numbers[0]} to {numbers[-1]}: changed: {changed[:5]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]).read_bytes()))
