"""The commands as they are installed: Ctrl-C ends them quietly from the first moment, before there is work to undo."""

from __future__ import annotations

import signal


def _until_it_runs() -> None:
    """While a command is imported Ctrl-C just ends it, unless the caller wants it ignored; then `run` decides."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def matrix() -> None:
    """The command `matrix`."""
    _until_it_runs()
    from .main import main

    main()


def matrixd() -> None:
    """The command `matrixd`."""
    _until_it_runs()
    from .main import matrixd as command

    command()


def forall() -> None:
    """The command `FORALL`."""
    _until_it_runs()
    from .main import forall as command

    command()


def syncall() -> None:
    """The command `SYNCALL`."""
    _until_it_runs()
    from .main import syncall as command

    command()


def diffall() -> None:
    """The command `DIFFALL`."""
    _until_it_runs()
    from .main import diffall as command

    command()
