"""The command `dmetad`."""

from __future__ import annotations

import os
import sys

from matrix_common.settings import SettingsError
from matrix_common.terminal import Interrupted, run_program
from matrix_dmetad.errors import DmetadError

from .options import invocation


def run() -> None:
    """Serve until stopped, and end with 0: stopped as asked; 2: cannot start."""
    run_program("dmetad", _serve)


def _serve() -> None:
    try:
        called = invocation(sys.argv[1:], os.environ)
        from .server import serve  # uvicorn, which `--help` need not wait for

        serve(called)
    except (DmetadError, SettingsError) as error:
        print(f"dmetad: {error}", file=sys.stderr)
        sys.exit(2)
    except Interrupted:
        return
