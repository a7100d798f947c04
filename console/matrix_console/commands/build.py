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
    from collections.abc import Sequence

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
    """Nothing is written when the MATRIX or an option is wrong, or when one of the files cannot be written (2)."""
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
    files = [Staged(artifact, output / artifact.path.lstrip("/")) for artifact in artifacts]
    done: list[Staged] = []
    file = files[0] if files else None
    try:
        for file in files:
            file.stage()
        for file in files:
            file.put()
            done.append(file)
    except OSError as error:
        assert file is not None
        written = [each for each in done if each.change != "same"]
        rest = f"it is as it was, {len(written)} files before it are new" if written else "every file is as it was"
        fail(f"{file.target}: {(error.strerror or str(error)).lower()}; {rest}", 2)
    finally:
        for file in files:
            file.discard()
    return [(file.artifact, file.change) for file in files]


class Staged:
    """An artifact on its way to `target`, by way of a file beside it."""

    def __init__(self, artifact: Artifact, target: Path) -> None:
        self.artifact, self.target = artifact, target
        self.change: Change = "new"
        self._temporary: Path | None = None

    def stage(self) -> None:
        """Write the bytes beside the target and onto the disk, unless it has them already. Raises OSError."""
        try:
            with self.target.open("rb") as present:
                mode = stat.S_IMODE(os.fstat(present.fileno()).st_mode)
                right = mode == self.artifact.mode and not self.target.is_symlink()
                if right and present.read() == self.artifact.content:
                    self.change = "same"
                    return
            self.change = "changed"
        except FileNotFoundError:
            self.target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{self.target.name}.", dir=self.target.parent)
        self._temporary = Path(name)
        with os.fdopen(descriptor, "wb") as fresh:
            fresh.write(self.artifact.content)
            os.fchmod(fresh.fileno(), self.artifact.mode)
            fresh.flush()
            os.fsync(fresh.fileno())

    def put(self) -> None:
        """Rename what was staged to the target. After an OSError the target is as before."""
        if self._temporary is None:
            return
        self._temporary.replace(self.target)
        self._temporary = None
        folder = os.open(self.target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        """Remove what was staged and not put in place."""
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)


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
