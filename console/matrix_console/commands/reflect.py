"""`matrix reflect`: configurations that follow from the MATRIX: show, check, compare, apply."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import click

from matrix_console.distribution import faults, origin_of
from matrix_console.files.output_file import write_output
from matrix_console.fleetwork.calling import positive
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb
from matrix_console.reflect.rollout import carrier_of, options_of, refuse_account
from matrix_console.reflect.showing import changes_of, entry_as_json, print_entries, print_outcomes
from matrix_console.reflect.subject import Subject, for_here, made_now, subject_of, usable
from matrix_console.report.outcomes import as_json
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from matrix_distributor.reflect import ApplyOptions, Made, ReflectOutcome


@verb(name="reflect", short_help="Generate configurations: show, check, apply.")
@click.argument("name", required=False)
@click.option(
    "--for", "selector", metavar="SELECTOR", help="Only for these of its hosts; default: this machine, or all."
)
@click.option("-o", "--output", metavar="FILE|-", type=click.Path(), help="Write the text to this file.")
@click.option("--check", is_flag=True, help="Run its check on this machine, on a copy.")
@click.option("--diff", is_flag=True, help="Show the difference from the file on each host; each version once.")
@click.option("--apply", "apply_", is_flag=True, help="On each host: check it, put it in place, and apply it.")
@click.option("-n", "--dry-run", is_flag=True, help="With --apply: ask every host, and report what would be done.")
@click.option("--accept-removals", is_flag=True, help="Apply a file that removes all or most members of a VIP.")
@click.option("--pause", type=float, callback=positive, metavar="SECONDS", help="Wait between two hosts.")
@click.option("--no-probe", is_flag=True, help="Do not test the VIPs after each host.")
@click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key; never a changed key.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    workspace: Workspace,
    name: str | None,
    selector: str | None,
    output: str | None,
    check: bool,
    diff: bool,
    apply_: bool,
    dry_run: bool,
    accept_removals: bool,
    pause: float | None,
    no_probe: bool,
    accept_new: bool,
    json_: bool,
) -> None:
    """Print the configuration NAME, generated from the MATRIX for this host; without NAME list all configurations.

    --apply installs it on its hosts, one after another, backups before masters. The real program on the host checks
    it; then it is renamed into place and applied. If this fails, the old file is restored and applied, and the run
    stops.

    Exit status 1 if the check fails or --diff finds a difference, 3 if some hosts failed, 4 if no host could be
    reached.
    """
    if sum((output is not None, check, diff, apply_)) > 1:
        fail("only one of -o, --check, --diff and --apply can be done at a time", 2)
    if dry_run and not apply_:
        fail("--dry-run says what --apply would do: give both", 2)
    with faults():
        if name is None:
            _list(workspace, json_, selector is not None or output is not None or check or diff or apply_)
            return
        if diff or apply_:
            refuse_account(workspace, name)
        subject = subject_of(workspace, name, selector)
        options = options_of(workspace.vouched, dry=diff or dry_run, pause=pause, probe=not no_probe)
        if diff:
            _diff(workspace, subject, options, accept_new, json_)
        elif apply_:
            _apply(workspace, subject, options, accept_removals, accept_new, json_)
        elif check:
            _check(workspace, subject, json_)
        else:
            _print(workspace, subject, output, json_)


def _list(workspace: Workspace, json_: bool, needs_name: bool) -> None:
    if needs_name:
        fail("a NAME is missing: matrix reflect lists them", 2)
    fleet, entries = workspace.fleet(), workspace.reflect_entries
    if json_:
        emit_json([entry_as_json(fleet, entry) for entry in entries])
    else:
        print_entries(workspace.console, fleet, entries)


def _print(workspace: Workspace, subject: Subject, output: str | None, json_: bool) -> None:
    content, hosts = for_here(workspace, subject, made_now(workspace, subject))
    if output is not None:
        try:
            write_output(output, content)
        except OSError as error:
            fail(f"cannot write {output}: {error.strerror}", 2)
    if json_:
        text = content.decode("utf-8", "replace")
        emit_json({**entry_as_json(subject.fleet, subject.entry), "hosts": list(hosts), "content": text})
    elif output is None:
        emit_data(content)


def _check(workspace: Workspace, subject: Subject, json_: bool) -> NoReturn:
    from matrix_console.reflect.checking import check_here
    from matrix_grammar.ranges import fold

    made = made_now(workspace, subject)
    if not subject.entry.check:
        click.echo(
            f"matrix: {subject.entry.name} has no check but our own (reflect.{subject.entry.name}.check)", err=True
        )
    found = [check_here(file, workspace.settings.reflect_limit) for file in made.files if subject.entry.check]
    if json_:
        emit_json([{"hosts": list(one.hosts), "cause": one.cause, "output": one.output} for one in found])
    else:
        for one in found:
            click.echo(f"{fold(one.hosts)}: {one.cause or 'good'}")
            click.echo("".join(f"    {line}\n" for line in one.output.splitlines()), nl=False)
    sys.exit(1 if any(one.cause for one in found) else 0)


def _carried(
    workspace: Workspace,
    made: Made,
    subject: Subject,
    options: ApplyOptions,
    accept_removals: bool,
    accept_new: bool,
    outcomes: list[ReflectOutcome],
) -> None:
    """Carry the files; the outcomes are in the list however it ends."""
    with carrier_of(
        workspace, subject.fleet, options, accept_removals=accept_removals, accept_new=accept_new
    ) as carrier:
        outcomes.extend(with_progress(workspace, carrier.carry(made.files), made.hosts, "reflect"))


def _diff(workspace: Workspace, subject: Subject, options: ApplyOptions, accept_new: bool, json_: bool) -> NoReturn:
    from matrix_console.report.plans import differences_as_json, print_differences
    from matrix_distributor.hosts import exit_status

    made = made_now(workspace, subject)
    outcomes: list[ReflectOutcome] = []
    _carried(workspace, made, subject, options, True, accept_new, outcomes)
    changes = changes_of(made, outcomes)
    if json_:
        emit_json({"hosts": [as_json(outcome) for outcome in outcomes], **differences_as_json(changes)})
    else:
        print_differences(workspace.console, changes)
        print_outcomes(workspace.console, outcomes, dry=True)
    sys.exit(exit_status(outcomes) or int(any(outcome.change != "same" for outcome in outcomes)))


def _apply(
    workspace: Workspace,
    subject: Subject,
    options: ApplyOptions,
    accept_removals: bool,
    accept_new: bool,
    json_: bool,
) -> NoReturn:
    """As a push does, the text becomes a generation first; so its number in the file stands for what it says."""
    from matrix_distributor.hosts import exit_status
    from matrix_distributor.origin import templates_of
    from matrix_distributor.reflect import make
    from matrix_distributor.state import OriginState

    outcomes: list[ReflectOutcome] = []
    if options.dry:
        made = made_now(workspace, subject)
        _carried(workspace, made, subject, options, accept_removals, accept_new, outcomes)
    else:
        with OriginState(workspace.settings.state, workspace.folder) as state:
            candidate = origin_of(workspace).take(subject.reading, state, accept_removals=accept_removals)
            generation = candidate.generation
            templates = templates_of(generation)
            made = usable(make(subject.fleet, generation.number, subject.entry, templates, subject.only))
            try:
                _carried(workspace, made, subject, options, accept_removals, accept_new, outcomes)
            finally:
                state.reflections.note(outcomes, generation.number, datetime.now(UTC))
    if json_:
        emit_json({"dry_run": options.dry, "hosts": [as_json(outcome) for outcome in outcomes]})
    else:
        print_outcomes(workspace.console, outcomes, dry=options.dry)
    sys.exit(exit_status(outcomes))
