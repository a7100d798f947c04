"""The metadata server: the MATRIX over HTTP. Not built yet in this version."""

import sys


def main() -> None:
    """The command `dmetad`: says that it is not built yet, and ends with status 2."""
    print("dmetad: answering over HTTP is not built yet in this version", file=sys.stderr)
    sys.exit(2)
