"""What became of one host in work that obeys the states of hosts: FORALL, SYNCALL, DIFFALL, reflect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.dialogue import Failure
from matrix_distributor.hosts.outcome import HostOutcome, Result, result_of
from matrix_grammar.model import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetworkOutcome(HostOutcome):
    """What became of one host.

    `result`: ok; failed (reached, and it did not go well); drifted (a reflected file was changed by hand); unreachable;
    skipped (out of service); not begun; interrupted (ended before it was done). `flag` is the state of a host that is
    in service all the same, as `WARN: fan alarm`. `named` is a host that was skipped although its own name was given.
    """

    flag: str = ""
    named: bool = False

    REPORTED: ClassVar[tuple[str, ...]] = ("seconds", "flag", "named", "here", "stage", "cause", "cure")

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.good

    @property
    def set_aside(self) -> bool:
        """Whether it is out of service, and was skipped therefore."""
        return self.result == "skipped"

    @property
    def missed(self) -> bool:
        """Whether it was skipped although its own name was given."""
        return self.set_aside and self.named


def flag(host: Host) -> str:
    """The state of a host as people are shown it: `WARN: fan alarm`, or nothing."""
    state = host.state
    if state is None:
        return ""
    return f"{state.name}: {state.reason}" if state.reason else state.name


def ending(failure: Failure, *, begun: bool, why_stopped: str) -> tuple[Result, Trouble]:
    """Result and trouble of a host whose dialogue failed; `begun` says whether anything was said to it before."""
    result = result_of(failure, unbegun="not begun", cut_off="interrupted", begun=begun)
    if failure.stage == "stop":
        cause = f"ended before it was done: {why_stopped}" if begun else why_stopped
        return result, Trouble("stop", cause)
    return result, failure.trouble
