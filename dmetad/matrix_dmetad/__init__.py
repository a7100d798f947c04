"""The metadata server: the MATRIX over HTTP."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from matrix_common.settings import Setting

__all__ = ["check_settings", "known_settings", "main"]


def main() -> None:
    """The command `dmetad`: serves until it is stopped. Ends with status 2 when it cannot start."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it is imported Ctrl-C just ends it
    from matrix_dmetad.serving.command import run

    run()


def known_settings() -> Iterator[Setting]:
    """Every setting that may stand under `[dmetad]` in matrix.toml."""
    from .settings import known

    return known()


def check_settings(table: Mapping[str, Any], where: object) -> None:
    """Raises SettingsError when `[dmetad]` of the matrix.toml at `where` is not what dmetad takes."""
    from .settings import settings_from

    settings_from({"dmetad": table}, where)
