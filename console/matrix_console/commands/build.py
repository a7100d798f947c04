"""`matrix build`: the bindings as files in a folder."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from matrix_console.frame import Workspace, emit_json, fail, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matrix_emitters.artifacts import Artifact

Change = Literal["new", "changed", "same"]


@verb(
    help="Write the bindings of every language into a folder, with the paths that they have on a host.\n\n"
    "Each file is replaced completely or not at all. A file that is already correct stays unchanged."
)
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), default=Path("build"),
    show_default=True, help="The folder; a missing one is made.",
)  # fmt: skip
@click.option("--only", metavar="NAME,…", default="", help="Only these languages: sh, perl, php, python, json, …")
@click.option(
    "--generation", metavar="N", type=click.IntRange(min=0), default=0, show_default=True,
    help="The generation number in the files; a push writes its own number.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the written files as JSON.")
def command(workspace: Workspace, output: Path, only: str, generation: int, as_json: bool) -> None:
    """Nothing is written when the MATRIX or an option is wrong, or when one of the files cannot be written (2)."""
    from matrix_emitters import EmitterError
    from matrix_emitters.bindings import build, check_options, emitter

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
    changes = _write(artifacts, output)
    for artifact, change in changes:
        if not as_json and change != "same":
            click.echo(f"{change:<8} {output / artifact.path.lstrip('/')}")
    if as_json:
        emit_json(_as_json(generation, fleet.digest, output, changes))
    else:
        same = sum(change == "same" for _, change in changes)
        click.echo(f"{len(changes)} files, {len(changes) - same} written, {same} as they were")


def _write(artifacts: Sequence[Artifact], output: Path) -> list[tuple[Artifact, Change]]:
    """Every file to its place once all of them are on the disk, so that a full disk leaves all as they were."""
    from matrix_common.files import staged

    changes: list[tuple[Artifact, Change]] = []
    target, written = output, 0
    try:
        with ExitStack() as stack:
            renames = []
            for artifact in artifacts:
                target = output / artifact.path.lstrip("/")
                changes.append((artifact, _change(artifact, target)))
                if changes[-1][1] != "same":
                    target.parent.mkdir(parents=True, exist_ok=True)
                    staging = staged(target, artifact.content, None, mode=artifact.mode)
                    renames.append((stack.enter_context(staging), target))
            for temporary, target in renames:
                os.replace(temporary, target)
                written += 1
    except OSError as error:
        rest = f"it is as it was, {written} files before it are new" if written else "every file is as it was"
        from matrix_common.terminal import reason_of

        fail(f"{target}: {reason_of(error)}; {rest}", 2)
    return changes


def _change(artifact: Artifact, target: Path) -> Change:
    """What becomes of the target. A link is replaced, as on a host. Raises OSError where no file may be put."""
    from matrix_common.files import insist_on_a_file

    try:
        status = os.lstat(target)
    except FileNotFoundError:
        return "new"
    if stat.S_ISLNK(status.st_mode):
        return "changed"
    insist_on_a_file(status, target)
    same = stat.S_IMODE(status.st_mode) == artifact.mode and target.read_bytes() == artifact.content
    return "same" if same else "changed"


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
