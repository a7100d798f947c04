"""Where things lie: beside a MATRIX, and on a host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

SETTINGS_FILE: Final = "matrix.toml"
"""The settings, beside the MATRIX."""

HOST_HOME: Final = Path("var/lib/dsas")
"""What a host keeps of generations, below its root folder."""


def host_root(environment: Mapping[str, str]) -> Path:
    """The folder below which everything on a host lies: `/`, but for tests and private roots ($DSAS_ROOT)."""
    return Path(environment.get("DSAS_ROOT") or "/")


def installed_name(environment: Mapping[str, str]) -> str:
    """What the last install called this machine (`/etc/dsas.d/self`); an empty text where there was none.

    $DSAS_DIR names another folder than /etc/dsas.d.
    """
    folder = Path(environment.get("DSAS_DIR") or host_root(environment) / "etc/dsas.d")
    try:
        return (folder / "self").read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""
