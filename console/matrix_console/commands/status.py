"""`matrix status`: who has which generation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import faults, need_state, pool_of, reach_of
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, emit_json, fail, verb
from matrix_console.in_force import Standing, is_alarm, print_pending
from matrix_console.in_force import as_json as pending_as_json
from matrix_console.reflect.drift import look_at_reflected
from matrix_console.reflect.showing import print_records, record_as_json
from matrix_console.report.host_status import (
    enrol_again,
    enrolled_elsewhere,
    hosts_as_json,
    print_hosts,
    status_of_hosts,
    told,
)
from matrix_console.report.notices import as_json as notices_as_json
from matrix_console.report.notices import lines_of, notices_of, refusal, refusal_as_json
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from matrix_distributor.dialogue import Target
    from matrix_distributor.generation import Generation
    from matrix_distributor.state import OriginState, ReflectRecord
    from matrix_grammar import Fleet
    from matrix_grammar.reading import Reading


@verb(name="status", short_help="Report edits not in force, and each host's generation.")
@click.argument("selector", required=False)
@click.option("--live", is_flag=True, help="Ask the hosts now, instead of showing the last known results.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(workspace: Workspace, selector: str | None, live: bool, json_: bool) -> None:
    """Report what is written and not in force, then the generation and the problems of each host.

    The report begins with everything that keeps the text from the hosts, and the command that continues: errors, an
    edit that was not pushed or needs a person's decision, a daemon that does not run. Reflected files follow
    (matrix reflect), and settings that the next release refuses. --live compares every file that an install or a
    reflection wrote: bytes, kind, mode, owner.

    Exit status 0 if the whole text is in force or on its way, every host has the newest generation, and no file of
    it failed or was changed; 3 if not; 4 if no host could be reached; 1 if nothing was ever pushed.
    """
    from matrix_distributor.hosts import targets_of
    from matrix_distributor.state import OriginState
    from matrix_emitters.restricted import with_what_is_not_allowed
    from matrix_grammar.reading import read

    with faults():
        need_state(workspace)
        open_state = OriginState if live else OriginState.to_read
        with (
            open_state(workspace.settings.state, workspace.folder) as state,
            nullcontext() if live else state.at_one_moment(),
        ):
            newest, aimed = _generations(state)
            reading = read(workspace.path, workspace.includes)  # with errors in it, what was good before stays in force
            fleet = _fleet(workspace, reading, newest)
            targets = targets_of(fleet, selector)
            here = _ask(workspace, aimed, targets, fleet, state) if live else frozenset()
            records = state.hosts()
            standing = Standing(workspace, reading, state, newest, aimed)
            outcomes = [told(aimed, target, records.get(target.name), young=standing.young) for target in targets]
            known = _reflections(workspace, fleet, state)
            pending = standing.pending(known, {outcome.host for outcome in outcomes if outcome.good})
            elsewhere = enrolled_elsewhere(workspace, targets, state)
    names = {target.name for target in targets}
    reflected = [record for record in known if record.host in names]
    outcomes = [replace(outcome, here=outcome.host in here) for outcome in outcomes]
    judged = with_what_is_not_allowed(reading, lambda: workspace.reflect_entries)
    notices = notices_of(workspace, judged)
    refused = [each for each in judged.diagnostics if each.code == "M091"]
    if json_:
        facts = hosts_as_json(aimed, outcomes, records, elsewhere)
        emit_json(
            {
                **pending_as_json(pending),
                **facts,
                "reflections": [record_as_json(record) for record in reflected],
                "refused": [refusal_as_json(each) for each in refused],
                "notices": notices_as_json(notices),
            }
        )
    else:
        print_pending(workspace.console, pending)
        print_hosts(workspace.console, aimed, outcomes, records)
        print_records(workspace.console, reflected)
        for line in [*map(refusal, refused), *lines_of(notices), *enrol_again(elsewhere)]:
            workspace.console.print(line, soft_wrap=True)
    failed = is_alarm(pending) or any(record.result != "ok" for record in reflected)
    sys.exit(status_of_hosts(outcomes) or 3 * failed)


def _generations(state: OriginState) -> tuple[Generation, Generation]:
    """The newest generation, and the newest that hosts were brought to: the others' hosts are behind."""
    newest = state.current()
    if newest is None:
        fail("nothing was pushed yet: matrix push", 1)
    number = state.aimed()
    return newest, state.generation(number) if 0 < number < newest.number else newest


def _fleet(workspace: Workspace, reading: Reading, newest: Generation) -> Fleet:
    """The hosts of the text, else of the newest generation. Ends the verb with 1 where neither can be read."""
    from matrix_distributor.origin import stored_fleet

    fleet = reading.fleet or stored_fleet(newest)
    if fleet is None:
        workspace.read()
        fail("there is no MATRIX to tell the hosts from", 1)
    return fleet


def _reflections(workspace: Workspace, fleet: Fleet, state: OriginState) -> list[ReflectRecord]:
    """What is known of reflected files on hosts that are to have them."""
    records = state.reflections.all()
    if not records:
        return []
    from matrix_distributor.reflect import of_its_hosts

    return of_its_hosts(records, fleet, workspace.reflect_entries)


def _ask(
    workspace: Workspace, generation: Generation, targets: Sequence[Target], fleet: Fleet, state: OriginState
) -> frozenset[str]:
    """Ask the hosts, and remember what they say; the host that is this machine.

    Of reflected files none is asked for where the account that pushes can look at generations alone.
    """
    from matrix_distributor.push import inspect

    known = [] if workspace.settings.push_account else _reflections(workspace, fleet, state)
    with pool_of(workspace, keep=bool(known)) as pool:
        reach = reach_of(workspace, pool, fleet)
        asked = inspect(generation, targets, reach, sudo=workspace.settings.push_sudo)
        with interruptible(reach, "matrix status"):
            found = list(with_progress(workspace, asked, [target.name for target in targets], "ask"))
            found = [outcome for outcome in found if outcome.stage != "stop"]
            state.note(found, generation.number, datetime.now(UTC))
            answering = {outcome.host for outcome in found if outcome.reached and outcome.result != "failed"}
            look_at_reflected(workspace, [one for one in known if one.host in answering], fleet, state, reach)
    return frozenset(outcome.host for outcome in found if outcome.here)
