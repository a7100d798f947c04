"""`SYNCALL`: copy a file or a tree to the hosts that a selector names."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from matrix_console.fleetwork.asked import Asked, session
from matrix_console.fleetwork.calling import HostsFirst, common, paced
from matrix_console.fleetwork.differing import local, plan, shown
from matrix_console.fleetwork.lines import Screen
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb
from matrix_console.report.outcomes import as_json
from matrix_console.report.summary import skipped, summary

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import Chosen, Session, Waves
    from matrix_distributor.fleetwork.copy import Cargo, Change, CopyOptions, CopyOutcome

MINUTE = 60.0

SLOWEST = 256 * 1024
"""Bytes a second that a host is given time for."""

LISTED = 20
"""Changes that are listed for hosts; of more the number is told."""


class Copy(HostsFirst):
    """Hosts, then what to copy."""

    words_are = "SOURCE[:DEST]"


@verb(name="SYNCALL", cls=Copy, short_help="Copy a file or a tree to hosts.")
@common
@click.option("-n", "--dry-run", is_flag=True, help="Show the changes, and change nothing.")
@click.option("--mode", metavar="OCTAL", help="Mode of the files; default: that of SOURCE.")
@click.option("--owner", default="", metavar="USER[:GROUP]", help="Owner; default: that of SOURCE.")
@click.option("--backup", is_flag=True, help="Keep each replaced file as NAME~.")
@click.option("--delete", is_flag=True, help="Remove files from the tree on the hosts that are not in SOURCE.")
@click.option("--top", is_flag=True, help="Set mode and owner of SOURCE on an existing DEST of a tree too.")
@click.option("--check", default="", metavar="CMD", help="Run first for each file that changes; %s is the staged file.")
@click.option("--then", default="", metavar="CMD", help="Run on each host with a change, or where it failed before.")
@paced
def command(
    workspace: Workspace,
    hosts: tuple[str, ...],
    words: tuple[str, ...],
    dry_run: bool,
    mode: str | None,
    owner: str,
    backup: bool,
    delete: bool,
    top: bool,
    check: str,
    then: str,
    **common_options: Any,
) -> None:
    """Copy SOURCE, a file or a tree, to DEST on the hosts of HOSTS.

    DEST is an absolute path; default: the path of SOURCE. A tree gets the contents of SOURCE/. Contents are
    compared by hash. Only differences are sent; they are verified and renamed into place. Mode and owner are those
    of SOURCE. If DEST of a tree exists, it keeps its own mode and owner, and a difference is reported, unless --top
    is set. Exit status 3 if some hosts failed, 4 if no host could be reached.
    """
    from matrix_common.terminal import safe
    from matrix_distributor.fleetwork import FleetworkError
    from matrix_distributor.fleetwork.copy import CopyOptions, scan
    from matrix_distributor.hosts import exit_status

    asked = Asked(hosts=hosts, **common_options)
    if len(words) != 1:
        fail("one SOURCE[:DEST] is to be given after the hosts", 2)
    try:
        cargo = scan(words[0], mode=_mode(mode), owner=owner)
    except FleetworkError as error:
        fail(str(error), 2)
    for given, name in ((delete, "--delete"), (top, "--top")):
        if given and not cargo.tree:
            fail(f"{name} is for trees, and a file was given", 2)
    for name in cargo.left_out:
        click.echo(f"SYNCALL: {safe(name)} is neither file, folder nor link, and is left out", err=True)
    options = CopyOptions(check=check, then=then, backup=backup, delete=delete, top=top, dry=dry_run)
    limit = MINUTE + cargo.size / SLOWEST + (MINUTE if check or then else 0)
    with session(workspace, asked, "SYNCALL", timeout=limit, keep=dry_run, dry=dry_run) as (opened, chosen):
        pace = asked.pace(len(chosen.hosts))
        started = time.monotonic()
        outcomes = _copy(opened, chosen, cargo, options, pace, quiet=asked.json_)
        if asked.json_:
            facts = [_as_json(outcome) for outcome in outcomes]
            seconds = round(time.monotonic() - started, 3)
            emit_json({"source": words[0], "base": cargo.base, "dry_run": dry_run, "seconds": seconds, "hosts": facts})
        else:
            _list(opened, outcomes, dry=dry_run)
            _list_kept(outcomes, cargo.base)
    changed = [outcome.host for outcome in outcomes if outcome.ok and outcome.changes]
    same = [outcome.host for outcome in outcomes if outcome.ok and not outcome.changes]
    click.echo(summary(outcomes, {"would change" if dry_run else "changed": changed, "same": same}), err=True)
    sys.exit(exit_status(outcomes))


def _mode(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        fail(f"--mode {text} is no octal mode such as 0644", 2)
    return mode


def _copy(
    opened: Session, chosen: Chosen, cargo: Cargo, options: CopyOptions, pace: Waves, *, quiet: bool
) -> list[CopyOutcome]:
    """Copy; troubles and what commands said go out as they come. The outcomes in the order of the MATRIX."""
    outcomes: list[CopyOutcome] = []
    with Screen("SYNCALL", [host.name for host in chosen.hosts], quiet=quiet) as screen:
        for outcome in opened.copy_to(chosen, cargo, options, pace):
            outcomes.append(outcome)
            if outcome.result == "skipped":
                screen.say(skipped(outcome))
                continue
            if not quiet:
                screen.output(outcome.host, outcome.host, "stdout", outcome.output)
                screen.flush(outcome.host, outcome.host)
            screen.done(outcome.host, good=outcome.ok)
            if not outcome.ok:
                screen.say(f"{outcome.host}: {outcome.trouble}")
    order = {host.name: place for place, host in enumerate(opened.fleet.hosts)}
    return sorted(outcomes, key=lambda outcome: order[outcome.host])


def _list(opened: Session, outcomes: Iterable[CopyOutcome], *, dry: bool) -> None:
    """What changed, equal changes once with their hosts folded; in a dry run with the differences of texts."""
    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    hosts: dict[Change, list[str]] = {}
    for outcome in outcomes:
        for change in outcome.changes if outcome.ok else ():
            hosts.setdefault(change, []).append(outcome.host)
    contents: dict[str, bytes] = {}
    if dry:
        texts = [(names[0], c.path, c.before) for c, names in hosts.items() if c.what == "content"]
        contents = opened.fetch(plan(texts))
    listed: dict[str, int] = {}
    for change, names in hosts.items():
        folded = fold(names)
        listed[folded] = listed.get(folded, 0) + 1
        if listed[folded] > LISTED and not dry:
            continue
        emit_data(f"{folded}: {change.what} {safe(change.path)}\n".encode())
        if dry and change.what == "content" and change.entry is not None:
            old = contents.get(change.before)
            for line in shown(old, local(change.entry.source), f"{folded}:{change.path}", change.entry.source):
                emit_data(line)
    for folded, count in listed.items():
        if count > LISTED and not dry:
            emit_data(f"{folded}: and {count - LISTED} more\n".encode())


def _list_kept(outcomes: Iterable[CopyOutcome], base: str) -> None:
    """The folder of a tree where its mode and owner were left as they are."""
    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    hosts: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.kept:
            hosts.setdefault(outcome.kept, []).append(outcome.host)
    for kept, names in hosts.items():
        emit_data(f"{fold(names)}: kept {safe(base)}: {safe(kept)} (--top sets it)\n".encode())


def _as_json(outcome: CopyOutcome) -> dict[str, object]:
    """One outcome for programs; what changed by path, with the sha256 of what was there."""
    changes = [{"path": change.path, "what": change.what, "before": change.before} for change in outcome.changes]
    return as_json(outcome, changes=changes)
