"""What one generation changes in another that a host keeps: sent instead of all files, of which most stays as it is.

A stream of lines and bytes, which patching.pl turns into the files of the new generation. Their sums are checked then
as those of any other:

    delta TIME                      the time that each file gets, in seconds since 1970
    same MODE 0 PATH                a file as it is in the other generation; MODE in octal
    file MODE PIECES PATH           a file that is put together of so many pieces, which follow:
      copy OFFSET LENGTH            bytes of the file of that path in the other generation
      data LENGTH                   bytes that come after this line
    end
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from .generation import Generation
from .state import State

SMALL_ENOUGH = 8
"""A delta is sent where it is this many times smaller than the files: about what gzip makes of them is a fifth."""
SHORTEST = 24
"""Bytes of a line that is looked for anywhere in the old file; shorter ones stand there again and again."""

MOST_BASES = 3
"""A fleet is rarely at more than two generations; whoever holds another is sent the whole."""

_Run: TypeAlias = "tuple[int, int]"  # offset and length within the old file
_Piece: TypeAlias = "_Run | bytes"


@dataclass(frozen=True)
class Delta:
    """`base` is the generation it starts from, as a host names it (N-DIGEST12); `stream` is what is sent."""

    base: str
    stream: bytes


def deltas_for(generation: Generation, state: State, held: Iterable[tuple[int, str]]) -> dict[str, Delta]:
    """What leads to a generation from those that hosts hold (number and digest of each), as far as they are remembered.

    Of many, those that most hosts hold. Raises StateError.
    """
    common = Counter(pair for pair in held if pair[1] != generation.digest).most_common(MOST_BASES)
    bases = (state.whole(number, digest) for (number, digest), _ in common)
    return deltas_to(generation, [base for base in bases if base is not None])


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
    old_end = new_end = 0
    for offset, start, length in [*_common_lines(old, new), (len(old), len(new), 0)]:
        added, gone = new[new_end:start], old[old_end:offset]
        head = _common_head(added, gone)
        tail = _common_head(added[head:][::-1], gone[head:][::-1])
        _append(pieces, (old_end, head))
        _append(pieces, added[head : len(added) - tail])
        _append(pieces, (offset - tail, tail + length))
        old_end, new_end = offset + length, start + length
    return pieces


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


def _common_lines(old: bytes, new: bytes) -> Iterator[tuple[int, int, int]]:
    """Runs of whole lines that both have: where in the old one, where in the new one, how many bytes."""
    theirs, ours = old.splitlines(keepends=True), new.splitlines(keepends=True)
    their_starts = [0, *accumulate(map(len, theirs))]
    our_starts = [0, *accumulate(map(len, ours))]
    where: dict[bytes, int] = {}
    for place, line in enumerate(theirs):
        if len(line) >= SHORTEST:
            where.setdefault(line, place)
    at = expected = 0
    while at < len(ours):
        found = expected if theirs[expected : expected + 1] == [ours[at]] else where.get(ours[at])
        if found is None:
            at += 1
            continue
        count = 1
        while at + count < len(ours) and theirs[found + count : found + count + 1] == [ours[at + count]]:
            count += 1
        yield their_starts[found], our_starts[at], our_starts[at + count] - our_starts[at]
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
