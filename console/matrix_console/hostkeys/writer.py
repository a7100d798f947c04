"""Who wrote a host key into the MATRIX, and when: as far as this origin knows."""

from __future__ import annotations

import pwd
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matrix_console.frame import Workspace

if TYPE_CHECKING:
    from matrix_distributor.state import OriginState, Past


def writer_of(workspace: Workspace, word: str, file: str) -> str:
    """Since which generation a key (as it is written) stands in the text, and who made that; else who owns the file."""
    found = _first_with(workspace, word.encode())
    if found is None:
        return f"in no generation yet; {_owner_of(Path(file))}"
    past, older = found
    made = datetime.fromisoformat(past.time).astimezone()
    unseen = "" if older or not past.parent else " or before, of which nothing is kept"
    return f"since generation {past.number}{unseen}, made {made:%Y-%m-%d %H:%M:%S} by {past.author}"


def _first_with(workspace: Workspace, word: bytes) -> tuple[Past, bool] | None:
    """The generation that brought the word into the texts and kept it until now, and whether there is an older one."""
    from matrix_distributor.state import OriginState

    if not (workspace.settings.state / "state.db").exists():
        return None
    with OriginState.to_read(workspace.settings.state, workspace.folder) as state:
        return _walk(state, word)


def _walk(state: OriginState, word: bytes) -> tuple[Past, bool] | None:
    """From the newest backwards, in ever longer steps: a history may be of thousands of generations."""
    number = 8
    while True:
        line = state.history(number)
        having = [any(word in text for text in past.texts.values()) for past in line]
        if not having or not having[0]:
            return None
        if False in having:
            return line[having.index(False) - 1], True
        if len(line) < number:
            return line[-1], False
        number *= 8


def _owner_of(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "who wrote it is not known"
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        owner = f"uid {status.st_uid}"
    written = datetime.fromtimestamp(status.st_mtime).astimezone()
    return f"{path} belongs to {owner}, and was last written {written:%Y-%m-%d %H:%M:%S}, by whom is not known"
