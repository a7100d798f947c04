"""Hosts with the same trouble fold into one line, though each tells it with an address or a process of its own."""

from __future__ import annotations

import io

from rich.console import Console

from matrix_common.trouble import Trouble
from matrix_console.report.outcomes import alike, print_outcomes
from matrix_console.report.summary import summary
from matrix_distributor.fleetwork import FleetworkOutcome
from matrix_distributor.hosts import Outcome


def printed(outcomes: list[Outcome]) -> list[str]:
    out = io.StringIO()
    print_outcomes(Console(file=out, width=200), outcomes)
    return out.getvalue().splitlines()


def test_equal_causes_of_other_processes_fold_and_a_single_one_stays_as_it_is() -> None:
    causes = [f"another install runs (pid {number})" for number in (1234, 77, 5)]
    outcomes = [Outcome(f"w{n}", "failed", trouble=Trouble("install", cause)) for n, cause in enumerate(causes, 1)]
    assert printed(outcomes) == [
        "  failed          3  w[1-3]",
        " " * 21 + "install: another install runs (pid N)",
    ]
    assert printed(outcomes[:1])[1].endswith("another install runs (pid 1234)")


def test_what_is_no_process_stays() -> None:
    for cause in ("exit 1", "port 22", "keepalived[12]: no", "process 5 of it", "a pid file", "w[1-3] failed"):
        expected = {"keepalived[12]: no": "keepalived: no", "process 5 of it": "process N of it"}.get(cause, cause)
        assert alike(cause) == expected


def test_the_line_at_the_end_folds_as_well() -> None:
    causes = [f"kill: pid {number} is gone" for number in (1234, 77)]
    outcomes = [
        FleetworkOutcome(host=f"w{n}", result="failed", trouble=Trouble("command", c)) for n, c in enumerate(causes, 1)
    ]
    assert summary(outcomes, {}) == "2 failed (w[1-2]: kill: pid N is gone)"


def test_this_machine_is_marked() -> None:
    outcomes = [Outcome("adm1", "current", 1, "d", here=True), Outcome("w1", "current", 1, "d")]
    assert printed(outcomes)[-1] == "  this machine, without SSH: adm1"
    assert summary([FleetworkOutcome(host="adm1", result="ok", here=True)], {"ok": ["adm1"]}) == (
        "1 ok, this machine, without SSH: adm1"
    )
