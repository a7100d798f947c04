"""The text as it stands, beside the generation that hosts were brought to."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import Generation, carried_texts
from matrix_distributor.origin.origin import Candidate, Origin
from matrix_distributor.origin.removals import RemovalsNeedConsent
from matrix_distributor.state.errors import StateError
from matrix_distributor.state.store import OriginState
from matrix_grammar.diagnostics import Diagnostic, MatrixError
from matrix_grammar.ranges import fold
from matrix_grammar.reading import Reading

from .pending import Pending

_NAMED = 3
"""So many files that were changed are named."""


def of_text(origin: Origin, reading: Reading, state: OriginState, *, limit: int = 0) -> tuple[Pending, ...]:
    """What of the text is not in the newest generation, and why; nothing where a push would make no other one.

    `limit` is the most hosts that anything is pushed to (0: any number). Nothing is written, signed or remembered.
    """
    try:
        if reading.fleet is not None and origin.is_in_force(reading, state):
            return () if not limit or len(reading.fleet) <= limit else (_too_many(len(reading.fleet), limit),)
        if writing := origin.being_written(reading):
            cause = f"{writing[0]} is open for writing, so that what can be read may be half of it"
            return (Pending("not-pushed", cause, f"fuser -v {shlex.quote(str(writing[0]))}"),)
        candidate = origin.candidate(reading, state)
    except MatrixError as error:
        return (_errors(error.diagnostics, state.current_number()),)
    except StateError:
        raise
    except DistributorError as error:
        return (Pending("not-pushed", str(error)),)
    return tuple(_of_candidate(candidate, origin, reading, state, limit))


def _errors(diagnostics: tuple[Diagnostic, ...], number: int) -> Pending:
    errors = [each for each in diagnostics if each.severity == "error"]
    first = f"{errors[0].place}: {errors[0].code}: {errors[0].message}" if errors else "it cannot be used"
    count = f"{len(errors)} errors, the first: " if len(errors) > 1 else ""
    return Pending("errors", f"the MATRIX has errors, and generation {number} stays: {count}{first}", "matrix check")


def _of_candidate(
    candidate: Candidate, origin: Origin, reading: Reading, state: OriginState, limit: int
) -> Iterator[Pending]:
    if limit and len(candidate.fleet) > limit:
        yield _too_many(len(candidate.fleet), limit)
    if not candidate.new:
        return
    if candidate.lost.need_consent:
        sentence = str(RemovalsNeedConsent(candidate.lost, fold(candidate.lost.hosts)))
        waits = sentence.partition(";")[0] + ", and waits for a person"
        yield Pending("removals", waits, "matrix push --accept-removals")
        return
    parent = state.current()
    assert parent is not None  # without one there is no status
    changed = _changed(origin, reading, parent)
    if not changed:
        cause = f"this program makes other files from the same text than generation {parent.number} has"
        yield Pending("newer", cause, "matrix push")
        return
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    names = ", ".join(changed[:_NAMED]) + more
    verb = "is" if len(changed) == 1 else "are"
    yield Pending("newer", f"{names} {verb} other than in generation {parent.number}, the newest", "matrix push")


def _too_many(hosts: int, limit: int) -> Pending:
    cause = f"{hosts} hosts, more than push.host_limit allows ({limit})"
    return Pending("not-pushed", cause, "matrix push --host-limit N, or a higher limit in matrix.toml")


def _changed(origin: Origin, reading: Reading, parent: Generation) -> list[str]:
    """The texts that are new, other or gone, by their paths in a generation; those that moved count as both."""
    now = {path.partition("/")[2]: text.content for path, text in carried_texts(origin.texts(reading)).items()}
    held = parent.texts
    return sorted(path for path in now.keys() | held.keys() if now.get(path) != held.get(path))


def last_change(matrix: Path, reading: Reading, others: Iterable[Path]) -> float:
    """When one of the texts last came to be as it is, in seconds since 1970; 0 where nothing can be known.

    `others` are the settings, and folders, whose own times tell when a file of them came or went: that of own
    templates, and those of texts that are gone.
    """
    paths = [Path(source.path) for source in reading.sources] or [matrix]
    for path in others:
        paths.append(path)
        with suppress(OSError):
            paths += path.glob("*.j2")
    return max(map(_changed_at, dict.fromkeys(paths)), default=0.0)


def _changed_at(path: Path) -> float:
    """That of the content, or of the file in that place: it may be an older one that was moved there."""
    try:
        found = path.stat()
    except OSError:
        return 0.0
    return max(found.st_mtime, found.st_ctime)
