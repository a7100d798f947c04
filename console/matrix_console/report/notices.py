"""What the next release refuses, gathered from the settings and the text, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from matrix_console.frame import Workspace

if TYPE_CHECKING:
    from matrix_common.trouble import Notice
    from matrix_grammar.diagnostics import Diagnostic
    from matrix_grammar.reading import Reading


def notices_of(workspace: Workspace, reading: Reading) -> tuple[Notice, ...]:
    """Those of the files that the settings name, then those of the text, each once."""
    return tuple(dict.fromkeys((*workspace.verdict.notices, *reading.notices)))


def lines_of(notices: Iterable[Notice]) -> list[str]:
    """A line each, with what is to be pasted where."""
    from matrix_common.terminal import safe

    return [f"notice: {safe(str(notice))}" for notice in notices]


def refusal(diagnostic: Diagnostic) -> str:
    """What is refused at once, as a line: nothing is made with it, and nothing else is kept back by it."""
    from matrix_common.terminal import safe

    return f"refused: {safe(f'{diagnostic.place}: {diagnostic.code}: {diagnostic.message}; {diagnostic.cure}')}"


def refusal_as_json(diagnostic: Diagnostic) -> dict[str, str]:
    """The same for programs: where, cause, cure."""
    return {"where": str(diagnostic.place), "cause": diagnostic.message, "cure": diagnostic.cure}


def as_json(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """For programs: where, cause, paste, into."""
    return [asdict(notice) for notice in notices]
