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
    help="Compare the meaning of OLD and NEW (without NEW: the present MATRIX): hosts, roles, states, properties. "
    "Equal changes of several hosts share a line. Layout and comments make no difference.\n\n"
    "OLD and NEW are files, folders with a MATRIX, or git revisions (HEAD, v1.2, main~3). A file comes before a "
    "revision of the same name. Exit status 1 if there is a difference."
)
@click.argument("old")
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
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
