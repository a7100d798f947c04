"""`matrix push`: bring every host to the current generation."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import (
    check_limit,
    faults,
    has_state,
    origin_of,
    pool_of,
    reach_of,
)
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, emit_json, fail, verb
from matrix_console.pushing import run_push
from matrix_console.reflect.after_push import Reflecting, reflect_along
from matrix_console.reflect.rollout import reflection_of
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matrix_distributor.dialogue import Target
    from matrix_distributor.push import Push
    from matrix_distributor.state import OriginState
    from matrix_grammar import Fleet


@verb(name="push", short_help="Bring every host to the current generation.")
@click.argument("selector", required=False)
@click.option("-n", "--dry-run", is_flag=True, help="Ask every host, and report what a push would do; send nothing.")
@click.option(
    "--diff", "with_diff", is_flag=True, help="Show the changes in each file; equal changes of several hosts once."
)
@click.option(
    "--canary",
    metavar="N|SELECTOR",
    help="Push to these hosts first; they load their bindings, then the others follow.",
)
@click.option("--fanout", type=click.IntRange(1), metavar="N", help="Work on N hosts at once.")
@click.option("--retry", type=click.IntRange(0), metavar="N", help="Try a failed host N times again.")
@click.option("--force", is_flag=True, help="Install even on hosts that refuse the generation.")
@click.option("--accept-removals", is_flag=True, help="Push an edit that removes many hosts, or all hosts of a role.")
@click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key; never a changed key.")
@click.option("--host-limit", type=click.IntRange(0), metavar="N", help="Push to at most N hosts; 0: no limit.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    workspace: Workspace,
    selector: str | None,
    dry_run: bool,
    with_diff: bool,
    canary: str | None,
    fanout: int | None,
    retry: int | None,
    force: bool,
    accept_removals: bool,
    accept_new: bool,
    host_limit: int | None,
    json_: bool,
) -> None:
    """Bring every host, or the hosts of SELECTOR, to the current generation.

    Nothing is sent to a host that already has it. Hosts in service come first. Then configurations with `push =
    true` in matrix.toml follow (matrix reflect). Exit status 3 if some hosts failed, 4 if no host could be reached.
    The same holds for --dry-run, where a host that would refuse the generation counts as failed.
    """
    from matrix_common.terminal import safe
    from matrix_distributor.hosts import targets_of
    from matrix_distributor.push import Push, PushOptions

    settings = workspace.vouched
    if force and settings.push_account:
        fail("the account of push.account forces nothing; as yourself: MATRIX_PUSH_ACCOUNT= matrix push --force", 2)
    reflection = reflection_of(workspace)
    options = PushOptions(force=force, sudo=settings.push_sudo, retry=settings.push_retry if retry is None else retry)
    with faults(), _state(workspace, dry=dry_run) as state:
        origin, reading = origin_of(workspace), workspace.read()
        for path in origin.being_written(reading):
            click.echo(
                safe(f"warning: {path} is open for writing: what was read may be half (fuser -v {path})"), err=True
            )
        if dry_run:
            candidate = origin.candidate(reading, state)
        else:
            candidate = origin.take(reading, state, accept_removals=accept_removals)
        targets = targets_of(candidate.fleet, selector)
        check_limit(targets, settings.push_host_limit if host_limit is None else host_limit)
        canaries = _canaries(candidate.fleet, canary, targets)
        keep = dry_run or with_diff or reflection is not None
        with pool_of(workspace, fanout=fanout, accept_new=accept_new, dry=dry_run, keep=keep) as pool:
            reach = reach_of(workspace, pool, candidate.fleet)
            push = Push(candidate, state, reach, options, selector=selector)
            along = Reflecting.of(reflection, push.fleet, reach, pool, accept_removals=accept_removals)
            status = 0
            if dry_run or with_diff:
                waits = candidate.lost.need_consent and not accept_removals
                status = _show_plan(workspace, push, along, with_diff, json_ and dry_run, waits)
            if dry_run:
                sys.exit(status)
            run_push(workspace, push, along, canaries=canaries, json_=json_)


@contextmanager
def _state(workspace: Workspace, *, dry: bool) -> Iterator[OriginState]:
    """The state; a dry run makes none, and where there is one only reads it."""
    from matrix_distributor.state import OriginState

    with ExitStack() as stack:
        if not dry:
            yield stack.enter_context(OriginState(workspace.settings.state, workspace.folder))
        elif has_state(workspace):
            yield stack.enter_context(OriginState.to_read(workspace.settings.state, workspace.folder))
        else:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            yield stack.enter_context(OriginState(folder / "state"))


def _canaries(fleet: Fleet, wanted: str | None, targets: Sequence[Target]) -> frozenset[str]:
    """The hosts that go before the others: the first N, or those of a selector that are pushed to at all."""
    if wanted is None:
        return frozenset()
    names = [target.name for target in targets]
    if wanted.isdigit():
        return frozenset(names[: int(wanted)])
    chosen = frozenset(host.name for host in fleet.select(wanted)) & frozenset(names)
    if not chosen:
        fail(f"--canary {wanted} names none of the hosts that are pushed to", 2)
    return chosen


def _show_plan(
    workspace: Workspace, push: Push, along: Reflecting | None, with_diff: bool, json_: bool, waits: bool
) -> int:
    """Ask the hosts and print what would be done; the exit status that the push would have for what is known now."""
    from matrix_console.report.outcomes import print_outcomes
    from matrix_console.report.plans import (
        differences_as_json,
        plan_as_json,
        print_differences,
        print_plan,
        status_of_plan,
    )
    from matrix_distributor.push import Differences

    with interruptible(push, "matrix push"):
        plan = push.plan(with_progress(workspace, push.inspect(), push.targets, "ask"))
    files = push.differences(plan) if with_diff else Differences((), ())
    reachable = [step.host for step in plan.steps if step.found.reached]
    reflected = reflect_along(workspace, along and along.dry(), push.generation, reachable, None)
    status = status_of_plan(plan, waits=waits) or reflected.status
    if json_:
        head, differences = plan_as_json(plan, push.candidate), differences_as_json(files.changes, files.untold)
        emit_json({**head, **differences, **reflected.as_json()})
        return status
    print_plan(workspace.console, plan, push.candidate)
    print_differences(workspace.console, files.changes)
    print_outcomes(workspace.console, files.untold)
    reflected.show(workspace.console)
    return status
