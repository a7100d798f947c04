"""What callers make of streams, environments and disks, and what a command has to say then."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .conftest import Told, Way
from .verbs import Case

Judge = Callable[[Case, Told, Told], None]
"""Is given the case, the command as it ran with nothing in its way, and as it ran in the situation."""


def usual(_case: Case, well: Told, told: Told) -> None:
    """Nothing is different."""
    assert told.status == well.status


def without_output(case: Case, well: Told, told: Told) -> None:
    """What is printed is not wanted; all else is as usual."""
    usual(case, well, told)
    assert told.out == ""


def without_messages(case: Case, well: Told, told: Told) -> None:
    usual(case, well, told)
    assert bool(told.out) == bool(well.out)


def without_input(case: Case, well: Told, told: Told) -> None:
    if not case.reads:
        usual(case, well, told)
        return
    assert told.status in (1, 2)
    assert lines(told.err) == 1
    assert "standard input cannot be" in told.err


def full(_case: Case, well: Told, told: Told) -> None:
    """Who loses what it prints says so, with 2."""
    if not well.out:
        assert told.status == well.status
        return
    assert told.status == 2
    assert re.search(r"^\w+: cannot write to standard output: No space left on device$", told.err, re.MULTILINE)
    assert lines(told.err) <= lines(well.err) + 1


def full_and_silent(_case: Case, well: Told, told: Told) -> None:
    assert told.status == (2 if well.out else well.status)


def gone(_case: Case, well: Told, told: Told) -> None:
    """Who prints for nobody ends by SIGPIPE without a word more."""
    assert told.status == (-13 if well.out else well.status)
    assert lines(told.err) <= lines(well.err)


def nothing(case: Case, well: Told, told: Told) -> None:
    if not case.reads:
        usual(case, well, told)
    else:
        assert told.status in (1, 2)


def lines(text: str) -> int:
    return text.count("\n")


STREAMS: Mapping[str, tuple[Way, Judge]] = {
    "standard input closed": (Way({0: "closed"}), without_input),
    "standard output closed": (Way({1: "closed"}), without_output),
    "standard error closed": (Way({2: "closed"}), without_messages),
    "all closed": (Way({0: "closed", 1: "closed", 2: "closed"}), nothing),
    "a full disk below standard output": (Way({1: "/dev/full"}), full),
    "a full disk below standard error": (Way({2: "/dev/full"}), without_messages),
    "a pipe that ended": (Way({1: "gone"}), gone),
    "a pipe for messages that ended": (Way({2: "gone"}), without_messages),
    "both pipes ended": (Way({1: "gone", 2: "gone"}), gone),
    "a terminal of 20 columns": (Way({0: "terminal", 1: "terminal", 2: "terminal"}), usual),
    "no HOME": (Way(environment={"HOME": None}), usual),
    "nothing in the environment": (Way(bare=True), usual),
    "a user without a name and a home": (Way(environment={"HOME": None}, nameless=True), usual),
}

QUICK: Mapping[str, tuple[Way, Judge]] = {
    "standard output closed": STREAMS["standard output closed"],
    "all closed": STREAMS["all closed"],
    "full disks below both": (Way({1: "/dev/full", 2: "/dev/full"}), full_and_silent),
    "a full disk below standard output": STREAMS["a full disk below standard output"],
    "both pipes ended": STREAMS["both pipes ended"],
    "standard error closed": STREAMS["standard error closed"],
    "a terminal of 20 columns": STREAMS["a terminal of 20 columns"],
    "nothing in the environment, and nobody has a name": (Way(bare=True, nameless=True), usual),
}
"""Those that `make test` has time for."""

DISKS = ("read-only", "no room", "no room for a file")
CAUSES = {
    "read-only": ("read-only",),
    "no room": ("no space left", "full"),
    "no room for a file": ("no space left", "full"),
}
PLACES = ("state", "cache", "output", "tmp")


def well_said(told: Told) -> None:
    """Whatever happened: never a traceback, and no stream is written to twice for one trouble."""
    for word in ("Traceback", "Exception ignored", "Fatal Python", "Error:\n"):
        assert word not in told.all
    assert told.status not in (97, 99, -9, -6, -11)


def refused(case: Case, told: Told, kind: str) -> None:
    """What could not be written is named with the cause, once, on standard error."""
    assert told.status in (1, 2), told
    said = [line for line in told.err.splitlines() if "event=" not in line and '"event"' not in line]
    assert len(said) == 1, told
    assert any(word in said[0].lower() for word in CAUSES[kind]), said


def interrupted(case: Case, well: Told, told: Told) -> None:
    """It ended by the signal, as it would have anyway, or in the way of its own that a verb has."""
    own = ("no further host is begun", "ending what runs")
    assert told.status in (-2, case.status) or any(word in told.err for word in own) or case.serves, told
    if told.status == -2:
        assert lines(told.err) <= lines(well.err) + 1, told
