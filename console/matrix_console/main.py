"""`matrix` and its sister commands: which verbs there are.

A verb's module is imported when it is called, and not before.
"""

from __future__ import annotations

import importlib
import keyword

import click

from .running import run

SECTIONS: dict[str, dict[str, str]] = {
    "The text": {
        "init": "Start a MATRIX in a folder.",
        "import": "Draft a MATRIX from another program's file.",
        "check": "Report every mistake in the MATRIX.",
        "fmt": "Format the MATRIX; keep its comments.",
        "explain": "Explain a diagnostic code at length.",
    },
    "Its facts": {
        "show": "Show a table of hosts, roles and states.",
        "query": "List the hosts of a selector.",
        "get": "Print one property of a host, role or group.",
        "diff": "Compare the meaning of two texts.",
    },
    "To the hosts": {
        "build": "Write the bindings to a folder.",
        "push": "Bring every host to the current generation.",
        "status": "Report edits not in force, and each host's generation.",
        "watch": "Push every edit; keep the hosts up to date.",
        "history": "List the generations: when, who, what changed.",
        "rollback": "Restore the content of an earlier generation.",
        "adopt": "Take over as origin, with a host's generation.",
        "enroll": "Set up an account of least privilege on hosts.",
        "scan": "Show the keys of hosts, and whether they are known.",
        "reflect": "Generate configurations: show, check, apply.",
    },
    "On the hosts": {
        "forall": "Run a command on hosts.",
        "syncall": "Copy a file or a tree to hosts.",
        "diffall": "Compare a file or a tree on hosts.",
    },
    "To see it work": {
        "demo": "Show everything on a fleet inside one process.",
    },
}


class Verbs(click.Group):
    """A group that knows its verbs by name alone, so that `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of the help."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now; None when there is no such verb."""
        if cmd_name not in self.list_commands(ctx):
            return None
        file = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f"matrix_console.commands.{file}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest verbs when there is none of that name."""
        if args and not args[0].startswith("-"):
            known = self.list_commands(ctx)
            if args[0] not in known:
                from matrix_common.words import did_you_mean, nearest

                cure = did_you_mean(nearest(args[0], known))
                cure = f"; {cure}" if cure else f": the verbs are {', '.join(known)}"
                ctx.fail(f"there is no verb {args[0]!r}{cure}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs by section, from the table."""
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(verbs.items()), col_max=12)


def print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print the installed version and end."""
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"matrix {version('dsas-matrix')}")
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 all well; 1 the MATRIX has errors, or a comparison found a difference; 2 wrong usage; "
    "3 some hosts failed; 4 no host could be reached.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_version,
    help="Print the version.",
)
def matrix() -> None:
    """Keep one text file about all servers of a site, and generate from it what scripts and services need.

    The MATRIX is the first of -f FILE, $MATRIX_FILE, ./MATRIX, /etc/matrix/MATRIX. Settings are in matrix.toml in the
    same folder.
    """


def main() -> None:
    """The command `matrix`."""
    run(matrix, "matrix")


def matrixd() -> None:
    """The command `matrixd`: `matrix watch` as a service."""
    from matrix_console.commands.watch import command

    run(command, "matrixd")


def forall() -> None:
    """The command `FORALL`."""
    from matrix_console.commands.forall import command

    run(command, "FORALL")


def syncall() -> None:
    """The command `SYNCALL`."""
    from matrix_console.commands.syncall import command

    run(command, "SYNCALL")


def diffall() -> None:
    """The command `DIFFALL`."""
    from matrix_console.commands.diffall import command

    run(command, "DIFFALL")
