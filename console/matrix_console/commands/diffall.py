"""`DIFFALL`: ask whether a file or a tree is the same on the hosts that a selector names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from matrix_console.fleetwork.asked import Asked, session
from matrix_console.fleetwork.calling import HostsFirst, common
from matrix_console.fleetwork.lines import Screen
from matrix_console.fleetwork.versions import Reference, report
from matrix_console.frame import Workspace, emit_data, emit_json, fail, verb
from matrix_console.report.outcomes import as_json
from matrix_console.report.summary import skipped, summary

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import Chosen, HeldOutcome, Session, Version, Waves

TWO_MINUTES = 120.0


class Compare(HostsFirst):
    """Hosts, then what to compare."""

    words_are = "[SOURCE:]PATH"


@verb(name="DIFFALL", cls=Compare, short_help="Compare a file or a tree on hosts.")
@common
@click.option("--vote", is_flag=True, help="Compare the hosts with the majority of them.")
@click.option("--mode", "modes", is_flag=True, help="Compare owner and mode as well.")
@click.option("-q", "--brief", is_flag=True, help="List differing hosts without their differences.")
def command(
    workspace: Workspace,
    hosts: tuple[str, ...],
    words: tuple[str, ...],
    vote: bool,
    modes: bool,
    brief: bool,
    **common_options: Any,
) -> None:
    """Compare PATH, a file or a tree, on the hosts with the copy here; with --vote, with the version of most hosts.

    Contents are compared by hash. The difference of each distinct version is shown once. Exit status 0 if all are
    the same, 1 if some differ or PATH is absent, 3 if some hosts could not be asked, 4 if no host could.
    """
    from matrix_distributor.fleetwork import FleetworkError, held_here, versions

    asked = Asked(hosts=hosts, **common_options)
    if len(words) != 1:
        fail("one [SOURCE:]PATH is to be given after the hosts", 2)
    reference = None
    try:
        if vote:
            path = _path(words[0])
        else:
            path, held, sources = held_here(words[0])
            reference = Reference("here", held, sources)
    except FleetworkError as error:
        fail(f"{error} (--vote compares the hosts with one another)", 2)
    with session(workspace, asked, "DIFFALL", timeout=TWO_MINUTES, keep=True) as (opened, chosen):
        outcomes = _ask(opened, chosen, path, asked.pace(len(chosen.hosts)), quiet=asked.json_)
        found = versions(outcomes, modes=modes)
        if vote:
            reference = _majority(found, outcomes)
        same = _same(found, reference, modes=modes)
        if asked.json_:
            emit_json({"path": path, "vote": vote, "hosts": [_as_json(outcome, same) for outcome in outcomes]})
        else:
            for line in report(opened, outcomes, found, reference, path, same, modes=modes, brief=brief):
                emit_data(line)
    click.echo(summary(outcomes, _words(outcomes, same)), err=True)
    sys.exit(_status(outcomes, same))


def _path(word: str) -> str:
    if not word.startswith("/"):
        fail(f"{word} is no absolute path, as --vote needs it", 2)
    return "/" + word.strip("/")


def _ask(opened: Session, chosen: Chosen, path: str, pace: Waves, *, quiet: bool) -> list[HeldOutcome]:
    """What every host has, in the order of the MATRIX; troubles go out as they come."""
    outcomes: list[HeldOutcome] = []
    with Screen("DIFFALL", [host.name for host in chosen.hosts], quiet=quiet) as screen:
        for outcome in opened.held(chosen, path, pace):
            outcomes.append(outcome)
            if outcome.result == "skipped":
                screen.say(skipped(outcome))
                continue
            screen.done(outcome.host, good=outcome.ok)
            if not outcome.ok:
                screen.say(f"{outcome.host}: {outcome.trouble}")
    order = {host.name: place for place, host in enumerate(opened.fleet.hosts)}
    return sorted(outcomes, key=lambda outcome: order[outcome.host])


def _majority(found: list[Version], outcomes: Sequence[HeldOutcome]) -> Reference | None:
    """What most hosts have; None when there is no such thing, or most have nothing there."""
    from matrix_distributor.fleetwork import majority
    from matrix_grammar.ranges import fold

    most = majority(found)
    absent = sum(outcome.presence == "absent" for outcome in outcomes)
    if most is None or absent > len(most.hosts):
        return None
    return Reference(fold(most.hosts), most.held, {})


def _same(found: Sequence[Version], reference: Reference | None, *, modes: bool) -> frozenset[str]:
    """The hosts that have what the reference has; without one all hosts when there is one version alone."""
    from matrix_distributor.fleetwork import facts

    if reference is None:
        return frozenset()
    wanted = facts(reference.held, modes=modes)
    return frozenset(host for v in found if facts(v.held, modes=modes) == wanted for host in v.hosts)


def _words(outcomes: Sequence[HeldOutcome], same: frozenset[str]) -> dict[str, list[str]]:
    """The hosts that were asked, by how they stand, in the words of the summary."""
    asked = [outcome for outcome in outcomes if outcome.ok]
    return {
        "same": [outcome.host for outcome in asked if outcome.host in same],
        "differ": [o.host for o in asked if o.presence == "there" and o.host not in same],
        "absent": [outcome.host for outcome in asked if outcome.presence == "absent"],
        "unreadable": [outcome.host for outcome in asked if outcome.presence == "unreadable"],
    }


def _status(outcomes: Sequence[HeldOutcome], same: frozenset[str]) -> int:
    from matrix_distributor.hosts import exit_status

    unasked = exit_status(outcomes)
    if unasked:
        return unasked
    words = _words(outcomes, same)
    if words["unreadable"]:
        return 3
    return 1 if words["differ"] or words["absent"] else 0


def _as_json(outcome: HeldOutcome, same: frozenset[str]) -> dict[str, object]:
    """One outcome for programs: whether the host has the same, and the sha256 where a file alone is there."""
    only = outcome.held.get("")
    return as_json(
        outcome,
        same=outcome.host in same if outcome.presence == "there" else None,
        sha256=only.digest if only is not None and only.digest else None,
    )
