"""What one generation changes in another that a host keeps: sent instead of all files, of which most stays as it is.

A stream of lines and bytes, which 16_delta.pl turns into the files of the new generation. Their sums are checked then
as those of any other:

    delta TIME                      the time that each file gets, in seconds since 1970
    same MODE 0 PATH                a file as it is in the other generation; MODE in octal
    file MODE PIECES PATH           a file that is put together of so many pieces, which follow:
      copy OFFSET LENGTH            bytes of the file of that path in the other generation
      data LENGTH                   bytes that come after this line
    end
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from .generation import Generation

SMALL_ENOUGH = 8
"""A delta is sent where it is this many times smaller than the files: about what gzip makes of them is a fifth."""
SHORTEST_LINE, SHORTEST_WORD = 24, 4
"""Bytes of what is looked for anywhere in the old file; shorter ones stand there again and again."""
LONG = 1024
"""Bytes of changed lines that are worth to be compared word by word: lists of hosts are long lines."""

_WORD = re.compile(rb"[^\s,;:'\"]*[\s,;:'\"]*")

_Run: TypeAlias = "tuple[int, int]"  # offset and length within the old file
_Piece: TypeAlias = "_Run | bytes"


@dataclass(frozen=True)
class Delta:
    """`base` is the generation it starts from, as a host names it (N-DIGEST12); `stream` is what is sent."""

    base: str
    stream: bytes


def deltas_to(generation: Generation, bases: Iterable[Generation]) -> dict[str, Delta]:
    """What leads to a generation from each of these, by their digest; without those that save little."""
    size = sum(len(artifact.content) for artifact in generation.artifacts)
    made = {base.digest: delta(generation, base) for base in bases if base.digest != generation.digest}
    return {digest: one for digest, one in made.items() if len(one.stream) * SMALL_ENOUGH <= size}


def delta(generation: Generation, base: Generation) -> Delta:
    """What leads to a generation from another one."""
    old = {file.path: file for file in base.members()}
    stream = [f"delta {generation.time}\n".encode()]
    for file in generation.members():
        before = old.get(file.path)
        if before == file:
            stream.append(f"same {file.mode:04o} 0 {file.path}\n".encode())
            continue
        pieces = _pieces(before.content if before else b"", file.content)
        stream.append(f"file {file.mode:04o} {len(pieces)} {file.path}\n".encode())
        stream += map(_spell, pieces)
    stream.append(b"end\n")
    return Delta(base.manifest.directory, b"".join(stream))


def _spell(piece: _Piece) -> bytes:
    if isinstance(piece, bytes):
        return b"data %d\n%s" % (len(piece), piece)
    return b"copy %d %d\n" % piece


def _pieces(old: bytes, new: bytes) -> list[_Piece]:
    """The new content out of runs of the old one, as far as its lines go, and what is new."""
    pieces: list[_Piece] = []
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for piece in _compared(old_lines, new_lines, 0, SHORTEST_LINE, _changed_lines):
        _append(pieces, piece)
    return pieces


def _changed_lines(old: list[bytes], new: list[bytes], at: int) -> Iterator[_Piece]:
    """What became of some lines that all differ; the old ones begin `at`. Of long ones most words are the same."""
    if len(old) == len(new) > 1:
        for line, other in zip(old, new, strict=True):
            yield from _changed_lines([line], [other], at)
            at += len(line)
    elif sum(map(len, new)) > LONG and old:
        before, after = _WORD.findall(b"".join(old)), _WORD.findall(b"".join(new))
        yield from _compared(before, after, at, SHORTEST_WORD, _changed)
    else:
        yield from _changed(old, new, at)


def _changed(old: list[bytes], new: list[bytes], at: int) -> Iterator[_Piece]:
    """What is the same at both ends, and what is new between them."""
    gone, added = b"".join(old), b"".join(new)
    head = _common_head(added, gone)
    tail = _common_head(added[head:][::-1], gone[head:][::-1])
    yield at, head
    yield added[head : len(added) - tail]
    yield at + len(gone) - tail, tail


def _compared(
    old: list[bytes],
    new: list[bytes],
    at: int,
    shortest: int,
    changed: Callable[[list[bytes], list[bytes], int], Iterator[_Piece]],
) -> Iterator[_Piece]:
    """Runs of parts that both have, and what `changed` makes of what lies between them. The old ones begin `at`."""
    starts = list(accumulate(map(len, old), initial=at))
    old_end = new_end = 0
    for theirs, ours, count in [*_common(old, new, shortest), (len(old), len(new), 0)]:
        yield from changed(old[old_end:theirs], new[new_end:ours], starts[old_end])
        yield starts[theirs], starts[theirs + count] - starts[theirs]
        old_end, new_end = theirs + count, ours + count


def _append(pieces: list[_Piece], piece: _Piece) -> None:
    if isinstance(piece, bytes):
        if piece:
            pieces.append(piece)
    elif piece[1]:
        last = pieces[-1] if pieces else b""
        if not isinstance(last, bytes) and sum(last) == piece[0]:
            pieces[-1] = (last[0], last[1] + piece[1])
        else:
            pieces.append(piece)


def _common(old: list[bytes], new: list[bytes], shortest: int) -> Iterator[tuple[int, int, int]]:
    """Runs of parts that both have: where in the old ones, where in the new ones, how many."""
    where: dict[bytes, int] = {}
    for place, part in enumerate(old):
        if len(part) >= shortest:
            where.setdefault(part, place)
    at = expected = 0
    while at < len(new):
        found = expected if expected < len(old) and old[expected] == new[at] else where.get(new[at])
        if found is None:
            at += 1
            continue
        count = 1
        while at + count < len(new) and found + count < len(old) and old[found + count] == new[at + count]:
            count += 1
        yield found, at, count
        at, expected = at + count, found + count


def _common_head(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
