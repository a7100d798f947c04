"""Files for hosts, and hosts without SSH on which the real scripts put them in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from matrix_distributor.reflect.applying import ApplyOptions, apply_dialogue
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_emitters.reflection.model import Configuration, Reflected
from matrix_grammar.model import Host
from matrix_grammar.reading import loads

PATH = "/etc/lb/lb.conf"


def file_of(content: str, *, hosts: tuple[str, ...] = ("w1",), name: str = "lb", **keys: object) -> Reflected:
    """A file for hosts, to be checked and applied by the lines that the keys give."""
    entry = Configuration(name, "lb.j2", **{"path": PATH, **keys})  # type: ignore[arg-type]
    return Reflected(entry, hosts, content.encode())


def no_objection(_file: Reflected, _present: bytes) -> str:
    return ""


def apply_on(host, file: Reflected, *, limit: int = 10, dry: bool = False, objection=no_objection) -> ReflectOutcome:  # type: ignore[no-untyped-def]
    """Hold the dialogue with a private host, by its own shell."""
    known: Host = loads(f"@matrix 1\n[lb]\n    {host.name} 10.0.0.1\n").host(host.name)
    dialogue = apply_dialogue(known, file, ApplyOptions(limit=limit, dry=dry), objection)
    command = next(dialogue)
    while True:
        try:
            command = dialogue.send(host.run(replace(command, line=command.line.removeprefix("exec "))))
        except StopIteration as end:
            outcome: ReflectOutcome = end.value
            return outcome


def leftovers(root: Path) -> list[str]:
    """What a run that came to its end would not have left."""
    return [str(path.relative_to(root)) for path in root.rglob(".dsas*")]


@pytest.fixture(scope="session")
def file() -> Callable[..., Reflected]:
    return file_of


@pytest.fixture(scope="session")
def applied() -> Callable[..., ReflectOutcome]:
    return apply_on


@pytest.fixture(scope="session")
def strays() -> Callable[[Path], list[str]]:
    return leftovers
