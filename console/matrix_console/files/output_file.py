"""`-o FILE`: a file, whole or not at all; or the stream that is open already, for `-`, /dev/stdout and /dev/fd/N."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

from matrix_console.frame import emit_data

_STANDARD: Final = {"-": 1, "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")


def stream_of(output: str) -> int | None:
    """The number of the open stream that is meant, as by a shell's `>(…)`; None: it is a file."""
    found = _DESCRIPTOR.fullmatch(output)
    return int(found[1]) if found else _STANDARD.get(output)


def write_output(output: str, content: bytes) -> None:
    """Put the content there; to a stream it is written as data is, after what was printed. Raises OSError."""
    from matrix_common.files import write_file

    number = stream_of(output)
    if number is None:
        write_file(Path(output), content)
    elif number == 1:
        emit_data(content)
    else:
        _write_through(number, content, output)


def _write_through(number: int, content: bytes, output: str) -> None:
    from matrix_common.terminal import safe_bytes

    sys.stderr.flush()
    try:
        with os.fdopen(os.dup(number), "wb") as stream:
            stream.write(safe_bytes(content) if stream.isatty() else content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, output) from error
