"""The command `dmetad`."""

from __future__ import annotations

import os
import sys

from matrix_grammar import SettingsError, guard_standard_error

from .errors import DmetadError
from .options import invocation


def run() -> int:
    """Serve until stopped. 0: stopped as asked; 2: cannot start."""
    guard_standard_error()
    try:
        called = invocation(sys.argv[1:], os.environ)
        from .server import serve  # uvicorn, which `--help` need not wait for

        serve(called)
    except (DmetadError, SettingsError) as error:
        print(f"dmetad: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0
