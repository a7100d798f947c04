"""The plain files of a tar that somebody else has made. Nothing is made that is larger than the tar itself.

tarfile believes sizes that a header tells: of a sparse file, of names, of the rest of a header.
"""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 512
LONGEST_NAME = 4096
"""Bytes of a path (PATH_MAX of Linux), and of all that a header may say of a file besides."""

_FILES = (b"0", b"\0", b"7")
_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")
_LONG_NAME, _LONG_LINK, _OF_ONE, _OF_ALL = b"L", b"K", b"x", b"g"


class UnpackingError(ValueError):
    """What came is no tar, is cut, or holds what it may not; the message says which."""


def plain_files(tar: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """The files of a tar with their names, in its order; others are passed over. Raises UnpackingError.

    `most` bounds the entries of all kinds. Formats: ustar, GNU's without sparse files, and pax for names.
    """
    place, entries, name = 0, 0, ""
    while True:
        head = tar[place : place + BLOCK]
        if not head.strip(b"\0"):
            if not head:
                raise UnpackingError("its end is missing")
            return
        entries += 1
        if entries > most:
            raise UnpackingError(f"it has more than {most:,} entries")
        kind, size = head[156:157], _size(head)
        place += BLOCK
        if kind in _WITHOUT_CONTENT:
            size = 0
        content = memoryview(tar)[place : place + size]
        if len(content) < size:
            raise UnpackingError("its end is missing")
        place += -(-size // BLOCK) * BLOCK
        if kind in (_LONG_NAME, _LONG_LINK, _OF_ONE, _OF_ALL):
            if size > LONGEST_NAME:
                raise UnpackingError(f"a name of {size:,} bytes")
            name = _told_before(kind, bytes(content)) or name
            continue
        if kind in _FILES:
            yield name or _name(head), bytes(content)
        elif kind not in _WITHOUT_CONTENT:
            raise UnpackingError(f"an entry of type {kind.decode('ascii', 'replace')!r}")
        name = ""


def _told_before(kind: bytes, content: bytes) -> str:
    """The name that an entry tells for the one after it, if any."""
    if kind == _LONG_NAME:
        return _text(content.rstrip(b"\0"))
    return _pax_path(content) if kind == _OF_ONE else ""


def _size(head: bytes) -> int:
    """The size that a header tells, whose sum is checked."""
    try:
        told = int(head[148:156].strip(b" \0") or b"0", 8)
        field = head[124:136]
        size = int.from_bytes(field[1:], "big") if field[:1] == b"\x80" else int(field.strip(b" \0") or b"0", 8)
    except ValueError as error:
        raise UnpackingError("it is no tar") from error
    if len(head) < BLOCK or told != sum(head) - sum(head[148:156]) + 8 * ord(" ") or size < 0:
        raise UnpackingError("it is no tar, or damaged")
    return size


def _name(head: bytes) -> str:
    name = head[:100].partition(b"\0")[0]
    prefix = head[345:500].partition(b"\0")[0] if head[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _pax_path(content: bytes) -> str:
    """Records of `LENGTH KEY=VALUE` and an end of line (pax(1))."""
    path = ""
    while content:
        length, space, _ = content.partition(b" ")
        if not space or not length.isdigit() or not len(length) < int(length) <= len(content):
            raise UnpackingError("a header that cannot be read")
        record, content = content[len(length) + 1 : int(length)], content[int(length) :]
        key, _, value = record.removesuffix(b"\n").partition(b"=")
        if key == b"path":
            path = _text(value)
        elif key == b"size" or key.startswith(b"GNU.sparse"):
            raise UnpackingError(f"a header that tells of {key.decode('ascii', 'replace')}")
    return path


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
