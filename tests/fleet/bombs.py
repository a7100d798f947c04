"""Answers that become larger, or take longer, than they look: `bombs.py READER NAME` reads one, and tells what it cost.

In a process of its own, so that its memory can be measured.
"""

from __future__ import annotations

import json
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from hostile_server import FLOODS, HostileServer, Script, text
from hostile_talk import at, only, open_pool

from matrix_distributor.conversation.answers import BEGIN, END
from matrix_distributor.dialogue import Command, Dialogue, Reply, Target
from matrix_distributor.fleetwork.comparing import held_dialogue
from matrix_distributor.fleetwork.copy.entries import Cargo, CargoItem
from matrix_distributor.fleetwork.copy.survey import survey_cargo
from matrix_distributor.fleetwork.fetching import fetch_dialogue
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.push import differences
from matrix_emitters.artifacts import Artifact
from matrix_grammar.model import Host

PIECE = 16 * 1024 * 1024
TARGET = Target("w1", "192.0.2.1")
HOST = Host("w1", ("192.0.2.1",), "w1")


def packed(parts: Iterable[bytes]) -> bytes:
    """As gzip."""
    engine = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join([*map(engine.compress, parts), engine.flush()])


def grown(head: bytes, piece: bytes, times: int) -> bytes:
    """A gzip stream of `head` and many times `piece`, that costs no time to make."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = engine.compress(head) + engine.flush(zlib.Z_FULL_FLUSH)
    again = engine.compress(piece) + engine.flush(zlib.Z_FULL_FLUSH)
    return first + again * times + engine.flush()


def tar_head(kind: bytes, size: int, name: bytes = b"./etc/dsas.conf") -> bytes:
    """A header of GNU's tar."""
    told = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    head = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + told + b"00000000000\0"
    rest = kind + bytes(100) + b"ustar  \0" + bytes(247)
    return head + b"%06o\0 " % (sum(head) + sum(rest) + 8 * 32) + rest


def sparse() -> bytes:
    """A file of 1 TB of which nothing is stored: as GNU's tar tells it."""
    head = bytearray(tar_head(b"S", 0))
    head[483:495] = b"\x80" + (2**40).to_bytes(11, "big")
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:]))
    return bytes(head) + bytes(1024)


ZEROS = bytes(PIECE)
LINES = (b"U %08x\n" % n for n in range(1_000_000))
FILES = (b"S 81a4 root:root - ./x/%s%08x\n" % (b"n" * 150, n) for n in range(299_000))
GZIPS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: grown(b"", ZEROS, 100),
    "a long line": lambda: grown(b"", b"x" * PIECE, 100),
    "newlines": lambda: grown(b"", b"\n" * PIECE, 100),
    "many entries": lambda: packed(chain(LINES, [b"~\n"])),
    "the same entry": lambda: grown(b"", b"U 2e2f78\n" * 1_000_000, 100),
    "long entries": lambda: packed(chain(FILES, [b"~\n"])),
    "a file of a tar": lambda: grown(tar_head(b"0", 2**34), ZEROS, 100),
    "many files of a tar": lambda: grown(b"", tar_head(b"0", 0) * 10_000, 200),
    "a sparse file": lambda: packed([sparse()]),
    "a name of 1 GB": lambda: grown(tar_head(b"L", 2**30), b"n" * PIECE, 64),
    "a pax header of 1 GB": lambda: grown(tar_head(b"x", 2**30), b"9" * PIECE, 64),
    "nested": lambda: packed([grown(b"", ZEROS, 100)] * 50),
    "many members": lambda: packed([]) * 300_000,
    "not packed": lambda: b"\n" * (64 * 1024 * 1024),
}


def told(dialogue: Dialogue[Any], stdout: bytes) -> object:
    """What a dialogue makes of a host that gives this answer to everything."""
    try:
        next(dialogue)
        while True:
            dialogue.send(Reply(0, stdout, b"", 0.0))
    except StopIteration as end:
        return end.value


def of_files(stdout: bytes) -> object:
    """`matrix push --dry-run --diff`."""

    def converse(pairs: Any) -> Any:
        return ((target, told(dialogue, stdout)) for target, dialogue in pairs)

    artifact = Artifact("/etc/dsas.conf", 0o644, b"own\n")
    generation = assemble_generation(
        (artifact,), 1, "MATRIX", parent=None, now=datetime(2026, 1, 1, tzinfo=UTC), author="a@b"
    )
    changes: Any = differences(generation, [TARGET], converse)
    return changes.untold[0].cause


def of_tree(stdout: bytes) -> object:
    """DIFFALL of a tree."""
    outcome: Any = told(held_dialogue(HOST, "/x", sudo=False), BEGIN + stdout + END)
    return outcome.cause


def of_cargo(stdout: bytes) -> object:
    """SYNCALL of many files."""
    entries = tuple(CargoItem(f"f{n}", "file", 0o644, digest="0" * 64) for n in range(100))
    survey: Any = told(
        survey_cargo(Cargo("/x", entries, tree=True), "h1", sudo=False, at_length=True), BEGIN + stdout + END
    )
    return survey.cause


def of_content(stdout: bytes) -> object:
    """DIFFALL's contents."""
    fetched: Any = told(fetch_dialogue(HOST, (("/x", "0" * 64),), sudo=False), BEGIN + stdout + END)
    return "nothing" if not fetched.contents else ""


READERS: dict[str, Callable[[bytes], object]] = {
    "files": of_files, "tree": of_tree, "cargo": of_cargo, "content": of_content,
}  # fmt: skip


def many_outputs(channel: int) -> Iterator[bytes]:
    """Two streams by turns, as the collecting of both has one bound."""
    for kind in repeat((b"\x5e", b"")):
        yield kind[0] + struct.pack(">I", channel) + text(b"x" * 30_000)
        yield b"\x5f" + struct.pack(">II", channel, 1) + text(b"x" * 30_000)


OVER_SSH: dict[str, Script] = {
    "long": FLOODS["long"], "lines": FLOODS["lines"], "ignore": FLOODS["ignore"], "both": {"run": many_outputs},
}  # fmt: skip


def over_ssh(script: Script) -> object:
    """A command's answer, over the transport."""

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("x"))

    with tempfile.TemporaryDirectory() as folder, HostileServer(script) as server, open_pool(Path(folder)) as pool:
        outcome: Any = only(pool, at(server.port), dialogue())
        return outcome.cause


def peak() -> int:
    """Bytes of memory that this process had at most (getrusage(2) tells those of its parent, if they are more)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def main(reader: str, name: str) -> None:
    """Read one bomb; tells the cause that was given, and the bytes of memory that it took at most."""
    bomb = GZIPS[name]() if reader != "ssh" else b""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak is counted from here
    before = peak()
    cause = over_ssh(OVER_SSH[name]) if reader == "ssh" else READERS[reader](bomb)
    print(json.dumps({"cause": cause, "bytes": peak() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
