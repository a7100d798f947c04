"""`matrix rollback`: put an earlier generation's content in force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import (
    check_limit,
    faults,
    need_state,
    origin_of,
    pool_of,
    reach_of,
)
from matrix_console.frame import Workspace, fail, verb
from matrix_console.pushing import run_push
from matrix_console.reflect.after_push import Reflecting
from matrix_console.reflect.rollout import reflection_of

if TYPE_CHECKING:
    from matrix_grammar.reading import Reading


@verb(name="rollback", short_help="Restore the content of an earlier generation.")
@click.argument("number", required=False, type=click.IntRange(1), metavar="[N]")
@click.option("-n", "--dry-run", is_flag=True, help="List the files that would be restored; write nothing.")
@click.option(
    "--accept-removals", is_flag=True, help="Roll back even if this removes many hosts, or all hosts of a role."
)
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(workspace: Workspace, number: int | None, dry_run: bool, accept_removals: bool, json_: bool) -> None:
    """Restore the MATRIX and its includes of generation N (default: the one before the current generation).

    The restored texts are pushed as a new generation, because generations on hosts only go forward. The replaced
    texts are kept in the folder of the state. matrix.toml stays as it is.
    """
    from matrix_distributor.origin import former, restoration, restore
    from matrix_distributor.push import Push, PushOptions
    from matrix_distributor.state import OriginState
    from matrix_grammar.reading import read

    settings = workspace.vouched
    reflection = reflection_of(workspace)
    need_state(workspace)
    open_state = OriginState.to_read if dry_run else OriginState
    with faults(), open_state(settings.state, workspace.folder) as state:
        origin = origin_of(workspace)
        current = state.current()
        if current is None:
            fail("nothing was pushed yet, so there is nothing to go back to", 1)
        present = _own_texts(read(workspace.path, workspace.includes))
        past = former(state, number)
        plan = restoration(origin, past, present, current=current, accept_removals=accept_removals)
        click.echo(f"back to generation {past.number} of {past.manifest.time}, by {past.manifest.author}", err=True)
        for path in plan.write:
            click.echo(f"  {path}", err=True)
        for path in plan.remove:
            click.echo(f"  {path} (removed)", err=True)
        if dry_run:
            return
        kept = restore(plan, origin.state, datetime.now(UTC))
        if kept is not None:
            click.echo(f"what was there is kept in {kept}", err=True)
        candidate = origin.take(workspace.read(), state, accept_removals=accept_removals)
        check_limit(candidate.fleet, settings.push_host_limit)
        options = PushOptions(sudo=settings.push_sudo, retry=settings.push_retry)
        with pool_of(workspace, keep=reflection is not None) as pool:
            push = Push(candidate, state, reach_of(workspace, pool, candidate.fleet), options)
            along = Reflecting.of(reflection, push.fleet, push.reach, pool, accept_removals=accept_removals)
            run_push(workspace, push, along, json_=json_)


def _own_texts(reading: Reading) -> list[Path]:
    """The texts that going back may remove: a text may name any file of this machine, and such a one stays."""
    paths = [(Path(source.path), source.standing) for source in reading.sources]
    return [path for path, standing in paths if not standing or path.name == "MATRIX" or path.suffix == ".matrix"]
