"""What is to be reflected: an entry, for some hosts, as the MATRIX says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from matrix_common.words import did_you_mean, nearest
from matrix_console.distribution import has_state, origin_of
from matrix_console.frame import Fault, Workspace, fail

if TYPE_CHECKING:
    from matrix_distributor.reflect import Made
    from matrix_emitters.reflection.model import Configuration
    from matrix_grammar import Fleet
    from matrix_grammar.reading import Reading


@dataclass(frozen=True, slots=True)
class Subject:
    """An entry, the text that it is made from, and the hosts that are meant: None for all of the entry's."""

    entry: Configuration
    reading: Reading
    fleet: Fleet
    only: tuple[str, ...] | None


def subject_of(workspace: Workspace, name: str, selector: str | None) -> Subject:
    """What the command line names. Ends the verb with 2 when there is no such entry, or none of its hosts is meant."""
    known = {entry.name: entry for entry in workspace.reflect_entries}
    if name not in known:
        fail(f"nothing is called {name} here; {did_you_mean(nearest(name, known)) or 'matrix reflect lists all'}", 2)
    reading = workspace.read()
    assert reading.fleet is not None
    return Subject(known[name], reading, reading.fleet, _only(reading.fleet, known[name], selector))


def _only(fleet: Fleet, entry: Configuration, selector: str | None) -> tuple[str, ...] | None:
    from matrix_grammar.diagnostics import SelectorError
    from matrix_grammar.ranges import fold

    if selector is None:
        return None
    try:
        hosts = [host.name for host in fleet.select(entry.hosts)]
    except SelectorError:
        return None  # making it says what is wrong with its own selector
    meant = {host.name for host in fleet.select(selector)}
    chosen = tuple(name for name in hosts if name in meant)
    if not chosen:
        fail(f"--for {selector} names none of the hosts that {entry.name} is for: {fold(hosts)}", 2)
    return chosen


def made_now(workspace: Workspace, subject: Subject) -> Made:
    """The files of the text as it is, under the number that a push would give it; ends the verb when there are none."""
    from matrix_distributor.reflect import make
    from matrix_distributor.state import OriginState

    origin = origin_of(workspace)
    number = 1
    if has_state(workspace):  # asking makes no state
        with OriginState.to_read(workspace.settings.state, workspace.folder) as state:
            number = origin.number(subject.reading, state)
    return usable(make(subject.fleet, number, subject.entry, origin.own_templates(), subject.only))


def usable(made: Made) -> Made:
    """The same, its warnings told; ends the verb with 1 when it makes nothing that may be used."""
    for warning in made.warnings:
        click.echo(f"matrix: {made.entry.name}: warning: {warning}", err=True)
    if made.cause:
        raise Fault(f"{made.entry.name}: {made.cause}", 1)
    if not made.files:
        fail(f"{made.entry.name} is for {made.entry.hosts}, and there is no such host", 2)
    return made


def for_here(workspace: Workspace, subject: Subject, made: Made) -> tuple[bytes, Sequence[str]]:
    """The one text that is meant, and its hosts: this machine's where nobody is named. Ends the verb with 2."""
    from matrix_distributor.identity import this_machine
    from matrix_grammar.ranges import fold

    name = subject.entry.name
    here = this_machine(subject.fleet, workspace.settings.self) if subject.only is None else None
    for file in made.files:
        if here in file.hosts or len(made.files) == 1:
            return file.content, file.hosts
    if subject.only is not None:
        fail(f"{fold(made.hosts)} have different texts of {name}: --for one of them", 2)
    raise Fault(f"this machine is none of the hosts that {name} is for: --for one of {fold(made.hosts)}", 2)
