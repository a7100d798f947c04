"""What programs are told of an outcome, kind by kind, and what people are."""

from __future__ import annotations

from typing import get_args

import pytest

from matrix_common.trouble import Trouble
from matrix_console.report.outcomes import ORDER, STYLES, as_json
from matrix_distributor.enroll import Enrolled
from matrix_distributor.fleetwork import HeldOutcome, RunOutcome
from matrix_distributor.fleetwork.copy import CopyOutcome
from matrix_distributor.hosts import HostOutcome, Outcome
from matrix_distributor.hosts.outcome import PushResult
from matrix_distributor.reflect import ReflectOutcome

TOLD = {
    Outcome: "host result generation digest before stage cause cure drift seconds attempts here",
    RunOutcome: "host result status stdout stderr seconds flag named here stage cause cure",
    CopyOutcome: "host result changes kept output seconds flag named here stage cause cure",
    HeldOutcome: "host result presence same sha256 flag named here stage cause cure",
    ReflectOutcome: "entry host path result change why applied stage cause cure output flag here",
    Enrolled: "host result changes stage cause cure",
}
"""The keys of each kind in `--json`, which programs of users read; a further one may come, none may go."""


@pytest.mark.parametrize("kind", TOLD)
def test_programs_are_told_the_same_of_each_kind(kind: type[HostOutcome]) -> None:
    place = {"entry": "lb", "path": "/etc/x"} if kind is ReflectOutcome else {}
    outcome = kind(host="w1", result="failed", trouble=Trouble("connect", "refused", "cure"), seconds=0.12345, **place)
    facts = {"same": None, "sha256": None} if kind is HeldOutcome else {}
    fact = as_json(outcome, **facts)
    assert list(fact) == TOLD[kind].split()
    assert {
        "host": "w1",
        "result": "failed",
        "stage": "connect",
        "cause": "refused",
        "cure": "cure",
    }.items() <= fact.items()
    assert fact.get("seconds", 0.123) == 0.123


def test_every_result_of_a_push_and_an_enrolment_has_its_place_in_reports() -> None:
    assert set(ORDER) >= {*get_args(PushResult), "enrolled", "unchanged", "planned", "removed"}
    assert STYLES.keys() >= set(get_args(PushResult))
