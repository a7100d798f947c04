"""How the demonstration speaks: headings, commands, facts that were checked."""

from __future__ import annotations

import sys

import click

from matrix_common.terminal import safe_lines, styled
from matrix_console.frame import coloured


class StoryError(Exception):
    """A step of the demonstration did not turn out as it must; says which and how."""


class Narrator:
    """Prints the story. `confirm` is the only way to print a fact, and it raises when the fact is not so."""

    def __init__(self) -> None:
        self._colour = coloured(sys.stdout)
        self._step = 0

    def _print(self, text: str, **style: object) -> None:
        told = click.style(safe_lines(text), **style) if self._colour else text  # type: ignore[arg-type]
        click.echo(told, file=styled(sys.stdout) if self._colour else sys.stdout, color=self._colour)
        sys.stdout.flush()

    def heading(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        self._print(f"\n{self._step}. {title}", bold=True, fg="cyan")

    def say(self, text: str) -> None:
        """A sentence of the story."""
        self._print(text)

    def command(self, line: str, prompt: str = "$") -> None:
        """The command that is run next, as a person would type it."""
        self._print(f"\n{prompt} {line}", bold=True)

    def edit(self, file: str, before: str, after: str) -> None:
        """A line of a file that is changed."""
        self._print(f"\n{file}, edited:", bold=True)
        self._print(f"- {before.strip()}", fg="red")
        self._print(f"+ {after.strip()}", fg="green")

    def confirm(self, fact: str, so: bool, otherwise: str = "") -> None:
        """Print a fact that was checked; raises StoryError when it is not so."""
        if not so:
            raise StoryError(f"step {self._step}: not so: {fact}" + (f" ({otherwise})" if otherwise else ""))
        self._print(f"ok: {fact}", fg="green")
