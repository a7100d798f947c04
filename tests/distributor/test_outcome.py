"""One vocabulary for what became of a host: its result, its trouble, the exit status."""

from __future__ import annotations

import pytest

import matrix_distributor
from matrix_common.trouble import NO_TROUBLE, Trouble
from matrix_distributor.dialogue import Failure
from matrix_distributor.enroll import Enrolled
from matrix_distributor.fleetwork import FleetworkOutcome
from matrix_distributor.hosts import HostOutcome, Outcome, Result, exit_status, result_of


def test_a_trouble_is_a_line_for_people_and_three_words_for_programs() -> None:
    trouble = Trouble("connect", "refused", "start sshd")
    assert (str(trouble), bool(trouble)) == ("connect: refused", True)
    assert trouble.as_json() == {"stage": "connect", "cause": "refused", "cure": "start sshd"}
    assert (str(NO_TROUBLE), bool(NO_TROUBLE), bool(Trouble("connect"))) == ("", False, True)
    assert str(Trouble(cause="out of service")) == "out of service"


def fleetwork(result: Result, *, named: bool = False) -> FleetworkOutcome:
    return FleetworkOutcome(host="w1", result=result, named=named)


@pytest.mark.parametrize(
    ("status", "outcomes"),
    [
        (0, []),
        (0, [Outcome("w1", "current"), Outcome("w2", "updated")]),
        (3, [Outcome("w1", "current"), Outcome("w2", "unreachable")]),
        (3, [Outcome("w1", "unknown"), Outcome("w2", "skipped")]),
        (4, [Outcome("w1", "unreachable"), Outcome("w2", "skipped")]),
        (4, [Outcome("w1", "skipped")]),
        (0, [fleetwork("ok"), fleetwork("skipped"), fleetwork("skipped", named=True)]),
        (0, [fleetwork("skipped")]),
        (4, [fleetwork("skipped"), fleetwork("skipped", named=True)]),
        (4, [fleetwork("not begun"), fleetwork("unreachable"), fleetwork("skipped")]),
        (3, [fleetwork("not begun"), fleetwork("interrupted")]),
        (3, [fleetwork("drifted")]),
        (0, [Enrolled("w1", "planned"), Enrolled("w2", "unchanged"), Enrolled("w3", "removed")]),
        (3, [Enrolled("w1", "enrolled"), Enrolled("w2", "unreachable")]),
        (3, [Enrolled("w1", "failed")]),
        (4, [Enrolled("w1", "skipped"), Enrolled("w2", "unreachable")]),
    ],
)
def test_there_is_one_exit_status(status: int, outcomes: list[HostOutcome]) -> None:
    assert exit_status(outcomes) == status


def test_a_failure_becomes_a_result_in_one_place() -> None:
    def result(stage: str, *, begun: bool = False) -> Result:
        return result_of(Failure("w1", Trouble(stage, "x"), begun), unbegun="not begun", cut_off="interrupted")

    before = ("resolve", "connect", "banner", "key exchange", "host key", "login")
    assert {result(stage) for stage in before} == {"unreachable"}
    assert (result("command"), result("stop"), result("stop", begun=True)) == ("failed", "not begun", "interrupted")
    stopped = Failure("w1", Trouble("stop", "x"))
    assert (result_of(stopped), result_of(stopped, begun=True)) == ("skipped", "failed")


def test_old_names_lead_to_the_family() -> None:
    with pytest.warns(DeprecationWarning, match="import FleetworkOutcome as HostOutcome"):
        assert matrix_distributor.HostOutcome is FleetworkOutcome  # type: ignore[attr-defined]
    with pytest.warns(DeprecationWarning, match="import exit_status as status_of"):
        assert matrix_distributor.status_of is exit_status  # type: ignore[attr-defined]
    assert Enrolled("w1", "planned").status == "planned"
