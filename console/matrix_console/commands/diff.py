"""`matrix diff`: what changed in meaning between two texts."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matrix_console.frame import Workspace, emit_coloured, emit_json, fail, verb

if TYPE_CHECKING:
    from matrix_grammar import Fleet
    from matrix_grammar.difference import Change

_COLOURS = {"+": "green", "-": "red"}


@verb(
    help="What changed in meaning from OLD to NEW (without NEW: the MATRIX as it is now): hosts, roles, states, "
    "properties, with equal changes of several hosts on one line. Layout and comments make no difference.\n\n"
    "OLD and NEW are files, folders with a MATRIX, or git revisions (HEAD, v1.2, main~3); a file counts before a "
    "revision of that name. Exit status 1 when there is a difference."
)
@click.argument("old")
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(workspace: Workspace, old: str, new: str | None, as_json: bool) -> None:
    """Compare two fleets; a text with mistakes ends with 1 and its diagnostics."""
    from matrix_common.terminal import safe
    from matrix_grammar.difference import compare, describe_all

    before = _fleet(workspace, old)
    after = workspace.fleet() if new is None else _fleet(workspace, new)
    changes = compare(before, after)
    if as_json:
        emit_json({"old": old, "new": new or str(workspace.path), "changes": [_as_json(change) for change in changes]})
    else:
        for line in map(safe, describe_all(changes)):
            emit_coloured(line, _COLOURS.get(line[0]))
    if changes:
        sys.exit(1)


def _fleet(workspace: Workspace, name: str) -> Fleet:
    """The fleet of a file, a folder or a revision."""
    if name and Path(name).exists():
        return Workspace(name).fleet()
    from matrix_console.revision.git import RevisionError
    from matrix_console.revision.revision import read_revision

    try:
        reading = read_revision(name, workspace.path)
    except RevisionError as error:
        fail(str(error), 2)
    if reading.fleet is None:
        workspace.report(reading.diagnostics)
        fail(f"the MATRIX of {name} has errors", 1)
    return reading.fleet


def _as_json(change: Change) -> dict[str, Any]:
    """A change without the fields that say nothing of it."""
    named = asdict(change)
    return {key: value for key, value in named.items() if value != "" or key in ("old", "new")}
