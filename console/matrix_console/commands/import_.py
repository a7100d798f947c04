"""`matrix import`: a draft of a MATRIX from another program's file."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matrix_console.files.foreign import read_foreign
from matrix_console.files.output_file import stream_of, write_output
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb
from matrix_sources.kinds import KINDS, ImportKind, ImportOption

if TYPE_CHECKING:
    from matrix_sources.draft import Draft
    from matrix_sources.outline import Leftover

Function = Callable[..., Any]

NAMES = tuple(kind.name for kind in KINDS)

_AT_ONCE = 500
"""Lines that are written together."""

_WIDEST = 300
"""Characters of what was left that are shown; --json has all of it."""


def _option(kind: ImportKind, option: ImportOption) -> Callable[[Function], Function]:
    """The option of one kind, as click has it."""
    return click.option(
        f"--{option.name.replace('_', '-')}", metavar=option.metavar or None,
        type=click.Choice(option.choices) if option.choices else None, help=f"{kind.name}: {option.meaning}",
    )  # fmt: skip


def _of_kinds(function: Function) -> Function:
    """A function with the options of all kinds, in their order."""
    for option in reversed([_option(kind, option) for kind in KINDS for option in kind.options]):
        function = option(function)
    return function


@verb(
    help="Draft a MATRIX from the FILE of another program (- for standard input): "
    f"{', '.join(kind.title for kind in KINDS[:-1])}, or {KINDS[-1].title}.\n\n"
    "The draft passes `matrix check` and has the layout of `matrix fmt`. It lists, with their lines, parts that cannot "
    "be carried over or have another name or form here: on standard error, and as comments in the draft."
)
@click.argument("kind", metavar=f"[{'|'.join(NAMES)}]", type=click.Choice(NAMES))
@click.argument("source", metavar="FILE|-")
@click.option(
    "-o", "--output", metavar="FILE|-", type=click.Path(),
    help="Write the draft to this new file, completely or not at all.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="With -o: replace an existing file.")
@click.option("--json", "as_json", is_flag=True, help="Print the draft and the omitted parts as JSON.")
@_of_kinds
def command(
    workspace: Workspace,
    kind: str,
    source: str,
    output: str | None,
    force: bool,
    as_json: bool,
    **of_kinds: str | None,
) -> None:
    """A text that cannot be read ends with 1, a wrong use and a file in the way with 2; what was left is no failure."""
    from matrix_grammar.model import property_table
    from matrix_sources.outline import DraftError
    from matrix_sources.registry import draft

    for wrong in property_table().wrong:
        fail(f"{wrong.path}: {wrong.message}; {wrong.cure}", 1)  # no draft would pass `matrix check`
    chosen = next(each for each in KINDS if each.name == kind)
    options = {name: value for name, value in of_kinds.items() if value is not None}
    _demand(chosen, options)
    if force and output is None:
        fail("--force says what may become of -o FILE, which is not given", 2)
    if output is not None and not force and stream_of(output) is None and os.path.lexists(output):
        fail(f"{output} is already there; --force replaces it", 2)
    for option in chosen.options:
        if option.is_file and option.name in options:
            options[option.name] = read_foreign(options[option.name])
    if chosen.beside and source != "-":
        folders = [name for name in chosen.beside if Path(source).with_name(name).is_dir()]
        options["beside"] = " ".join(folders)
    name = "standard input" if source == "-" else source
    try:
        made = draft(kind, read_foreign(source), name, **options)
    except DraftError as error:
        fail(f"{name}: {error}", 1)
    _tell(name, made.leftovers)
    if output is not None:
        _write(output, made.text.encode(), force)
    if as_json:
        emit_json(_as_json(kind, name, made, output))
    elif output is None:
        emit_data(made.text.encode())
    _sum(made, output)


def _demand(kind: ImportKind, options: Mapping[str, str]) -> None:
    """That these are options of this kind, and signs are one character."""
    for owner in KINDS:
        for option in owner.options:
            value = options.get(option.name)
            if value is not None and owner.name != kind.name:
                fail(f"--{option.name.replace('_', '-')} is about {owner.name}, not {kind.name}", 2)
            if value is not None and option.is_sign and (len(value) != 1 or value in '\n\r"'):
                fail(f"--{option.name.replace('_', '-')} is one character, as ; or a tab", 2)


def _tell(name: str, leftovers: tuple[Leftover, ...]) -> None:
    """What is not in the draft as it stood, a line each."""
    from matrix_common.terminal import safe

    told: list[str] = []
    for line, written, why, changed in leftovers:
        what = "carried over in another form" if changed else "not carried over"
        text = safe(written.strip())
        shown = text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
        where = f"{name}:{line}" if line else name
        told.append(f"{where}: {what}: {shown}: {why}")
        if len(told) == _AT_ONCE:
            click.echo("\n".join(told), err=True)
            told.clear()
    if told:
        click.echo("\n".join(told), err=True)


def _write(output: str, content: bytes, force: bool) -> None:
    """The draft in its file, whole or not at all."""
    from matrix_common.files import create

    try:
        if force or stream_of(output) is not None:
            write_output(output, content)
        else:
            create(Path(output), content)
    except FileExistsError:
        fail(f"{output} is already there; --force replaces it", 2)
    except OSError as error:
        from matrix_common.terminal import reason_of

        fail(f"{output}: {reason_of(error)}; nothing is written", 2)


def _as_json(kind: str, name: str, made: Draft, output: str | None) -> object:
    listed = [
        {"line": left.line, "text": left.text, "reason": left.reason, "changed": left.changed}
        for left in made.leftovers
    ]
    place = {"output": output} if output is not None else {"draft": made.text}
    return {"kind": kind, "source": name, **place, "not_carried": listed}


def _sum(made: Draft, output: str | None) -> None:
    """How much there is, to standard error."""
    changed = sum(left.changed for left in made.leftovers)
    told = f"{made.hosts:,} hosts, {made.roles:,} roles; {len(made.leftovers) - changed:,} not carried over"
    told += f", {changed:,} in another form"
    if output is not None and stream_of(output) is None:
        told += f"; {output} is written: matrix check -f {shlex.quote(output)}"
    click.echo(f"matrix: {told}", err=True)
    sys.stderr.flush()
