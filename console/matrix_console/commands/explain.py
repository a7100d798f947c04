"""`matrix explain`: one diagnostic, or one stage of the work on a host, at length; or the list of all diagnostics."""

from __future__ import annotations

import click

from matrix_console.frame import Workspace, emit_json, fail, verb


@verb(help="Explain a diagnostic code, or a stage of the work on a host (host-key). Without CODE: list all.")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(workspace: Workspace, code: str | None, as_json: bool) -> None:
    """Print rows of the table of diagnostics."""
    from matrix_common.words import did_you_mean, nearest
    from matrix_grammar.diagnostics.catalogue import CODES
    from matrix_grammar.explanation import explanation

    if code is None:
        rows = [{"code": row.code, "severity": row.severity, "title": row.title} for row in CODES.values()]
        if as_json:
            emit_json(rows)
        else:
            click.echo("\n".join(f"{row['code']}  {row['severity']:7}  {row['title']}" for row in rows))
        return
    wanted = code.upper()
    if wanted not in CODES:
        from matrix_distributor.hosts import STAGES

        stage = code.lower().replace("-", " ")
        if stage in STAGES:
            _print_stage(stage, STAGES[stage], as_json)
            return
        near = nearest(wanted, CODES) or nearest(code.lower(), [name.replace(" ", "-") for name in STAGES])
        fail(
            f"there is no diagnostic {code}" + f"; {did_you_mean(near[:1]) or 'matrix explain lists them'}",
            2,
        )
    row = CODES[wanted]
    if as_json:
        emit_json({"code": row.code, "severity": row.severity, "title": row.title, "explanation": row.explanation})
    else:
        click.echo(explanation(row))


def _print_stage(stage: str, explanation: str, as_json: bool) -> None:
    if as_json:
        emit_json({"stage": stage, "explanation": explanation})
    else:
        click.echo(f"{stage}: a stage of the work on a host\n\n{explanation}")
