"""`matrix import`: a draft of a MATRIX from another program's file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.files.foreign import read_foreign
from matrix_console.files.output_file import stream_of, write_output
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb

if TYPE_CHECKING:
    from matrix_sources.draft import Draft
    from matrix_sources.outline import Leftover

KINDS = ("keepalived", "hosts", "ansible", "genders", "ssh_config", "csv")
_OWNERS = {"config_id": "keepalived", "names": "keepalived", "delimiter": "csv", "form": "ansible"}
"""Options that are about one kind."""

_AT_ONCE = 500
"""Lines that are written together."""

_WIDEST = 300
"""Characters of what was left that are shown; --json has all of it."""


@verb(
    help="Draft a MATRIX from the FILE of another program (- for standard input): a keepalived.conf, /etc/hosts, an "
    "Ansible inventory (INI or YAML), a genders file, an ssh_config, or a table as CSV.\n\n"
    "The draft passes `matrix check` and has the layout of `matrix fmt`. It lists, with their lines, parts that cannot "
    "be carried over or have another name or form here: on standard error, and as comments in the draft."
)
@click.argument("kind", metavar=f"[{'|'.join(KINDS)}]", type=click.Choice(KINDS))
@click.argument("source", metavar="FILE|-")
@click.option(
    "-o", "--output", metavar="FILE|-", type=click.Path(),
    help="Write the draft to this new file, completely or not at all.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="With -o: replace an existing file.")
@click.option("--json", "as_json", is_flag=True, help="Print the draft and the omitted parts as JSON.")
@click.option(
    "--config-id", metavar="NAME", help="keepalived: read conditional lines (@NAME …) as the host of this id does."
)
@click.option("--names", metavar="FILE", help="keepalived: a hosts file with the names of the real servers.")
@click.option("--delimiter", metavar="SIGN", help="csv: the sign between cells; default: found in the first line.")
@click.option(
    "--form", type=click.Choice(["ini", "yaml"]), help="ansible: the form of the inventory; default: found in it."
)
def command(
    workspace: Workspace,
    kind: str,
    source: str,
    output: str | None,
    force: bool,
    as_json: bool,
    config_id: str | None,
    names: str | None,
    delimiter: str | None,
    form: str | None,
) -> None:
    """A text that cannot be read ends with 1, a wrong use and a file in the way with 2; what was left is no failure."""
    from matrix_sources.outline import DraftError
    from matrix_sources.registry import draft

    given = {"config_id": config_id, "names": names, "delimiter": delimiter, "form": form}
    options = {name: value for name, value in given.items() if value is not None}
    _demand(kind, options)
    if force and output is None:
        fail("--force says what may become of -o FILE, which is not given", 2)
    if output is not None and not force and stream_of(output) is None and os.path.lexists(output):
        fail(f"{output} is already there; --force replaces it", 2)
    if names is not None:
        options["names"] = read_foreign(names)
    if kind == "ansible" and source != "-":
        folders = [name for name in ("group_vars", "host_vars") if Path(source).with_name(name).is_dir()]
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


def _demand(kind: str, options: dict[str, str]) -> None:
    """Each of these options is about one kind."""
    for option, owner in (
        ("config_id", "keepalived"),
        ("names", "keepalived"),
        ("delimiter", "csv"),
        ("form", "ansible"),
    ):
        if option in options and kind != owner:
            fail(f"--{option.replace('_', '-')} is about {owner}, not {kind}", 2)
    if len(options.get("delimiter", ",")) != 1 or options.get("delimiter") in ("\n", "\r", '"'):
        fail("--delimiter is one character, as ; or a tab", 2)


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
