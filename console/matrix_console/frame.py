"""The frame of every verb: which MATRIX, its settings, and how mistakes leave the program."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from matrix_common.paths import SETTINGS_FILE
from matrix_common.terminal import safe_json, safe_lines, styled
from matrix_common.trust import Judge, UntrustedError, Verdict, together, trusted_here
from matrix_console.trust import verdict_on

from . import settings as _settings
from .settings import Settings, SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_emitters.reflection.model import Configuration
    from matrix_emitters.view import BindingOptions
    from matrix_grammar import Fleet
    from matrix_grammar.diagnostics import Diagnostic
    from matrix_grammar.reading import Reading

PLACES = ("MATRIX", "/etc/matrix/MATRIX")


class Fault(click.ClickException):
    """What ends a verb with a line for the person and an exit status from 1 to 4 (see docs/commands.md)."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = status  # of this fault; click declares it for the class

    def show(self, file: Any = None) -> None:
        """One line on standard error."""
        click.echo(f"matrix: {self.message}", err=True)


class Workspace:
    """The MATRIX that a verb works on. Nothing is read before it is asked for."""

    def __init__(self, file: str | None) -> None:
        self.named = file or os.environ.get("MATRIX_FILE") or ""

    @cached_property
    def path(self) -> Path:
        """The MATRIX: `-f`, else $MATRIX_FILE, else ./MATRIX, else /etc/matrix/MATRIX; of a folder, the one in it."""
        if self.named:
            return Path(self.named, "MATRIX") if Path(self.named).is_dir() else Path(self.named)
        for place in PLACES:
            if Path(place).exists():
                return Path(place)
        raise Fault("there is no MATRIX here: -f FILE or $MATRIX_FILE names one, `matrix init` starts one", 2)

    @cached_property
    def folder(self) -> Path:
        """The folder of the MATRIX, where its settings stand."""
        return self.path.resolve().parent

    @cached_property
    def _judge(self) -> Judge:
        return Judge(trusted_here(), self.folder)

    @cached_property
    def _loaded(self) -> tuple[Settings, Verdict]:
        return _settings.load_judged(self.folder, self._judge)

    @property
    def settings(self) -> Settings:
        """The settings beside the MATRIX, with the environment's over them, for who reads, whosever they are."""
        return self._loaded[0]

    @cached_property
    def verdict(self) -> Verdict:
        """Whether matrix.toml, and what it names, is the work of those whom the caller trusts."""
        settings, verdict = self._loaded
        return together([verdict, verdict_on(settings, self._judge)])

    @property
    def vouched(self) -> Settings:
        """The settings for what logs in, runs or signs. Raises SettingsError where they are somebody else's."""
        try:
            self.verdict.insist()
        except UntrustedError as error:
            raise SettingsError(str(error)) from error
        return self.settings

    @cached_property
    def includes(self) -> tuple[str, ...]:
        """What the settings allow to be included beside what is below the folder of the MATRIX."""
        if not ((self.folder / SETTINGS_FILE).exists() or _settings.INCLUDES in os.environ):
            return ()  # so that a short command with nothing to read does not wait for the settings
        return tuple(map(str, self.settings.allow_includes))

    @cached_property
    def binding_options(self) -> BindingOptions:
        """How the settings want the bindings to be made."""
        from matrix_emitters import EmitterError
        from matrix_emitters.view import BindingOptions

        tables = {"sh": {"prefix": self.settings.sh_prefix}, "bindings": {"files": self.settings.bindings_files}}
        try:
            return BindingOptions.from_settings(tables)
        except EmitterError as error:
            raise SettingsError(str(error)) from error

    @cached_property
    def templates(self) -> Path:
        """The folder of own templates, relative to that of the MATRIX, in which it must lie: its texts travel along."""
        folder, own = self.settings.reflect_templates.resolve(), self.folder
        if not folder.is_relative_to(own) or folder == own:
            raise SettingsError(f"reflect.templates: {folder} is no folder in that of the MATRIX, {own}")
        return folder.relative_to(own)

    @cached_property
    def reflect_entries(self) -> tuple[Configuration, ...]:
        """What can be reflected, in the order in which it is applied, as the settings and the built-ins say."""
        from matrix_emitters import EmitterError
        from matrix_emitters.reflection.model import allowed_of, entries

        given = {key: getattr(self.settings, f"allow_{key}") for key in _settings.OF_HOSTS}
        files = [each.path for each in self.binding_options.files.values() if each.path is not None]
        reached = [*files, str(self.folder), str(self.settings.state.resolve())]
        try:
            return entries(self.settings.reflect_entries, allowed_of(given, reached))
        except EmitterError as error:
            raise SettingsError(str(error)) from error

    def read(self) -> Reading:
        """The MATRIX as it is now. Its diagnostics go to standard error; with an error the verb ends with 1."""
        from matrix_grammar.reading import read

        reading = read(self.path, self.includes)
        self.report(reading.diagnostics)
        if reading.fleet is None:
            sys.exit(1)
        return reading

    def fleet(self) -> Fleet:
        """The Fleet of the MATRIX, as `read` gives it."""
        fleet = self.read().fleet
        assert fleet is not None
        return fleet

    def report(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Diagnostics in full to standard error, in colour where a person sees them."""
        if diagnostics:
            from matrix_grammar.rendering import render

            click.echo(render(diagnostics, "full", colour=coloured(sys.stderr)), file=styled(sys.stderr))

    @cached_property
    def console(self) -> Console:
        """Standard output for tables and progress."""
        return console()

    @cached_property
    def errors(self) -> Console:
        """Standard error for progress and warnings."""
        return console(stderr=True)


def coloured(stream: Any) -> bool:
    """Whether colours are wanted on a stream: never with NO_COLOR, always with FORCE_COLOR, else on a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def console(stderr: bool = False) -> Console:
    """A rich console without emoji, markup and highlighting; in a pipe it is plain and not cut at 80 columns."""
    from matrix_console.safe_console import SafeConsole

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 200
    colour = coloured(stream)
    return SafeConsole(
        file=styled(stream), highlight=False, emoji=False, markup=False, no_color=not colour, width=width,
        force_terminal=True if colour else None,
    )  # fmt: skip


def emit_json(value: object) -> None:
    """A value as JSON on standard output, one document, readable, and harmless on a terminal."""
    import json

    click.echo(safe_json(json.dumps(value, indent=2, ensure_ascii=False)))


def emit_coloured(line: str, colour: str | None) -> None:
    """A line on standard output, made safe, in a colour where colours are wanted."""
    told = safe_lines(line)
    click.echo(click.style(told, fg=colour) if coloured(sys.stdout) else told, file=styled(sys.stdout))


def emit_data(content: bytes) -> None:
    """What is data, and no message of ours, on standard output: in a pipe byte for byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def fail(message: str, status: int) -> NoReturn:
    """End the verb with a line for the person."""
    raise Fault(message, status)


def verb(**attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function `f(workspace, …)` a verb: `-f FILE` is added, and mistakes of the user become messages.

    A MatrixError of the text ends with 1, as an EmitterError does, one of a selector and a wrong setting with 2. A bug
    keeps its traceback.
    """

    def wrap(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def call(file: str | None, **arguments: Any) -> Any:
            workspace = Workspace(file)
            try:
                return function(workspace, **arguments)
            except SettingsError as error:
                raise Fault(str(error), 2) from error
            except Exception as error:
                if _is_of("matrix_emitters", "EmitterError", error):
                    raise Fault(str(error), 1) from error
                if not _is_of("matrix_grammar", "MatrixError", error):
                    raise
                from matrix_grammar.diagnostics import SelectorError

                workspace.report(error.diagnostics)  # type: ignore[attr-defined]
                sys.exit(2 if isinstance(error, SelectorError) else 1)

        option = click.option("-f", "--file", metavar="FILE", help="The MATRIX, or its folder.")
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        kind: type[click.Command] = attributes.pop("cls", click.Command)
        return click.command(cls=kind, context_settings=settings, **attributes)(option(call))

    return wrap


def _is_of(package: str, name: str, error: Exception) -> bool:
    """Whether it is that error of a room, without importing the room for verbs that do not need it."""
    module = sys.modules.get(package)
    return module is not None and isinstance(error, getattr(module, name))
