"""`matrix scan`: the keys that hosts show, beside those that are known."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from matrix_console.distribution import faults, ssh_of
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, emit_json, fail, verb
from matrix_console.hostkeys.report import Scanned, print_scanned, scanned_as_json, status_of_scan
from matrix_console.report.progress import with_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matrix_distributor.dialogue import Target
    from matrix_distributor.transport import Pool
    from matrix_grammar import Fleet
    from matrix_grammar.model import Host
    from matrix_grammar.reading import Reading

T = TypeVar("T")


@verb(name="scan", short_help="Show the keys of hosts, and whether they are known.")
@click.argument("hosts", nargs=-1, metavar="[SELECTOR]...")
@click.option("--accept-new", is_flag=True, help="Add the key of a host without a known key; never a changed key.")
@click.option(
    "--replace", is_flag=True, help="Replace the keys of exactly these hosts in known_hosts by those of the MATRIX."
)
@click.option("--yes", is_flag=True, help="Replace without asking.")
@click.option("--fanout", type=click.IntRange(1), metavar="N", help="Ask N hosts at once.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def command(
    workspace: Workspace,
    hosts: tuple[str, ...],
    accept_new: bool,
    replace: bool,
    yes: bool,
    fanout: int | None,
    json_: bool,
) -> None:
    """Show the key of each host, or of the hosts of SELECTOR, beside those of known_hosts and the MATRIX.

    It logs in to no host (only to jump hosts), and writes nothing without an option.

    With --replace the arguments are names of hosts that were installed anew. If such a host shows the key of
    ssh.hostkey in the MATRIX, scan shows both keys, and who wrote the MATRIX's key and when. After a yes it
    replaces the old lines in known_hosts, and keeps the old file as known_hosts.old.

    Exit status 1 if some keys are new or have changed (with --replace: were not replaced), 3 if some hosts showed
    no key, 4 if no host did.
    """
    from matrix_console.hostkeys.replacing import replace_keys

    if accept_new and replace:
        fail("--accept-new and --replace exclude each other", 2)
    if yes and not replace:
        fail("--yes is for --replace", 2)
    if replace and not hosts:
        fail("which hosts were installed anew? matrix scan --replace HOST...", 2)
    with faults():
        reading = workspace.read()
        fleet = reading.fleet
        assert fleet is not None
        chosen = [fleet.host(name) for name in dict.fromkeys(hosts)] if replace else _chosen(fleet, hosts)
        from matrix_distributor.hosts import target_of

        targets = _placed(reading, [target_of(host) for host in chosen])
        scanning = _scan(workspace, targets, fanout, accept_new=accept_new, given_first=replace)
        found = list(with_progress(workspace, scanning, [target.name for target in targets], "scan"))
    place = {target.name: number for number, target in enumerate(targets)}
    found.sort(key=lambda one: place[one.host])
    if replace:
        found = replace_keys(workspace, found, {host.name: host for host in chosen}, yes=yes)
    if json_:
        emit_json({"hosts": [scanned_as_json(one) for one in found]})
    else:
        print_scanned(workspace.console, found)
    sys.exit(status_of_scan(found))


def _chosen(fleet: Fleet, selectors: Sequence[str]) -> list[Host]:
    """The hosts that any of the selectors names (all without one), in the order of the MATRIX."""
    if not selectors:
        return list(fleet.hosts)
    named = {host.name for selector in selectors for host in fleet.select(selector)}
    return [host for host in fleet.hosts if host.name in named]


def _placed(reading: Reading, targets: Sequence[Target]) -> list[Target]:
    """The targets, with the place of their `ssh.hostkey` as it is written, which may be on another line of the host."""
    from matrix_grammar.syntax import written

    places = {one.value: f"{one.place.file}:{one.place.line}" for one in written(reading.sources, ["ssh.hostkey"])}
    return [
        replace(target, given_at=next((places[key] for key in target.host_keys if key in places), target.given_at))
        for target in targets
    ]


def _scan(
    workspace: Workspace, targets: Sequence[Target], fanout: int | None, *, accept_new: bool, given_first: bool
) -> Iterator[Scanned]:
    from matrix_distributor.transport import ShownKey, remember, shown_keys

    settings = workspace.settings
    options, timeouts = ssh_of(workspace)
    stopping = _Stopping()
    looking = shown_keys(
        options,
        targets,
        timeouts,
        fanout=fanout or settings.hosts_fanout,
        given_first=given_first,
        begun=stopping.begun,
    )
    for shown in _interruptible(looking, stopping):
        if not isinstance(shown, ShownKey):
            result = "not begun" if shown.stage == "stop" else "unreachable"
            yield Scanned(shown.host, result, None, shown.stage, shown.cause, shown.cure)
            continue
        result, cause, cure = str(shown.result), shown.cause, shown.cure
        if accept_new and result == "new":
            try:
                remember(shown)
                result = "added"
            except OSError as error:
                cause = f"the new key could not be written to {shown.files.place}: {error.strerror}"
                cure = "make that file writable, or name another (ssh.known_hosts in matrix.toml)"
            else:
                cause = cure = ""
        yield Scanned(shown.host, result, shown, "", cause, cure)


class _Stopping:
    """What asks the hosts, to be told to stop."""

    def __init__(self) -> None:
        self._pool: Pool | None = None

    def begun(self, pool: Pool) -> None:
        """It is there."""
        self._pool = pool

    def stop(self, _why: str) -> None:
        """Ask no further host."""
        if self._pool is not None:
            self._pool.stop()

    def abort(self, _why: str) -> None:
        """Wait for none."""
        if self._pool is not None:
            self._pool.abort()


def _interruptible(looking: Iterator[T], stopping: _Stopping) -> Iterator[T]:
    with interruptible(stopping, "matrix scan"):
        yield from looking
