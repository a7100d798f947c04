"""What the next release refuses, gathered from the settings and the text, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .frame import Workspace

if TYPE_CHECKING:
    from matrix_grammar import Notice, Reading


def notices_of(workspace: Workspace, reading: Reading) -> tuple[Notice, ...]:
    """Those of the files that the settings name, then those of the text, each once."""
    return tuple(dict.fromkeys((*workspace.verdict.notices, *reading.notices)))


def lines_of(notices: Iterable[Notice]) -> list[str]:
    """A line each, with what is to be pasted where."""
    from matrix_grammar import safe

    return [f"notice: {safe(str(notice))}" for notice in notices]


def as_json(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """For programs: where, cause, paste, into."""
    return [asdict(notice) for notice in notices]
