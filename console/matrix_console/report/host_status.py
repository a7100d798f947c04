"""What is known of each host beside a generation, as `matrix status` says it, and by which program it was enrolled."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matrix_console.frame import Workspace

from .outcomes import as_json, print_outcomes

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.dialogue import Target
    from matrix_distributor.generation import Generation
    from matrix_distributor.hosts import Outcome
    from matrix_distributor.state import HostRecord, OriginState

ON_ITS_WAY = "on its way"


def told(generation: Generation, target: Target, record: HostRecord | None, *, young: bool) -> Outcome:
    """What is known of a host, beside the generation. `young`: a daemon may be bringing it to hosts just now."""
    from matrix_common.trouble import Trouble
    from matrix_distributor.hosts import Outcome

    if record is None:
        trouble = Trouble(
            cause="nothing is known of it here yet: never pushed to, and never asked",
            cure="matrix status --live asks it, matrix push brings it up to date",
        )
        return Outcome(target.name, "unknown", trouble=trouble)
    outcome = record.outcome
    if outcome.good and outcome.digest != generation.digest:
        coming = young and record.tried <= generation.manifest.time
        trouble = Trouble(ON_ITS_WAY if coming else "", f"has generation {outcome.generation}", outcome.cure)
        return replace(outcome, result="behind", trouble=trouble)
    return outcome


def status_of_hosts(outcomes: Sequence[Outcome]) -> int:
    """The exit status; a host that a daemon is bringing up to date just now is no failure."""
    from matrix_distributor.hosts import exit_status

    return exit_status(outcome for outcome in outcomes if outcome.stage != ON_ITS_WAY)


def print_hosts(
    console: Console, generation: Generation, outcomes: Sequence[Outcome], records: Mapping[str, HostRecord]
) -> None:
    """The generation, then a line per kind of outcome."""
    made = generation.manifest
    console.print(f"generation {made.generation} ({made.digest[:12]}) of {_local(made.time)}, by {made.author}")
    print_outcomes(console, outcomes, _notes(outcomes, records))


def _notes(outcomes: Sequence[Outcome], records: Mapping[str, HostRecord]) -> dict[str, str]:
    """For hosts that are not well: what they hold, and when they were last heard of."""
    notes = {}
    for outcome in outcomes:
        record = records.get(outcome.host)
        if record is None or outcome.good:
            continue
        holds = f"has generation {outcome.generation}, " if outcome.generation and outcome.result != "behind" else ""
        notes[outcome.host] = holds + (f"last heard of {_local(record.seen)}" if record.seen else "never heard of")
    return notes


def hosts_as_json(
    generation: Generation,
    outcomes: Sequence[Outcome],
    records: Mapping[str, HostRecord],
    elsewhere: Collection[str],
) -> dict[str, Any]:
    """The generation and each host for programs; `enrolled_elsewhere` names those of another release."""
    manifest = generation.manifest
    hosts = []
    for outcome in outcomes:
        record = records.get(outcome.host)
        fact = as_json(outcome)
        for key in ("before", "seconds", "attempts"):
            del fact[key]
        times = {"tried": record.tried, "seen": record.seen, "since": record.since} if record else {}
        hosts.append({**fact, **times})
    return {
        "generation": manifest.generation,
        "digest": manifest.digest,
        "fleet": manifest.fleet,
        "time": manifest.time,
        "author": manifest.author,
        "current": sum(outcome.good for outcome in outcomes),
        "hosts": hosts,
        "enrolled_elsewhere": list(elsewhere),
    }


def enrolled_elsewhere(workspace: Workspace, targets: Sequence[Target], state: OriginState) -> list[str]:
    """The hosts that the program of another release has enrolled, as they have said; none where no account is used."""
    from matrix_distributor.enroll import enrolment_mark

    if not workspace.settings.push_account:
        return []
    marks = state.enrolments.marks()
    named = [target.name for target in targets if target.name in marks]
    return [name for name in named if marks[name] != enrolment_mark()]


def enrol_again(hosts: Sequence[str]) -> list[str]:
    """What is said of them, with the command to paste."""
    from matrix_grammar.ranges import fold

    if not hosts:
        return []
    named = fold(hosts)
    return [f"notice: enrolled by another release: {named}; with your own login: matrix enroll {shlex.quote(named)}"]


def _local(time: str) -> str:
    """A time of the state in this machine's own zone."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
