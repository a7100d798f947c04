"""Decompression of what somebody else has sent, never beyond a bound that the caller names."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

SLICE = 256 * 1024
"""Bytes that are made at a time: what a caller that serves others besides may do in one turn."""

MAGIC = b"\x1f\x8b"
"""How a member begins (RFC 1952)."""

MOST_MEMBERS = 64
"""gzip members of one stream; gzip(1) writes one, and each costs the time of a start."""


class InflationError(ValueError):
    """What came is no gzip stream, is cut, or holds more than it may; the message says which."""


def inflate(data: bytes, most: int) -> bytes:
    """The content of a gzip stream, which is at most `most` bytes. Raises InflationError.

    Neither the memory nor the time that it takes grow beyond those of `data` and `most` bytes.
    """
    return b"".join(slices(data, most))


def slices(data: bytes, most: int) -> Iterator[bytes]:
    """As `inflate`, in pieces of at most SLICE bytes, each made when it is asked for.

    What follows the stream and is none itself, as the words of a login shell, is passed over.
    """
    left, members, rest = most, 0, memoryview(data)
    while rest and (not members or rest[:2] == MAGIC):
        members += 1
        if members > MOST_MEMBERS:
            raise InflationError(f"it has more than {MOST_MEMBERS} parts")
        engine = zlib.decompressobj(31)
        place = 0
        while not engine.eof:
            fed = engine.unconsumed_tail or rest[place : place + SLICE]
            if not engine.unconsumed_tail:
                place += len(fed)
            try:
                made = engine.decompress(fed, min(SLICE, left + 1))
            except zlib.error as error:
                raise InflationError("it is no gzip stream, or damaged") from error
            left -= len(made)
            if left < 0:
                raise InflationError(f"it holds more than {most:,} bytes")
            if made:
                yield made
            elif not fed:
                raise InflationError("its end is missing")
        rest = _without_padding(rest[place - len(engine.unused_data) :])
    if not members:
        raise InflationError("it is empty")


def _without_padding(rest: memoryview) -> memoryview:
    """What follows a member; zeros at the end of a stream are no further one (gzip(1))."""
    return rest[:0] if rest[:1].tobytes() == b"\0" and not bytes(rest).strip(b"\0") else rest
