"""Rows of the state as values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from matrix_common.trouble import Trouble
from matrix_distributor.generation.archive import LARGEST, TOO_MUCH
from matrix_distributor.hosts.outcome import Outcome, PushResult

WRONG = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, zlib.error)
"""What reading rows raises that are not as this program writes them."""


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
    """A row of the table of hosts as a value. Raises one of WRONG where it is not as it should be."""
    host, result, generation, digest, stage, cause, cure, drift, tried, seen, since = row
    if result not in get_args(PushResult):
        raise ValueError(f"{host} has the result {result!r:.40}")
    paths = json.loads(str(drift))
    if not isinstance(paths, list):
        raise ValueError(f"the drift of {host} is no list")
    for time in (tried, seen, since):
        if time:
            datetime.fromisoformat(str(time))
    outcome = Outcome(
        host=str(host),
        result=result,  # type: ignore[arg-type]  # one of them, as was just looked up
        generation=int(str(generation)),
        digest=str(digest),
        trouble=Trouble(str(stage), str(cause), str(cure)),
        drift=tuple(str(path) for path in paths),
    )
    return HostRecord(outcome, str(tried), str(seen), str(since))


def reflect_record(row: tuple[object, ...]) -> ReflectRecord:
    """A row of the table of reflections as a value. Raises one of WRONG where it is not as it should be."""
    *texts, wanted, tried, applied = row
    entry, host, path, result, stage, cause, cure = map(str, texts)
    return ReflectRecord(entry, host, path, result, stage, cause, cure, int(str(wanted)), str(tried), str(applied))


def unpacked(rows: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Contents by path from rows of them packed by zlib. Raises one of WRONG, as beyond what a generation can hold."""
    found: dict[str, bytes] = {}
    left = LARGEST
    for path, packed in rows:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, left + 1)
        left -= len(content)
        if left < 0:
            raise ValueError(TOO_MUCH)
        if not unpacker.eof:
            raise ValueError(f"the content of {path} is not whole")
        found[path] = content
    return found
