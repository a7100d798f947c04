"""`~` in a path, also for who has no home: a process without HOME whose uid has no name, as in a container."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_NOWHERE: Final = "/nonexistent"
"""As passwd(5) of Debian gives it to users without one: it is never made."""


def at_home(path: str | Path) -> Path:
    """The path with its `~` or `~USER` as that home; where there is no such home, one below which nothing is."""
    found = os.path.expanduser(str(path))
    if not found.startswith("~"):
        return Path(found)
    user, _, rest = found[1:].partition("/")
    return Path(_NOWHERE, f"~{user}" if user else "", rest)
