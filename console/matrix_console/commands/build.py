"""`matrix build`: the bindings as files in a folder."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..frame import Workspace, emit_json, fail, verb

if TYPE_CHECKING:
    from matrix_emitters import Artifact

Change = Literal["new", "changed", "same"]


@verb(
    help="Write the bindings of every language below a folder, as they would lie on a host.\n\n"
    "Each file is replaced at once or not at all; one that is as it should be is left alone."
)
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), default=Path("build"),
    show_default=True, help="The folder; it is made when it is not there.",
)  # fmt: skip
@click.option("--only", metavar="NAME,…", default="", help="Only these languages: sh, perl, php, python, json, …")
@click.option(
    "--generation", metavar="N", type=click.IntRange(min=0), default=0, show_default=True,
    help="The generation that the files say they are; a push gives them its own.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="What was written, as JSON.")
def command(workspace: Workspace, output: Path, only: str, generation: int, as_json: bool) -> None:
    """Nothing is written when the MATRIX or an option is wrong; a file that cannot be written ends with 2."""
    from matrix_emitters import EmitterError, build, check_options, emitter

    names = [name.strip() for name in only.split(",") if name.strip()] if only else None
    try:
        for name in names or ():
            emitter(name)
    except EmitterError as error:
        fail(str(error), 2)
    fleet = workspace.fleet()
    options = workspace.binding_options
    try:
        wrong = check_options(fleet, options, names)
        workspace.report(wrong)
        if any(each.severity == "error" for each in wrong):
            sys.exit(1)
        artifacts = build(fleet, generation, options, names)
    except EmitterError as error:
        fail(str(error), 1)
    changes: list[tuple[Artifact, Change]] = []
    for artifact in artifacts:
        target = output / artifact.path.lstrip("/")
        try:
            changes.append((artifact, place(artifact, target)))
        except OSError as error:
            fail(f"{target}: {(error.strerror or str(error)).lower()}; it is as it was", 2)
        if not as_json and changes[-1][1] != "same":
            click.echo(f"{changes[-1][1]:<8} {target}")
    if as_json:
        emit_json(_as_json(generation, fleet.digest, output, changes))
    else:
        same = sum(change == "same" for _, change in changes)
        click.echo(f"{len(changes)} files, {len(changes) - same} written, {same} as they were")


def place(artifact: Artifact, target: Path) -> Change:
    """Put an artifact at `target` by rename, once its bytes are on the disk. After an OSError `target` is as before."""
    try:
        with target.open("rb") as present:
            mode = stat.S_IMODE(os.fstat(present.fileno()).st_mode)
            if mode == artifact.mode and not target.is_symlink() and present.read() == artifact.content:
                return "same"
        change: Change = "changed"
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        change = "new"
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as fresh:
            fresh.write(artifact.content)
            os.fchmod(fresh.fileno(), artifact.mode)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return change


def _as_json(generation: int, digest: str, output: Path, changes: list[tuple[Artifact, Change]]) -> object:
    files = [
        {
            "path": artifact.path,
            "file": str(output / artifact.path.lstrip("/")),
            "mode": f"{artifact.mode:04o}",
            "size": len(artifact.content),
            "sha256": artifact.sha256,
            "change": change,
        }
        for artifact, change in changes
    ]
    return {"generation": generation, "digest": digest, "files": files}
