"""Ctrl-C at any moment of every verb: no traceback, nothing half written, and the next run does its work."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from .conftest import Site
from .situations import interrupted, well_said
from .verbs import CASES, Case

COMMANDS: dict[str, str] = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"][
    "scripts"
]

pytestmark = pytest.mark.needs("root")

MOMENTS = tuple((number + 0.5) / 10 for number in range(10))
"""As parts of the time that the verb takes. What is asserted holds for any moment."""


def of_every_verb() -> list[tuple[Case, float]]:
    """Each verb at two moments, other ones for each, its cases in turn; `run.py` has all."""
    return [
        (cases[(number + turn) % len(cases)], MOMENTS[(number + 5 * turn) % 10])
        for number, cases in enumerate(CASES.values())
        for turn in (0, 1)
    ]


@pytest.mark.parametrize(("case", "moment"), of_every_verb(), ids=str)
def test_nothing_is_left_half_done(case: Case, moment: float, site: Site) -> None:
    interrupt(case, moment, site, fresh=False)


def interrupt(case: Case, moment: float, site: Site, *, fresh: bool) -> None:
    before = site.files()
    well = site.run(case.words, site.given(case, site.way(fresh=fresh)), serves=case.serves)
    after = site.files()
    site.again()
    way = site.given(case, site.way(fresh=fresh, interrupt=well.seconds * moment))
    told = site.run(case.words, way, serves=case.serves)
    well_said(told)
    interrupted(case, well, told)
    for name, content in site.files().items():
        assert content in (before.get(name), after.get(name)), f"{name} is neither as before nor as afterwards"
    again = site.run(case.words, site.given(case), serves=case.serves)
    assert again.status == case.status or "already there" in again.err, again


@pytest.mark.parametrize("command", COMMANDS)
def test_from_the_first_moment_it_ends_quietly(command: str, site: Site) -> None:
    """While the program is imported Ctrl-C just ends it; where it is ignored by the caller, it stays ignored."""
    for ignored, expected in ((False, "SIG_DFL"), (True, "SIG_IGN")):
        assert site.signal_while_importing(COMMANDS[command], ignored=ignored) == expected
