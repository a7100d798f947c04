"""`matrix query`: the hosts that a selector names."""

from __future__ import annotations

import sys
from typing import Final

import click

from matrix_console.frame import Workspace, emit_json, verb

WORTH_KEEPING: Final = 1000
"""A MATRIX of fewer hosts is read again sooner than a cache is looked after."""


@verb(
    help="List the hosts of SELECTOR, folded (w[101-103,105]), in the order of the MATRIX.\n\n"
    "Terms are roles, groups, hosts, patterns (w[101-103], w10*), states, UP, facts (site=tky1, weight>=5) and *. "
    "Operators, from left to right: a,b union, a&b intersection, a!b difference, a^b either but not both. "
    "Exit status 2 for an unknown name."
)
@click.argument("selector")
@click.option("-x", "--expand", "expanded", is_flag=True, help="Print one host a line.")
@click.option("--count", is_flag=True, help="Print the number of hosts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(workspace: Workspace, selector: str, expanded: bool, count: bool, as_json: bool) -> None:
    """Folded, expanded, counted or all of that as JSON; a selector that is right but names nobody prints nothing."""
    from matrix_grammar.ranges import fold

    names = _select(workspace, selector)
    if as_json:
        emit_json({"selector": selector, "count": len(names), "folded": fold(names), "hosts": names})
    elif count:
        click.echo(len(names))
    elif names:
        click.echo("\n".join(names) if expanded else fold(names))


def _select(workspace: Workspace, selector: str) -> tuple[str, ...]:
    """The names, from the cache when it knows them, else from the MATRIX."""
    from matrix_console.cache.query_cache import recall
    from matrix_grammar.selectors import select_stored

    path, allow = str(workspace.path), workspace.includes
    kept = recall(path, allow)
    if kept is not None:
        found = select_stored(kept.sets, selector)
        if found is not None:
            workspace.report(kept.diagnostics)
            return found
    from matrix_console.cache.query_cache import Kept, keep
    from matrix_console.cache.recording import Recorder
    from matrix_grammar.reading import Reader
    from matrix_grammar.selectors import stored  # what a recalled answer need not wait for

    recorder = Recorder(path, allow)
    reading = Reader(recorder).read(path)
    workspace.report(reading.diagnostics)
    if reading.fleet is None:
        sys.exit(1)
    if kept is None and len(reading.fleet) >= WORTH_KEEPING:
        keep(path, recorder.record, Kept(stored(reading.fleet), reading.diagnostics))
    return reading.fleet.select(selector).names
