"""`matrix check`: everything that is wrong in the MATRIX."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.files.foreign import standard_input
from matrix_console.frame import PLACES, Workspace, coloured, verb
from matrix_console.report.notices import as_json, lines_of

if TYPE_CHECKING:
    from matrix_grammar.reading import Reading


@verb(
    help="Report every mistake in the MATRIX (FILE, or the one of -f). Exit status 1 if there is an error.\n\n"
    "For editors: with - the text comes from standard input, and counts as the file of -f (else as ./MATRIX)."
)
@click.argument("text", metavar="[FILE|-]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["full", "concise", "json", "github"]), default="full", show_default=True,
    help="Format of diagnostics: for people, one a line, for programs, or as GitHub annotations.",
)  # fmt: skip
@click.option(
    "--max-errors", type=click.IntRange(min=0), default=100, show_default=True, help="List at most this many; 0: all."
)
@click.option("--warnings-as-errors", is_flag=True, help="Count a warning as an error.")
def command(workspace: Workspace, text: str | None, form: str, max_errors: int, warnings_as_errors: bool) -> None:
    """Read the MATRIX and all that it includes; diagnostics, what the next release refuses, and the sum."""
    from matrix_grammar.reading import read

    if text not in (None, "-"):
        workspace = Workspace(text)
    made = _standard_input(workspace) if text == "-" else read(workspace.path, workspace.includes)
    reading = _with_bindings(made, workspace)
    found = reading.diagnostics
    notices = workspace.verdict.notices  # those of the text are among its diagnostics
    if form == "json":
        import json

        value = {**reading.as_json(max_errors or None), "notices": as_json(notices)}
        click.echo(json.dumps(value, indent=2))
    elif found:
        from matrix_common.terminal import styled  # what a text without a mistake need not wait for
        from matrix_grammar.rendering import render

        told = render(found, form, colour=coloured(sys.stdout), limit=max_errors or None)  # type: ignore[arg-type]
        click.echo(told, file=styled(sys.stdout))
    if form != "json":
        for line in lines_of(notices):
            click.echo(f"::warning::{line}" if form == "github" else line)
    if workspace.settings.reflect_entries:
        _ = workspace.reflect_entries  # a table that no push would take is said here too
    if reading.fleet is None or (warnings_as_errors and (found or notices)):
        sys.exit(1)
    if form == "full":
        click.echo(f"{workspace.path}: {reading.summary}")


def _standard_input(workspace: Workspace) -> Reading:
    """The reading of standard input, with the includes and settings that stand beside the MATRIX."""
    from matrix_grammar.reading import Reader
    from matrix_grammar.texts import DiskLibrary, OverlayLibrary

    if not workspace.named:
        workspace.path = Path(PLACES[0])
    path = str(workspace.path)
    return Reader(OverlayLibrary(DiskLibrary(path, workspace.includes), path, standard_input()), keep=False).read(path)


def _with_bindings(reading: Reading, workspace: Workspace) -> Reading:
    """The reading with what the sh binding cannot do as the settings want it, such as a role that would be `$PATH`,
    and with what the settings do not allow in what is reflected.
    """
    from matrix_emitters.bindings import check_options
    from matrix_emitters.restricted import with_what_is_not_allowed

    if reading.fleet is None:
        return reading
    wrong = check_options(reading.fleet, workspace.binding_options, only=["sh"])
    judged = with_what_is_not_allowed(reading, lambda: workspace.reflect_entries)
    usable = not any(diagnostic.severity == "error" for diagnostic in wrong)
    return dataclasses.replace(
        judged, fleet=reading.fleet if usable else None, diagnostics=(*judged.diagnostics, *wrong)
    )
