"""`matrix adopt`: take over as origin from what a host holds."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matrix_console.distribution import faults, pool_of
from matrix_console.frame import Workspace, emit_json, fail, verb

if TYPE_CHECKING:
    from matrix_distributor.generation import Generation
    from matrix_distributor.hosts import Outcome
    from matrix_grammar.model import Host


@verb(name="adopt", short_help="Take over as origin, with a host's generation.")
@click.argument("source", metavar="HOST|DIR")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Write the MATRIX into this folder; default: the current one.",
)
@click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key.")
@click.option(
    "--allowed-signers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Require a signature of one of these signers; see ssh-keygen(1).",
)
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    workspace: Workspace, source: str, output: Path, accept_new: bool, allowed_signers: Path | None, json_: bool
) -> None:
    """Take over as origin: write the MATRIX, its includes and matrix.toml of HOST, and continue from there.

    HOST is a name or address that ssh reaches ([user@]host). DIR is a host's own /var/lib/dsas, or a folder that
    stands for the host's root. Every sha256 is checked, and with --allowed-signers (or sign.allowed_signers) the
    signature too. Settings that name files or programs of the former origin become comments in matrix.toml, and are
    listed. The next edit makes the next generation of the same fleet.
    """
    from matrix_common.terminal import safe
    from matrix_distributor.origin import write_texts
    from matrix_distributor.signing import check_signature
    from matrix_distributor.state import OriginState

    with faults():
        generation, asked = _take(source, accept_new)
        signers = allowed_signers or Workspace(".").vouched.sign_allowed_signers
        if signers is not None:
            check_signature(generation, signers)
        adopted = write_texts(generation, output)
        with OriginState(Workspace(str(adopted.matrix)).vouched.state) as state, state.exclusive():
            state.add(generation)
            if asked is not None:
                state.note_within([asked], generation.number, datetime.now(UTC))
    made = generation.manifest
    if json_:
        emit_json(
            {
                "generation": made.generation,
                "digest": made.digest,
                "fleet": made.fleet,
                "time": made.time,
                "author": made.author,
                "matrix": str(adopted.matrix),
                "files": [str(path) for path in adopted.files],
                "left_out": list(adopted.left_out),
            }
        )
        return
    click.echo(f"generation {made.generation} ({made.digest[:12]}) of {made.time}, by {made.author}: every file whole")
    for path in adopted.files:
        click.echo(f"  {path}")
    if adopted.left_out:
        click.echo("left out, since it names files or programs of the former origin, or commands for hosts:")
        for words in adopted.left_out:
            click.echo(f"  {safe(words)}")
        click.echo("what is right here comes back when its `# ` is taken away in matrix.toml")
    click.echo(f"edit {adopted.matrix}, then: matrix push -f {shlex.quote(str(adopted.matrix))}")


def _take(source: str, accept_new: bool) -> tuple[Generation, Outcome | None]:
    """The generation, and what the host said of itself where it is one of the MATRIX: of others nothing is known."""
    from matrix_common.terminal import Interrupted
    from matrix_distributor.conversation import Reach
    from matrix_distributor.dialogue import Target
    from matrix_distributor.origin import from_folder, from_host
    from matrix_distributor.push import inspect

    if Path(source).is_dir():
        return from_folder(Path(source)), None
    user, _, name = source.rpartition("@")
    here = Workspace(".")
    with pool_of(here, accept_new=accept_new, keep=True, ordinary=bool(user)) as pool:
        reach = Reach(pool, gated=not user and bool(here.settings.push_account))
        target, sudo = Target(name, name, user=user or None), here.settings.push_sudo
        try:
            generation = from_host(target, reach, sudo=sudo)
            (asked,) = inspect(generation, [target], reach, sudo=sudo)
        except (Interrupted, KeyboardInterrupt):
            fail("stopped by Ctrl-C: nothing was taken over, and nothing written", 3)
    host = _host_of(generation, name)
    return generation, replace(asked, host=host) if host else None


def _host_of(generation: Generation, name: str) -> str:
    """The host of the MATRIX that is reached by this name or address; empty where none can be told."""
    from matrix_distributor.origin import stored_fleet

    fleet = stored_fleet(generation)
    hosts = fleet.hosts if fleet is not None else ()
    return next((host.name for host in hosts if name.lower() in _names(host)), "")


def _names(host: Host) -> set[str]:
    return {host.name.lower(), host.fullname.lower(), *host.addresses}
