"""The metadata server: the MATRIX over HTTP."""

import sys


def main() -> None:
    """The command `dmetad`: serves until it is stopped. Ends with status 2 when it cannot start."""
    from .command import run

    sys.exit(run())
