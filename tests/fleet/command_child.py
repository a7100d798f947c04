"""What a fork does that becomes an installed command: the interpreter's streams, and its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from typing import NoReturn


def take_streams(closed: Collection[int] = ()) -> None:
    """Descriptors 0 to 2 become Python's streams; those that are closed are None, as at the interpreter's start."""
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        errors = "strict" if number < 2 else "backslashreplace"
        setattr(sys, name, None if number in closed else os.fdopen(number, mode, closefd=False, errors=errors))


def become(command: Callable[[], object]) -> NoReturn:
    """Run a command, and end as the interpreter does after it; 99 where it ended by an error."""
    try:
        command()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter at its end
        sys.excepthook(*sys.exc_info())
        status = 99
    else:
        status = 0
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
