"""`matrix explain`: one diagnostic at length, or the list of all."""

from __future__ import annotations

import click

from ..frame import Workspace, emit_json, fail, verb


@verb(help="Explain a diagnostic code at length; without one list them all.")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(workspace: Workspace, code: str | None, as_json: bool) -> None:
    """Print rows of the table of diagnostics."""
    from matrix_grammar import CODES, explanation, nearest

    if code is None:
        rows = [{"code": row.code, "severity": row.severity, "title": row.title} for row in CODES.values()]
        if as_json:
            emit_json(rows)
        else:
            click.echo("\n".join(f"{row['code']}  {row['severity']:7}  {row['title']}" for row in rows))
        return
    wanted = code.upper()
    if wanted not in CODES:
        near = nearest(wanted, CODES)
        fail(
            f"there is no diagnostic {code}"
            + (f"; did you mean {near[0]}?" if near else "; matrix explain lists them"),
            2,
        )
    row = CODES[wanted]
    if as_json:
        emit_json({"code": row.code, "severity": row.severity, "title": row.title, "explanation": row.explanation})
    else:
        click.echo(explanation(row))
