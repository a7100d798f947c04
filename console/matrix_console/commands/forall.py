"""`FORALL`: run a command on the hosts that a selector names."""

from __future__ import annotations

import errno
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from matrix_console.fleetwork.asked import Asked, session
from matrix_console.fleetwork.calling import CommandLast, common, paced
from matrix_console.fleetwork.gathering import against, gathered
from matrix_console.fleetwork.lines import Screen
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb
from matrix_console.report.outcomes import as_json
from matrix_console.report.summary import skipped, summary

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import Chosen, Job, RunOutcome, Session, Waves

HOUR = 3600.0


@verb(name="FORALL", cls=CommandLast, short_help="Run a command on hosts.")
@common
@click.option("-g", "--gather", is_flag=True, help="Show equal outputs once, under folded names.")
@click.option(
    "--diff-against", metavar="HOST", help="Show the output of HOST, and the differences of the others from it."
)
@click.option("--script", is_flag=True, help="The first word is a local script: send it and run it on the hosts.")
@click.option("-i", "--stdin", "with_stdin", is_flag=True, help="Send standard input to every host.")
@paced
def command(
    workspace: Workspace,
    hosts: tuple[str, ...],
    words: tuple[str, ...],
    gather: bool,
    diff_against: str | None,
    script: bool,
    with_stdin: bool,
    **common_options: Any,
) -> None:
    """Run COMMAND on the hosts of HOSTS.

    HOSTS is a selector, or several before `--`; '*' is all. A COMMAND of one word is a line for the host's shell; a
    COMMAND of several words runs as it is. Hosts out of service are skipped, and listed as skipped. The limit for
    each host is an hour, unless --timeout is set. Exit status 3 if some hosts failed, 4 if no host could be
    reached.
    """
    from matrix_distributor.fleetwork import Job, Script
    from matrix_distributor.hosts import exit_status

    asked = Asked(hosts=hosts, **common_options)
    if not words:
        fail("no command is given: FORALL HOSTS COMMAND...", 2)
    with session(workspace, asked, "FORALL", timeout=HOUR) as (opened, chosen), _spooled(with_stdin) as stdin:
        carried = Script.of(Path(words[0])) if script else None
        job = Job(words[1:] if script else words, carried, stdin, asked.sudo)
        pace = asked.pace(len(chosen.hosts))
        if diff_against is not None:
            diff_against = workspace.fleet().host(diff_against).name
        live = not (gather or diff_against or asked.json_)
        started = time.monotonic()
        outcomes = _run(opened, chosen, job, pace, live=live, quiet=asked.json_)
        if asked.json_:
            facts = [as_json(outcome) for outcome in outcomes]
            emit_json({"command": list(words), "seconds": round(time.monotonic() - started, 3), "hosts": facts})
        elif not live:
            _show(outcomes, diff_against)
    good = {"ok": [outcome.host for outcome in outcomes if outcome.ok]}
    click.echo(summary(outcomes, good), err=True)
    sys.exit(exit_status(outcomes))


def _run(opened: Session, chosen: Chosen, job: Job, pace: Waves, *, live: bool, quiet: bool) -> list[RunOutcome]:
    """Run the job; with `live` output goes out as it comes. The outcomes in the order of the MATRIX."""
    from matrix_distributor.conversation import Output
    from matrix_distributor.fleetwork import RunOutcome

    outcomes: list[RunOutcome] = []
    labels = {host.name: f"{host.name} {host.state.name}" if host.state else host.name for host in chosen.hosts}
    with Screen("FORALL", labels, quiet=quiet) as screen:
        for event in opened.run_on(chosen, job, pace, live=live):
            if isinstance(event, Output):
                screen.output(event.host, labels[event.host], event.stream, event.chunk)
                continue
            assert isinstance(event, RunOutcome)
            outcomes.append(event)
            if event.result == "skipped":
                screen.say(skipped(event))
                continue
            screen.flush(event.host, labels[event.host])
            screen.done(event.host, good=event.ok)
            if not event.ok:
                screen.say(trouble(event))
    order = {host.name: place for place, host in enumerate(opened.fleet.hosts)}
    return sorted(outcomes, key=lambda outcome: order[outcome.host])


def trouble(outcome: RunOutcome) -> str:
    """One line for a host that is not ok: its name, the stage and the cause."""
    said = "" if outcome.status is None else f" after {outcome.seconds:.1f} s"
    return f"{outcome.host}: {outcome.trouble}{said}"


def _show(outcomes: list[RunOutcome], reference: str | None) -> None:
    """The gathered outputs, or the differences from the reference, on standard output."""
    told = [outcome for outcome in outcomes if outcome.status is not None]
    first = next((outcome for outcome in told if outcome.host == reference), None)
    if reference is not None and first is None:
        click.echo(f"FORALL: {reference} gave no output to compare with; all outputs follow", err=True)
    for chunk in against(told, first) if first is not None else gathered(told):
        emit_data(chunk)


@contextmanager
def _spooled(wanted: bool) -> Iterator[IO[bytes] | None]:
    """Standard input as a file: every host reads it from the beginning, at a time of its own."""
    if not wanted:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        try:
            shutil.copyfileobj(sys.stdin.buffer, file, 1024 * 1024)
            file.flush()
        except OSError as error:
            closed = error.errno == errno.EBADF
            fail(f"standard input cannot be kept for the hosts: {'it is closed' if closed else error.strerror}", 2)
        yield file
