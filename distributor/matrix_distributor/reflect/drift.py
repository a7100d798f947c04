"""Whether reflected files are still as they were applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.generation.generation import Generation
from matrix_distributor.origin.origin import stored_fleet
from matrix_distributor.origin.templates import templates_of
from matrix_distributor.state.records import ReflectRecord
from matrix_emitters.reflection.model import Configuration
from matrix_grammar import Fleet

from .applying import ApplyOptions
from .making import make
from .outcome import ReflectOutcome
from .rollout import Rollout

_WORDS = {"new": "missing", "content": "other content", "unproved": "in place, and never applied"}


def drifted(
    known: Iterable[ReflectRecord],
    entries: Sequence[Configuration],
    fleet: Fleet,
    generation: Callable[[int], Generation | None],
    converse: Converse,
    options: ApplyOptions,
) -> Iterator[ReflectOutcome]:
    """Ask the hosts of files that were applied, and change nothing; an outcome for each file that could be compared.

    `drifted` is one that is not as it was, `ok` one that is; of a host that did not answer there is none. A file is
    held against what its entry makes of the generation whose it was when it was last well, so one that a person has
    not applied yet since is no drift. `generation` gives one by its number, None where it is not known any more.
    """
    groups: dict[tuple[str, int], list[str]] = {}
    for record in known:
        if record.result in ("ok", "drifted") and any(host.name == record.host for host in fleet.hosts):
            groups.setdefault((record.entry, record.wanted), []).append(record.host)
    for entry in entries:
        for (name, number), hosts in groups.items():
            if name == entry.name:
                yield from _of_entry(entry, hosts, fleet, generation(number), converse, options)


def _of_entry(
    entry: Configuration,
    hosts: Sequence[str],
    fleet: Fleet,
    generation: Generation | None,
    converse: Converse,
    options: ApplyOptions,
) -> Iterator[ReflectOutcome]:
    then = stored_fleet(generation) if generation is not None else None
    if generation is None or then is None:
        return
    made = make(then, generation.number, entry, templates_of(generation), hosts)
    if made.cause:
        return
    carrier = Rollout(fleet, converse, replace(options, dry=True), accept_removals=True)
    for outcome in carrier.carry(made.files):
        if outcome.result == "failed" and outcome.stage == "survey" and outcome.held is not None:
            yield _told(outcome, outcome.cause)
        elif outcome.ok:
            same = outcome.change == "same"
            yield outcome if same else _told(outcome, outcome.why or _WORDS.get(outcome.change, outcome.change))


def _told(outcome: ReflectOutcome, why: str) -> ReflectOutcome:
    cause = why if outcome.path in why else f"{outcome.path}: {why}"
    cure = f"matrix reflect {outcome.entry} --diff shows it, --apply puts it right"
    return replace(outcome, result="drifted", trouble=Trouble(cause=cause, cure=cure))
