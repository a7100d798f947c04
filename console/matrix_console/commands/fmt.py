"""`matrix fmt`: the canonical layout, written in place."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from matrix_console.files.foreign import standard_input
from matrix_console.frame import Fault, Workspace, emit_coloured, emit_data, fail, verb

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@verb(
    help="Format texts: align columns, keep comments in place, and keep the meaning.\n\n"
    "Without FILE: the MATRIX and its includes. With -: from standard input to standard output. "
    "A text with a line that does not parse stays unchanged."
)
@click.argument("files", metavar="[FILE…|-]", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; list files that would change; exit status 1 if any would.")
@click.option(
    "--diff", "show_diff", is_flag=True, help="Write nothing; show the changes; exit status 1 if there are any."
)
def command(workspace: Workspace, files: tuple[str, ...], check: bool, show_diff: bool) -> None:
    """Every file is done for itself; the exit status is 1 when one does not parse or cannot be written."""
    if "-" in files:
        if len(files) > 1:
            fail("- stands alone", 2)
        _standard_input(check, show_diff)
        return
    from matrix_grammar.diagnostics import MatrixError

    different, failed = False, False
    for path in files or _texts_of(workspace):
        try:
            different |= _one(path, check, show_diff)
        except Fault as fault:
            fault.show()
            failed = True
        except MatrixError as error:
            workspace.report(error.diagnostics)
            failed = True
    if failed or (different and (check or show_diff)):
        sys.exit(1)


def _texts_of(workspace: Workspace) -> Sequence[str]:
    """The MATRIX and its includes, also when there are mistakes in them."""
    from matrix_grammar.reading import read

    reading = read(workspace.path, workspace.includes)
    if not reading.sources:
        workspace.report(reading.diagnostics)
        sys.exit(1)
    for source in reading.sources:
        if source.standing:
            click.echo(f"matrix: {source.path} is left as it is: see matrix check", err=True)
    return [source.path for source in reading.sources if not source.standing]


def _standard_input(check: bool, show_diff: bool) -> None:
    from matrix_grammar.layout import format_text

    content = standard_input()
    formatted = format_text(content, "-")
    if show_diff:
        _print_diff("-", content, formatted)
    if not check and not show_diff:
        emit_data(formatted.encode())
    elif formatted.encode() != content:
        sys.exit(1)


def _one(path: str, check: bool, show_diff: bool) -> bool:
    """Format a file; whether it was otherwise before. Raises MatrixError, or Fault when it cannot be had."""
    from matrix_common.files import ChangedMeanwhileError, Original
    from matrix_grammar.layout import format_text

    try:
        original = Original(Path(path))
        formatted = format_text(original.content, path)
        if formatted.encode() == original.content:
            return False
        if show_diff:
            _print_diff(path, original.content, formatted)
        elif check:
            click.echo(f"{path} would change")
        else:
            original.replace(formatted.encode())
            click.echo(f"{path} laid out anew")
    except ChangedMeanwhileError as error:
        fail(str(error), 1)
    except OSError as error:
        from matrix_common.terminal import reason_of

        fail(f"{path}: {reason_of(error)}; it is as it was", 1)
    return True


def _print_diff(path: str, content: bytes, formatted: str) -> None:
    for line in _unified(path, content.decode("utf-8"), formatted):
        emit_coloured(line, _COLOURS.get(line[:1]))


def _unified(path: str, old: str, new: str) -> Iterator[str]:
    """The difference as `diff -u` writes it, with a carriage return made visible."""
    import difflib

    from matrix_common.terminal import safe

    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), path, path, lineterm="")
    return (safe(line) for line in lines)
