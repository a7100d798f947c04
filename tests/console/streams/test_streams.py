"""Every verb, whatever its caller made of its streams and its environment: it does its work, or says why not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from matrix_console.main import SECTIONS

from .conftest import Site, Told
from .situations import QUICK, STREAMS, well_said
from .verbs import CASES, Case

HOUSE = Path(__file__).parents[3]

pytestmark = pytest.mark.needs("/dev/full", "/dev/ptmx", "root")


def test_every_verb_and_every_command_has_a_case() -> None:
    installed = set(tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]["scripts"])
    assert set(CASES) == {verb for section in SECTIONS.values() for verb in section} | installed


def of_every_verb() -> list[tuple[str, Case, str]]:
    """Each verb in every situation of `QUICK`, its cases in turn; `run.py` has all cases in all situations."""
    return [
        (verb, cases[number % len(cases)], situation)
        for verb, cases in CASES.items()
        for number, situation in enumerate(QUICK)
    ]


USUAL: dict[Case, Told] = {}
"""How each case ends with nothing in its way; on sites that are all the same."""


def as_usual(case: Case, site: Site) -> Told:
    if case not in USUAL:
        USUAL[case] = site.run(case.words, site.given(case), serves=case.serves)
        assert USUAL[case].status == case.status, USUAL[case]
        site.again()
    return USUAL[case]


@pytest.mark.parametrize(("verb", "case", "situation"), of_every_verb(), ids=str)
def test_its_work_is_done_or_it_says_why_not(verb: str, case: Case, situation: str, site: Site) -> None:
    way, judge = {**STREAMS, **QUICK}[situation]
    well = as_usual(case, site)
    told = site.run(case.words, site.given(case, way), serves=case.serves)
    well_said(told)
    judge(case, well, told)


@pytest.mark.parametrize(
    "words", ["matrix query ps", "FORALL w1 true", "matrixd", "dmetad -f MATRIX --listen unix:output/s"]
)
def test_a_fresh_process_takes_a_closed_stream_as_a_forked_one_does(words: str, site: Site) -> None:
    serves = words.startswith(("matrixd", "dmetad"))
    well = site.run(words, serves=serves)
    for streams in ({0: "closed"}, {1: "closed"}, {2: "closed"}, {0: "closed", 1: "closed", 2: "closed"}):
        told = site.run(words, site.way(streams=streams, fresh=True), serves=serves)
        assert told.status == well.status, (streams, told)


def test_what_is_pushed_is_remembered_though_nobody_reads_the_report(site: Site) -> None:
    site.write("MATRIX", (site.folder / "MATRIX").read_text().replace("weight=10", "weight=20"))
    assert site.run("matrix push", site.way(streams={1: "gone"})).status == -13
    assert "generation 3" in site.run("matrix status").out
    assert "weight 10 → 20" in site.run("matrix history").out
