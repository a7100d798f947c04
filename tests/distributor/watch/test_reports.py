"""What the log says of hosts, without hosts."""

from __future__ import annotations

from matrix_common.trouble import Trouble
from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.watch.reporting.reports import HOUR, MOST_NEWS, Reports


class Lines:
    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, level: str, event: str, sentence: str, **fields: object) -> None:
        self.events.append(event)


def restless(generation, causes, good=()):
    lines = Lines()
    reports = Reports(lines, lambda seconds: None)  # type: ignore[arg-type]
    first = generation(1)
    reports.aim(first, ("w1", "w2"), 0.0)
    for second, cause in enumerate(causes):
        result = "current" if second in good else "failed"
        reports.take(Outcome("w1", result, trouble=Trouble("command", cause)), first, float(second))
    return lines, reports, first


def test_a_host_whose_trouble_is_ever_another_does_not_fill_the_journal(generation):
    lines, reports, first = restless(generation, [f"cause {n}" for n in range(1000)])
    assert lines.events.count("host-failed") == MOST_NEWS
    assert lines.events.count("host-restless") == 1
    reports.take(Outcome("w2", "failed", trouble=Trouble("command", "x")), first, 1000.0)
    assert lines.events[-2:] == ["host-failed", "pushed"], "the others are told of as ever"


def test_a_host_that_comes_and_goes_does_not_either(generation):
    lines, _, _ = restless(generation, ["x"] * 1000, good=range(1, 1000, 2))
    assert lines.events.count("host-failed") + lines.events.count("host-well") == MOST_NEWS


def test_a_host_that_cannot_be_reached_is_told_with_what_it_is_known_to_hold(generation):
    told: list[object] = []
    reports = Reports(lambda *_, **fields: told.append(fields.get("generation")), lambda seconds: None)  # type: ignore[arg-type]
    first = generation(1)
    reports.known({"w1": 4})
    reports.aim(first, ("w1", "w2"), 0.0)
    reports.take(Outcome("w1", "unreachable", trouble=Trouble("connect", "x")), first, 1.0)
    reports.take(Outcome("w1", "current", 5, "d"), first, 2.0)
    reports.take(Outcome("w1", "unreachable", trouble=Trouble("connect", "x")), first, 3.0)
    reports.take(Outcome("w2", "unreachable", trouble=Trouble("connect", "x")), first, 4.0)
    assert told == [4, 5, 5, 0, 1]


def test_an_hour_later_it_is_told_of_again(generation):
    lines, reports, first = restless(generation, [f"cause {n}" for n in range(100)])
    before = lines.events.count("host-failed")
    reports.take(Outcome("w1", "failed", trouble=Trouble("command", "another")), first, HOUR + 50)
    assert lines.events.count("host-failed") == before + 1
