"""`matrix query`: the hosts that a selector names."""

from __future__ import annotations

import click

from ..frame import Workspace, emit_json, verb


@verb(
    help="The hosts that SELECTOR names, folded (w[101-103,105]) in the order of the MATRIX.\n\n"
    "Terms are roles, groups, hosts, patterns (w[101-103], w10*), states, UP, facts (site=tky1, weight>=5) and *; "
    "operators, left to right: a,b union, a&b intersection, a!b difference, a^b either but not both. "
    "An unknown name ends with 2."
)
@click.argument("selector")
@click.option("-x", "--expand", "expanded", is_flag=True, help="One host a line.")
@click.option("--count", is_flag=True, help="How many they are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(workspace: Workspace, selector: str, expanded: bool, count: bool, as_json: bool) -> None:
    """Folded, expanded, counted or all of that as JSON; a selector that is right but names nobody prints nothing."""
    hosts = workspace.fleet().select(selector)
    if as_json:
        emit_json({"selector": selector, "count": len(hosts), "folded": hosts.folded, "hosts": hosts.names})
    elif count:
        click.echo(len(hosts))
    elif hosts:
        click.echo("\n".join(hosts.names) if expanded else hosts.folded)
