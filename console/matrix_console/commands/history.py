"""`matrix history`: the generations, when and by whom they were made, and what changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from matrix_console.distribution import faults, need_state
from matrix_console.frame import Workspace, emit_json, verb

if TYPE_CHECKING:
    from matrix_distributor.state import Past


@verb(name="history", short_help="List the generations: when, who, what changed.")
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="List the newest N.")
@click.option("--all", "all_", is_flag=True, help="List all.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(workspace: Workspace, number: int, all_: bool, json_: bool) -> None:
    """List the generations, the newest first: when each was made, by whom, and which meaning it changed."""
    from matrix_distributor.state import OriginState

    with faults():
        need_state(workspace)
        with OriginState.to_read(workspace.settings.state, workspace.folder) as state:
            # One more than is shown: the oldest one shown is told beside the one before it.
            line = state.history(-1 if all_ else number + 1)
    entries = [_entry(past, line[place + 1] if place + 1 < len(line) else None) for place, past in enumerate(line)]
    shown = entries if all_ else entries[:number]
    if json_:
        emit_json(shown)
        return
    for entry in shown:
        made = datetime.fromisoformat(entry["time"]).astimezone()
        click.echo(f"{entry['generation']}  {made:%Y-%m-%d %H:%M:%S}  {entry['author']}  {entry['digest'][:12]}")
        for change in entry["changes"]:
            click.echo(f"    {change}")


def _entry(past: Past, before: Past | None) -> dict[str, Any]:
    return {
        "generation": past.number,
        "digest": past.digest,
        "parent": past.parent,
        "fleet": past.fleet,
        "time": past.time,
        "author": past.author,
        "changes": _changes(past, before),
    }


def _changes(past: Past, before: Past | None) -> list[str]:
    """What changed in meaning, as lines; what else may be said where the texts cannot be compared."""
    from matrix_common.terminal import safe
    from matrix_grammar.diagnostics import MatrixError
    from matrix_grammar.difference import compare, describe
    from matrix_grammar.reading import loads

    try:
        new = loads(past.texts[past.matrix], past.matrix, past.texts)
        if before is None:
            return [f"{len(new)} hosts"]
        changes = compare(loads(before.texts[before.matrix], before.matrix, before.texts), new)
    except (MatrixError, KeyError):
        return ["its texts, or those before them, are not read by this version"]
    return [safe(describe(change)) for change in changes] or ["only layout, comments, settings or bindings"]
