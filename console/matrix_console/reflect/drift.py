"""Reflected files as hosts have them now, for `matrix status --live`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from matrix_console.frame import Workspace

from .rollout import options_of

if TYPE_CHECKING:
    from matrix_distributor.conversation import Converse
    from matrix_distributor.generation import Generation
    from matrix_distributor.state import OriginState, ReflectRecord
    from matrix_grammar import Fleet


def look_at_reflected(
    workspace: Workspace, known: Sequence[ReflectRecord], fleet: Fleet, state: OriginState, reach: Converse
) -> None:
    """Ask the hosts for the files that were applied there, and remember which are not as they were."""
    if not known:
        return
    from matrix_distributor.reflect import drifted
    from matrix_distributor.state import StateError

    def generation(number: int) -> Generation | None:
        try:
            found = state.generation(number)
        except StateError:
            return None
        return state.whole(number, found.digest)

    options = options_of(workspace.settings, dry=True)
    found = list(drifted(known, workspace.reflect_entries, fleet, generation, reach, options))
    state.reflections.note_drift(found, datetime.now(UTC))
