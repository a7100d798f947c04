"""Hostile streams of what changes, to the install that stands ready on a host: used by the tests and by `run.py`.

Whatever comes, the host has the generation before, whole, or the one that was announced, whole; nothing of what it
keeps is another than it was, nothing lies elsewhere, and the status is one that is documented.
"""

from __future__ import annotations

import os
import random
import re
import select
import shutil
import subprocess
import tempfile
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mutation import mutated

from matrix_distributor.dialogue import Request
from matrix_distributor.generation.delta import Delta, delta
from matrix_distributor.generation.generation import Generation, assemble_generation
from matrix_distributor.hostside.requests import change_command, install_command
from matrix_emitters.artifacts import Artifact

STATUSES = frozenset((0, 60, 61, 62, 63, 64, 65, 66, 68, 69))
PATIENCE = 30.0
"""Seconds for one request; a machine that is busy is none."""

_REPLY = re.compile(rb"taken\nreply (\d+) (\d+) (\d+)\n")
NUMBERS = (b"0", b"1", b"7", b"3000", b"4294967296", b"9223372036854775807", b"99999999999999999999999", b"-1", b"1e9")
PATHS = (
    b"../../../../escaped",
    b"root/../../../../escaped",
    b"/etc/escaped",
    b"root/etc/dsas.d/self",
    b"root/etc/dsas.d/dsas.sh",
    b"root/etc/dsas.conf",
    b"index",
    b"lineage",
    b"manifest.json",
    b"install.sh",
    b"matrix",
    b"matrix/MATRIX/x",
    b"root",
    b".",
    b"a//b",
    b"a" * 300,
    b"a/" * 500 + b"b",
    b"|id",
    b">x",
    b"x\0y",
    b"matrix/$(id)",
)
BASES = ("", "1-", "../../../../etc", "1-0", "0-000000000000", "1-../..", "1-abc/../..", "|id", "1-\n")


def _generation(number: int, parent: Generation | None) -> Generation:
    lines = b"".join(b"line %d, %d\n" % (line, number if line == 7 else 0) for line in range(60))
    made = (
        Artifact("/etc/dsas.conf", 0o644, b"DSAS_GENERATION=%d\n" % number),
        Artifact("/etc/dsas.d/dsas.sh", 0o644, lines),
        Artifact("/etc/dsas.d/same", 0o644, lines.replace(b", %d\n" % number, b", 0\n")),
        Artifact("matrix/MATRIX", 0o644, b"@matrix 1\nw1 192.0.2.1 [ps]\n"),
    )
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    return assemble_generation(made, number, "matrix/MATRIX", parent=parent, author="ann@adm1", now=now)


def hostile(right: bytes, chance: random.Random) -> bytes:
    """A stream of which lines are moved, doubled or made up, or whose bytes are changed."""
    lines = right.split(b"\n")
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        kind = chance.randrange(6)
        if kind == 0:
            lines[at] = re.sub(rb"\d+", lambda _: chance.choice(NUMBERS), lines[at])
        elif kind == 1:
            lines.insert(at, chance.choice(lines))
        elif kind == 2:
            lines[at] = lines[at].rpartition(b" ")[0] + b" " + chance.choice(PATHS)
        elif kind == 3:
            word = chance.choice((b"same %04d 0 " % chance.choice((644, 4755, 0, 666)), b"file 0644 1 "))
            lines.insert(at, word + chance.choice(PATHS) + chance.choice((b"", b"\ndata 1\nx", b"\ncopy 0 5")))
        elif kind == 4:
            lines.insert(at, b"data " + chance.choice(NUMBERS) + b"\n" + b"x" * chance.choice((0, 1, 3000)))
        else:
            lines[at] = chance.choice((b"end", b"delta 1", b"copy 0 " + chance.choice(NUMBERS), b""))
    stream = b"\n".join(lines)
    return mutated(stream, chance) if chance.random() < 0.4 else stream


class Patient:
    """A host that has the first of two generations, and where the install stands ready. A context manager."""

    def __init__(self) -> None:
        self.first = _generation(1, None)
        self.second = _generation(2, self.first)
        self._right = delta(self.second, self.first)
        self._above = Path(tempfile.mkdtemp(prefix="matrix-fuzz-"))
        self._root = self._above / "a" / "b" / "host"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Patient:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        shutil.rmtree(self._above)

    def _begin(self) -> None:
        """A new host, with the first generation."""
        self._end()
        shutil.rmtree(self._above)
        self._root.mkdir(parents=True)
        command = install_command(self.first, "w1")
        assert command.resident is not None
        self._child = subprocess.Popen(
            ["sh", "-c", f"exec {command.resident.line}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "DSAS_ROOT": str(self._root), "DSAS_REST": "3600"},
            process_group=0,
        )
        self._tell(command.resident.preface)
        assert self._ask(command)[0] == 0
        self._before = self._seen()

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for end in (self._child.stdin, self._child.stdout):
                assert end is not None
                end.close()

    def _tell(self, told: bytes) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(told)
        self._child.stdin.flush()

    def _ask(self, command: Request) -> tuple[int, bytes]:
        """Status, and what is told on both streams."""
        assert command.resident is not None
        assert isinstance(command.stdin, bytes)
        assert self._child is not None
        assert self._child.stdout is not None
        self._tell(f"{command.resident.head} {len(command.stdin)}\n".encode() + command.stdin)
        told = b""
        until = time.monotonic() + PATIENCE
        while True:
            head = _REPLY.match(told)
            if head and len(told) >= (end := head.end() + int(head[2]) + int(head[3])):
                assert len(told) == end, "it says more than it announces"
                return int(head[1]), told[head.end() :]
            ready, _, _ = select.select([self._child.stdout], [], [], max(0.0, until - time.monotonic()))
            assert ready, "it does not answer"
            chunk = os.read(self._child.stdout.fileno(), 65536)
            assert chunk, "it has ended"
            told += chunk

    def _seen(self) -> dict[str, tuple[int, bytes]]:
        """All that lies there and around it: mode and content."""
        seen = {}
        for path in self._above.rglob("*"):
            status = path.lstat()
            seen[str(path.relative_to(self._above))] = (status.st_mode, path.read_bytes() if path.is_file() else b"")
        return {name: one for name, one in seen.items() if not name.endswith("var/lib/dsas/lock")}

    def check(self, number: int) -> None:
        """One hostile stream; the same number gives the same one. Raises what is wrong with what came of it."""
        chance = random.Random(number)
        sent = Delta(self._right.base, hostile(self._right.stream, chance))
        if chance.random() < 0.03:
            sent = replace(sent, base=chance.choice(BASES).replace("\n", ""))
        status, told = self._ask(change_command(self.second, sent, "w1"))
        assert status in STATUSES, (status, told)
        assert len(told) < 20_000, told[:200]
        after = self._seen()
        if status:
            assert after == self._before, {
                name for name in {*after, *self._before} if after.get(name) != self._before.get(name)
            }
            return
        for artifact in self.second.artifacts:
            if artifact.path.startswith("/"):
                assert (self._root / artifact.path[1:]).read_bytes() == artifact.content
        names = {name for name in after if not name.startswith("a/b/host/")}
        assert names == {name for name in self._before if not name.startswith("a/b/host/")}
        self._begin()


def check(first: int, count: int) -> str:
    """What broke of so many streams, by number; empty when nothing did."""
    with Patient() as patient:
        for number in range(first, first + count):
            try:
                patient.check(number)
            except Exception:  # noqa: BLE001 - whatever it is, it is what the fuzz looks for, and ends it
                return f"stream of changes {number}:\n{traceback.format_exc()}"
    return ""
