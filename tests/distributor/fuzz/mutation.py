"""Bytes that a hostile host would send in place of the right ones: the same number gives the same bytes."""

from __future__ import annotations

import gzip
import random
import zlib

HOSTILE = (
    b"",
    b"\0",
    b"\n",
    b"\xff",
    b"\x1b]0;owned\x07",
    b"\x9b2J",
    "\u202e".encode(),
    b"dsas 1 ",
    b"../",
    b"/",
    b" ",
    b"-",
    b"%s%n",
    b"9" * 40,
    b"-1",
    b"0x7fffffff",
    b"1e999",
    b"\\x41",
    b"$(id)",
    b"`id`",
    b"'\"",
    b"\r\n\r\n",
    b"A" * 5000,
    b"\n" * 3000,
    b"L ",
    b"S ",
    b"O ",
    b"U ",
    b"T 41ed root:root\n",
    b"why mode 0600, should be 0644\n",
    b"R\n",
    b"same",
    b"drift /",
    b"removed /",
    b"before 1\n",
    b"reply 0 0 0\n",
    b"taken\n",
    b"\x1f\x8b\x08",
    b"ustar\0",
    b"{",
    b"[",
    b"null",
    b'"generation": ',
    b"\xc3\x28",
    b"\xed\xa0\x80",
)


def mutated(right: bytes, chance: random.Random) -> bytes:
    """The right answer with a few of its bytes cut, doubled, turned over, moved, or replaced by hostile ones."""
    wrong = bytearray(right)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(wrong) + 1)
        end = min(len(wrong), at + chance.choice((1, 2, 4, 32, 512, len(wrong))))
        kind = chance.randrange(7)
        if kind == 0:
            del wrong[at:end]
        elif kind == 1:
            wrong[at:at] = wrong[at:end] * chance.choice((1, 2, 50 if end - at < 600 else 1))
        elif kind == 2 and at < len(wrong):
            wrong[at] ^= 1 << chance.randrange(8)
        elif kind == 3:
            wrong[at:at] = chance.choice(HOSTILE)
        elif kind == 4:
            wrong[at:end] = chance.randbytes(end - at)
        elif kind == 5:
            del wrong[at:]
        elif right:
            other = chance.randrange(len(right))
            wrong[at:end] = right[other : other + 64]
    return bytes(wrong)


def repacked(right: bytes, chance: random.Random) -> bytes:
    """A compressed answer: its content mutated and compressed again, or the compressed bytes themselves mutated."""
    if chance.random() < 0.3:
        return mutated(right, chance)
    try:
        content = zlib.decompress(right, 31)
    except zlib.error:
        return mutated(right, chance)
    return gzip.compress(mutated(content, chance), 1, mtime=0)
