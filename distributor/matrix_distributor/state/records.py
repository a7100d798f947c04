"""Rows of the state as values."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..outcome import Outcome


@dataclass(frozen=True, slots=True)
class HostRecord:
    """The last that is known of a host.

    Times are RFC 3339 in UTC: `tried` the last attempt, `seen` the last time that it answered (empty: never), `since`
    when what it holds, or its result, last changed.
    """

    outcome: Outcome
    tried: str
    seen: str
    since: str


@dataclass(frozen=True, slots=True)
class ReflectRecord:
    """The last that is known of one reflected file on one host.

    `result`, `stage`, `cause` and `cure` are those of the last attempt, for generation `wanted`. Times are RFC 3339 in
    UTC: `tried` the last attempt, `applied` when a file was last put in place there and applied (empty: never).
    """

    entry: str
    host: str
    path: str
    result: str
    stage: str
    cause: str
    cure: str
    wanted: int
    tried: str
    applied: str


@dataclass(frozen=True, slots=True)
class Past:
    """One generation of the history. `texts` are the MATRIX, its includes and matrix.toml, by relative path.

    `fleet` is the id of the fleet; empty where a program made it that knew of none.
    """

    number: int
    digest: str
    parent: str
    time: str
    author: str
    matrix: str
    texts: dict[str, bytes]
    fleet: str


def host_record(row: tuple[object, ...]) -> HostRecord:
    """A row of the table of hosts as a value."""
    host, result, generation, digest, stage, cause, cure, drift, tried, seen, since = row
    outcome = Outcome(
        host=str(host),
        result=result,  # type: ignore[arg-type]  # only _note writes it
        generation=int(str(generation)),
        digest=str(digest),
        stage=str(stage),
        cause=str(cause),
        cure=str(cure),
        drift=tuple(json.loads(str(drift))),
    )
    return HostRecord(outcome, str(tried), str(seen), str(since))
