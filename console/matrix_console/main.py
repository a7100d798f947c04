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
        "check": "Say everything that is wrong in the MATRIX.",
        "fmt": "Lay the MATRIX out canonically; comments stay.",
        "explain": "Explain a diagnostic code at length.",
    },
    "Its facts": {
        "show": "A table of hosts, roles and states.",
        "query": "The hosts that a selector names.",
        "get": "One property of a host, role or group.",
        "diff": "What changed in meaning between two texts.",
    },
    "To the hosts": {
        "build": "Write the bindings to a folder.",
        "push": "Bring every host to the current generation.",
        "status": "Who has which generation.",
        "watch": "Push on every edit, keep the hosts converged.",
        "history": "The generations: when, who, what changed.",
        "rollback": "Put an earlier generation's content in force.",
        "adopt": "Take over as origin from what a host holds.",
        "enroll": "Prepare hosts for an account of least privilege.",
        "scan": "The keys that hosts show, and whether they are known.",
        "reflect": "Configurations from the MATRIX: show, check, apply.",
    },
    "On the hosts": {
        "forall": "Run a command on hosts.",
        "syncall": "Copy a file or a tree to hosts.",
        "diffall": "Ask whether a file is the same on hosts.",
    },
    "To see it work": {
        "demo": "The whole story on a fleet inside one process.",
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
    epilog="Exit status: 0 all well; 1 the MATRIX has errors, or a difference was found where differences are asked "
    "for; 2 wrong usage; 3 some hosts failed; 4 none could be reached.",
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
    """One text file about all servers of a site, and everything that follows from it.

    The MATRIX is looked for as -f FILE, $MATRIX_FILE, ./MATRIX, /etc/matrix/MATRIX; settings stand in matrix.toml
    beside it.
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
