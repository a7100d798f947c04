"""`matrix show`: hosts, their roles and states, as a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from matrix_console.frame import Workspace, emit_json, verb

if TYPE_CHECKING:
    from matrix_grammar.model import Host, State


@verb(
    help="Show a table of the hosts of SELECTOR (default: all): their roles, and their states with reasons. "
    "Equal hosts share a row."
)
@click.argument("selector", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every host with all its facts.")
def command(workspace: Workspace, selector: str | None, as_json: bool) -> None:
    """As many columns as roles where that fits the width, else the roles of each row as a list."""
    fleet = workspace.fleet()
    hosts = fleet.select(selector or "*")
    if as_json:
        emit_json({"selector": selector, "hosts": [_as_json(host) for host in hosts]})
        return
    from matrix_common.terminal import styled
    from matrix_console.report.fleet_table import fleet_table, summary

    console = workspace.console
    with console.capture() as captured:
        if hosts:
            console.print(fleet_table(fleet, hosts, console.width))
        console.print(summary(fleet, hosts))
    told = "\n".join(line.rstrip() for line in captured.get().splitlines())
    click.echo(told, file=styled(sys.stdout), color=True)


def _as_json(host: Host) -> dict[str, Any]:
    return {
        "name": host.name,
        "addresses": host.addresses,
        "fullname": host.fullname,
        "site": host.site,
        "rack": host.rack,
        "in_service": host.in_service,
        "state": _state(host.state),
        "roles": {
            member.role: {
                "in_service": host.in_service_in(member.role),
                "state": _state(member.state),
                "properties": dict(member.properties),
            }
            for member in host.memberships
        },
        "properties": dict(host.properties),
        "defaults": dict(host.defaults),
        "note": host.note,
    }


def _state(state: State | None) -> dict[str, Any] | None:
    return {"name": state.name, "in_service": state.in_service, "reason": state.reason} if state else None
