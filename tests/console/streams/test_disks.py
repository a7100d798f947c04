"""Every verb with a disk that takes nothing below what it writes: a line with the cause, and nothing half written."""

from __future__ import annotations

import pytest

from .conftest import Site
from .situations import DISKS, PLACES, refused, well_said
from .verbs import CASES, Case

pytestmark = pytest.mark.needs("root")

WRITING = [(case, place, kind) for cases in CASES.values() for case in cases for place in case.writes for kind in DISKS]


@pytest.mark.parametrize(("case", "place", "kind"), WRITING, ids=str)
def test_what_cannot_be_written_is_told_in_a_line(case: Case, place: str, kind: str, site: Site) -> None:
    before = site.files()
    told = site.run(case.words, site.given(case, site.way(disks=((kind, place),))), serves=case.serves)
    well_said(told)
    refused(case, told, kind)
    assert site.files() == before


@pytest.mark.parametrize(
    ("case", "kind"), [(cases[-1], DISKS[number % 3]) for number, cases in enumerate(CASES.values())], ids=str
)
def test_no_disk_at_all_is_no_traceback(case: Case, kind: str, site: Site) -> None:
    """And who needs none does its work."""
    disks = tuple((kind, place) for place in PLACES)
    told = site.run(case.words, site.given(case, site.way(disks=disks)), serves=case.serves)
    well_said(told)
    assert told.status == case.status or case.writes or "-i" in case.words or "--script" in case.words, told


@pytest.mark.parametrize("words", ["matrix status", "matrix history", "matrix reflect own --for w1"])
@pytest.mark.parametrize("kind", DISKS)
def test_what_is_known_can_be_asked_for_also_then(words: str, kind: str, site: Site) -> None:
    """Status says it beside the trouble: a state that cannot be written keeps the next edit from being pushed."""
    well = site.run(words)
    told = site.run(words, site.way(disks=((kind, "state"),)))
    assert told.out.endswith(well.out), told
    trouble = told.out.removesuffix(well.out)
    if words == "matrix status" and kind != "no room for a file":
        assert told.status == 3, told
        assert trouble.startswith("not in force: the state in "), told
    else:
        assert (told.status, trouble) == (0, ""), told
