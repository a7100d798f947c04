"""`matrix init`: a MATRIX to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from matrix_console.frame import Workspace, fail, verb

STARTING_TEXT = """\
@matrix 1  # the version of the language
# @domain example.jp            # makes w101's full name w101.example.jp

# What properties there are, and of which type: a mistyped value is told at once (`matrix check`).
@property os  one-of debian ubuntu rocky  "operating system"
@default  os=debian

# A role: its header in column 1, its hosts indented below. Ranges step along with one another.
[web]  "web servers"
    w[101-103]  192.0.2.[101-103]  weight=10

# A host with roles of its own in tags, and one that a state takes out of service.
db1  192.0.2.11  [db]  "the reason of a state stands behind its colon:"
db2  192.0.2.12  [db]  [STOP: not yet installed]

# A named selection, for `matrix query front` and every binding.
@group front = web
"""


@verb(
    help="Write a valid MATRIX with comments into DIR (default: the current folder). It never overwrites a MATRIX.\n\n"
    "--team makes DIR a shared folder: its group becomes GROUP, and members of GROUP may write it (mode 2775). It also "
    "adds the line that makes matrix trust their files to /etc/matrix/trusted (as root) or ~/.config/matrix/trusted."
)
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--team", metavar="GROUP", help="Share the folder with a group, even if it already has a MATRIX.")
def command(workspace: Workspace, folder: str, team: str | None) -> None:
    """Write the starting text, if there is no file of that name yet."""
    from matrix_common.files import create

    path = Path(folder, "MATRIX")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        create(path, STARTING_TEXT.encode())
    except FileExistsError:
        if team is None:
            fail(f"{path} is already there", 2)
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}", 2)
    else:
        click.echo(f"{path} is written; edit it, then: matrix check -f {shlex.quote(str(path))}")
    if team is not None:
        from matrix_console.files.sharing import share

        try:
            told = share(path, team)
        except OSError as error:
            fail(f"{error.filename or team}: {error.strerror}", 2)
        for line in told:
            click.echo(line)
