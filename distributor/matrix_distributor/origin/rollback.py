"""Going back: the texts of an earlier generation become the texts again, and so the content of a new generation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from matrix_common.files import write_file
from matrix_common.paths import SETTINGS_FILE
from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import Generation
from matrix_distributor.state.store import OriginState
from matrix_grammar.ranges import fold

from .adoption import is_hidden
from .origin import Origin, stored_fleet
from .removals import RemovalsNeedConsent, removals
from .templates import SUFFIX

FOLDER = "before-rollback"
"""Where, in the folder of the state, texts are kept that a rollback replaced."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """What a rollback does to the texts: files to write, files that are no part of them any more."""

    generation: Generation
    write: dict[Path, bytes]
    remove: tuple[Path, ...]


def former(state: OriginState, number: int | None) -> Generation:
    """The generation to go back to: of that number, or the one before the current. Raises DistributorError."""
    if number is None:
        number = state.current_number() - 1
        if number < 1:
            raise DistributorError("there is no generation to go back to")
    if number == state.current_number():
        raise DistributorError(f"generation {number} is the current one: there is nothing to go back from")
    return state.generation(number)


def restoration(
    origin: Origin, past: Generation, present: Iterable[Path], *, current: Generation, accept_removals: bool = False
) -> Restoration:
    """What is to be done to the texts so that they say what `past` said; nothing is touched yet.

    `present` are the texts that are read now. The settings stay as they are. Raises DistributorError when the texts
    of `past` do not make a Fleet any more, and RemovalsNeedConsent when going back removes many hosts.
    """
    fleet = stored_fleet(past)
    if fleet is None:
        raise DistributorError(f"the texts of generation {past.number} are no MATRIX that this version reads")
    before = stored_fleet(current)
    if before is not None and not accept_removals:
        lost = removals(before, fleet)
        if lost.need_consent:
            raise RemovalsNeedConsent(lost, fold(lost.hosts), "rollback")
    matrix = Path(past.manifest.matrix.partition("/")[2])
    base = Path(os.path.abspath(origin.matrix)).parents[len(matrix.parts) - 1]
    now = set(map(Path, map(os.path.abspath, present)))
    write = {
        base / path: content
        for path, content in past.texts.items()
        if Path(path).name.casefold() != SETTINGS_FILE and (_is_text(path) or base / path in now)
    }
    if Path(os.path.abspath(origin.matrix)) not in write:
        name = matrix.as_posix()
        raise DistributorError(
            f"generation {past.number} had its MATRIX at {name}, not {origin.matrix.name}; rename it"
        )
    remove = tuple(path for path in sorted(now) if path not in write)
    return Restoration(past, write, remove)


def _is_text(path: str) -> bool:
    """Whether a file can be one of a MATRIX's own by its name: a generation that was adopted may bring any."""
    return not is_hidden(path) or Path(path).name == "MATRIX" or Path(path).suffix in (".matrix", SUFFIX)


def restore(plan: Restoration, state_folder: Path, now: datetime) -> Path | None:
    """Carry a restoration out; what it replaces is kept in the folder that is returned (None: it replaced nothing).

    Raises DistributorError.
    """
    kept = None
    try:
        replaced = [path for path, content in plan.write.items() if path.exists() and path.read_bytes() != content]
        gone = [path for path in plan.remove if path.exists()]
        if replaced or gone:
            kept = state_folder / FOLDER / now.strftime("%Y%m%dT%H%M%S.%f")
        if kept is not None:
            for path in (*replaced, *gone):
                copy = kept / path.relative_to(path.anchor)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
        for path, content in plan.write.items():
            write_file(path, content, mode=0o644)  # dmetad reads them as another user
        for path in gone:
            path.unlink()
    except OSError as error:
        raise DistributorError(f"cannot go back: {error.filename}: {error.strerror}") from error
    return kept
