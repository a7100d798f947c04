"""A command from its first word to its exit status."""

from __future__ import annotations

import click


def run(command: click.Command, name: str) -> None:
    """Run a command by the words of this process, and end with its exit status."""
    from matrix_common.terminal import run_program

    run_program(name, lambda: command.main(prog_name=name))
