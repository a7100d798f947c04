"""The texts of other programs, read once: a file or standard input, as UTF-8, within bounds."""

from __future__ import annotations

import errno
import os
import stat
import sys

from matrix_console.frame import fail

LARGEST = 64 * 1024 * 1024
"""Bytes of a foreign text."""


def read_foreign(source: str) -> str:
    """The text of a file, or of standard input for `-`. What cannot be had, or is no text, ends the verb with 1."""
    name = "standard input" if source == "-" else source
    try:
        content = standard_input(LARGEST + 1) if source == "-" else _read(source)
    except OSError as error:
        from matrix_common.terminal import reason_of

        fail(f"{name}: {reason_of(error)}", 1)
    if len(content) > LARGEST:
        fail(f"{name}: more than {LARGEST // 1024 // 1024} MB; is this the right file?", 1)
    if b"\0" in content:
        fail(f"{name}: a NUL byte at offset {content.index(0)}: this is no text", 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = content[error.start]
        fail(f"{name}:{line}: byte 0x{wrong:02X} is not UTF-8; convert it: iconv -f LATIN1 -t UTF-8", 1)


def standard_input(most: int = -1) -> bytes:
    """What standard input gives, at most so many bytes. Where it cannot be read the verb ends with 1."""
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        from matrix_common.terminal import reason_of

        why = "it is closed" if error.errno == errno.EBADF else reason_of(error)
        fail(f"standard input cannot be read: {why}", 1)


def _read(path: str) -> bytes:
    """The bytes of a file or a pipe, at most one more than `LARGEST`."""
    with open(path, "rb") as file:
        if stat.S_ISBLK(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "it is no file with a text")
        return file.read(LARGEST + 1)
