"""`matrix status`: who has which generation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..distribution import faults, here_of, need_state, pool_of, reach_of, targets_of
from ..frame import Workspace, emit_json, fail, verb
from ..hostwork.asked import interruptible
from ..notices import as_json as notices_as_json
from ..notices import lines_of, notices_of
from ..outcomes import as_json, print_outcomes
from ..progress import with_progress
from ..reflecting.showing import print_records, record_as_json

if TYPE_CHECKING:
    from matrix_distributor import Generation, HostRecord, Outcome, State, Target
    from matrix_grammar import Fleet


@verb(name="status", short_help="Who has which generation.")
@click.argument("selector", required=False)
@click.option("--live", is_flag=True, help="Ask the hosts now, instead of telling what was last found.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(workspace: Workspace, selector: str | None, live: bool, json_: bool) -> None:
    """Who has which generation, since when, whose files were changed by hand, who cannot be reached and why.

    What was reflected follows (matrix reflect), and what the next release refuses. Exit status 0 when every host has
    the newest generation and no file of it failed, 3 when some have not, 4 when none could be reached.
    """
    from matrix_distributor import State, exit_status, stored_fleet
    from matrix_emitters import with_what_is_not_allowed
    from matrix_grammar import read

    with faults():
        need_state(workspace)
        open_state = State if live else State.to_read
        with open_state(workspace.settings.state, workspace.folder) as state:
            generation = state.current()
            if generation is None:
                fail("nothing was pushed yet: matrix push", 1)
            reading = read(workspace.path, workspace.includes)  # with errors in it, what was good before stays in force
            fleet = reading.fleet or stored_fleet(generation)
            if fleet is None:
                workspace.read()
                fail("there is no MATRIX to tell the hosts from", 1)
            targets = targets_of(fleet, selector)
            here = _ask(workspace, generation, targets, fleet, state) if live else frozenset()
            records = state.hosts()
            known = state.reflections.all()
    names = {target.name for target in targets}
    entries = {entry.name for entry in workspace.reflect_entries}
    reflected = [record for record in known if record.host in names and record.entry in entries]
    outcomes = [
        replace(_told(generation, target, records.get(target.name)), here=target.name in here) for target in targets
    ]
    notices = notices_of(workspace, with_what_is_not_allowed(reading, lambda: workspace.reflect_entries))
    if json_:
        told = [record_as_json(record) for record in reflected]
        facts = _as_json(generation, outcomes, records)
        emit_json({**facts, "reflections": told, "notices": notices_as_json(notices)})
    else:
        made = generation.manifest
        title = f"generation {made.generation} ({made.digest[:12]}) of {_local(made.time)}, by {made.author}"
        workspace.console.print(title)
        print_outcomes(workspace.console, outcomes, _notes(outcomes, records))
        print_records(workspace.console, reflected)
        for line in lines_of(notices):
            workspace.console.print(line, soft_wrap=True)
    sys.exit(exit_status(outcomes) or 3 * any(record.result != "ok" for record in reflected))


def _ask(
    workspace: Workspace, generation: Generation, targets: Sequence[Target], fleet: Fleet, state: State
) -> frozenset[str]:
    """Ask the hosts, and remember what they say; the host that is this machine."""
    from matrix_distributor import inspect

    with pool_of(workspace) as pool:
        reach = reach_of(workspace.settings, pool, here_of(workspace, fleet, pool))
        asked = inspect(generation, targets, reach, sudo=workspace.settings.push_sudo)
        with interruptible(reach, "matrix status"):
            found = list(with_progress(workspace, asked, [target.name for target in targets], "ask"))
    found = [outcome for outcome in found if outcome.stage != "stop"]
    state.note(found, generation.number, datetime.now(UTC))
    return frozenset(outcome.host for outcome in found if outcome.here)


def _told(generation: Generation, target: Target, record: HostRecord | None) -> Outcome:
    """What is known of a host, beside the newest generation."""
    from matrix_distributor import Outcome

    if record is None:
        return Outcome(target.name, "behind", cause="nothing was pushed to it from here")
    outcome = record.outcome
    if outcome.good and outcome.digest != generation.digest:
        return replace(outcome, result="behind", cause=f"has generation {outcome.generation}")
    return outcome


def _notes(outcomes: Sequence[Outcome], records: dict[str, HostRecord]) -> dict[str, str]:
    """For hosts that are not well: what they hold, and when they were last heard of."""
    notes = {}
    for outcome in outcomes:
        record = records.get(outcome.host)
        if record is None or outcome.good:
            continue
        holds = f"has generation {outcome.generation}, " if outcome.generation and outcome.result != "behind" else ""
        notes[outcome.host] = holds + (f"last heard of {_local(record.seen)}" if record.seen else "never heard of")
    return notes


def _as_json(generation: Generation, outcomes: Sequence[Outcome], records: dict[str, HostRecord]) -> dict[str, object]:
    manifest = generation.manifest
    hosts = []
    for outcome in outcomes:
        record = records.get(outcome.host)
        fact = as_json(outcome)
        for key in ("before", "seconds", "attempts"):
            del fact[key]
        times = {"tried": record.tried, "seen": record.seen, "since": record.since} if record else {}
        hosts.append({**fact, **times})
    return {
        "generation": manifest.generation,
        "digest": manifest.digest,
        "fleet": manifest.fleet,
        "time": manifest.time,
        "author": manifest.author,
        "current": sum(outcome.good for outcome in outcomes),
        "hosts": hosts,
    }


def _local(time: str) -> str:
    """A time of the state in this machine's own zone."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
