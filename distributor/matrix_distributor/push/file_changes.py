"""What a push would change in each file, over hosts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matrix_common.files import InflationError, UnpackingError, plain_files, slices
from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import GZIP, archives
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.conversation.turns import by_turns
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome, result_of
from matrix_distributor.hostside.protocol import INSTALL
from matrix_distributor.hostside.requests import HostState, files_command, read_state

GROWTH = 4
"""A host's files may be so many times as large, and as many, as those that it is to have; the rest is not looked at."""

SPARE = 1024 * 1024
"""Bytes beyond that: those of a first generation on a host that has files of its own there."""

MOST_FILES = 1000
"""Files beyond that."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that would change in the same way on all of `hosts`. None: it is not there before, or not after."""

    path: str
    hosts: tuple[str, ...]
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Differences:
    """What would change, sorted by path, and the hosts of which that is not known, with the reason."""

    changes: tuple[FileChange, ...]
    untold: tuple[Outcome, ...]


def differences(
    generation: Generation, targets: Iterable[Target], converse: Converse, *, sudo: bool = False
) -> Differences:
    """What would change on these hosts."""
    targets = tuple(targets)
    order = {target.name: place for place, target in enumerate(targets)}
    after = {a.path: a.content for a in generation.artifacts if a.path.startswith("/")}
    folded: dict[tuple[str, bytes | None], list[str]] = {}
    untold: list[Outcome] = []
    most = GROWTH * sum(len(content) + SPARE // MOST_FILES for content in after.values()) + SPARE
    most_files = GROWTH * len(after) + MOST_FILES
    for target, held in converse([(target, _fetch(most, most_files, sudo)) for target in targets]):
        if not isinstance(held, dict):
            untold.append(_untold(target.name, held))
            continue
        for path in sorted(held.keys() | after.keys()):
            if held.get(path) != after.get(path):
                folded.setdefault((path, held.get(path)), []).append(target.name)
    changes = (
        FileChange(path, tuple(sorted(hosts, key=order.__getitem__)), before, after.get(path))
        for (path, before), hosts in folded.items()
    )
    ordered = sorted(changes, key=lambda change: (change.path, order[change.hosts[0]]))
    return Differences(tuple(ordered), tuple(sorted(untold, key=lambda outcome: order[outcome.host])))


def _untold(host: str, answer: Failure | Trouble) -> Outcome:
    if isinstance(answer, Failure):
        return Outcome(host, result_of(answer, unbegun="failed"), trouble=answer.trouble)
    return Outcome(host, "failed", trouble=answer)


def _fetch(most: int, most_files: int, sudo: bool) -> Dialogue[dict[str, bytes] | Trouble]:
    """The files of the generation in force as they are in place on a host; none where it has no generation."""
    reply = yield files_command(sudo)
    meaning = INSTALL.meaning(reply)
    if meaning is not None and meaning.name == "nothing":
        return {}
    if GZIP not in reply.stdout:
        state = read_state(replace(reply, stdout=reply.stdout[-SMALL_ANSWER:]), "files")
        if isinstance(state, HostState) and state.condition == "none":
            return {}
        if isinstance(state, Trouble):
            return state
    first: Exception | None = None
    for archive in archives(reply.stdout):
        try:
            tar = b"".join((yield from by_turns(slices(archive, most))))
            found = yield from by_turns(plain_files(tar, most_files))
        except (InflationError, UnpackingError) as error:
            first = first or error
            continue
        return {name.removeprefix("."): content for name, content in found}
    return Trouble(
        "files",
        f"the files that it sent cannot be read: {first or 'there is no archive'}",
        "look at the files of /etc/dsas.* there, and at what its login shell prints for commands over ssh",
    )
