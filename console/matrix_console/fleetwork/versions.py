"""The versions that hosts have of one file or tree, each told once, with how it differs from the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matrix_common.terminal import safe

from .differing import local, plan, shown

if TYPE_CHECKING:
    from matrix_distributor.fleetwork import HeldOutcome, Session, Version
    from matrix_distributor.fleetwork.copy import Found

LISTED = 50
"""Names of a tree that are told for one version; of more the number is told."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What hosts are compared with: `name` in messages, what it holds, and where its files lie here, by name."""

    name: str
    held: Mapping[str, Found]
    sources: Mapping[str, str]


def report(
    opened: Session,
    outcomes: Sequence[HeldOutcome],
    found: Sequence[Version],
    reference: Reference | None,
    path: str,
    same: frozenset[str],
    *,
    modes: bool,
    brief: bool,
) -> Iterator[bytes]:
    """Each version once with its hosts folded, and how it differs from the reference."""
    from matrix_grammar.ranges import fold

    contents: dict[str, bytes] = {}
    if reference is None and len(found) > 1:
        yield b"no majority; compared with the first:\n"
        reference, same = Reference(fold(found[0].hosts), found[0].held, {}), frozenset(found[0].hosts)
    differing = [version for version in found if version.hosts[0] not in same]
    if not brief and reference is not None:
        contents = opened.fetch(plan(list(_wanted(differing, found, reference, path, same))))
    for version in found:
        names = fold(version.hosts)
        if version not in differing:
            yield f"{names}: same\n".encode()
        elif reference is not None:
            yield f"{names}: differ from {reference.name}\n".encode()
            if not brief:
                yield from _differences(version, reference, path, contents, names, modes=modes)
        else:
            yield f"{names}: there, and not on most hosts\n".encode()
    for word in ("absent", "unreadable"):
        of_it = [outcome.host for outcome in outcomes if outcome.presence == word]
        if of_it:
            yield f"{fold(of_it)}: {word}\n".encode()


def _wanted(
    differing: Sequence[Version], found: Sequence[Version], reference: Reference, path: str, same: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """(host, path, sha256) of the contents that are to be shown."""
    likeness = next((version.hosts[0] for version in found if version.hosts[0] in same), None)
    for version in differing:
        for name in list(_names(version.held, reference.held))[:LISTED]:
            ours, theirs = reference.held.get(name), version.held.get(name)
            if ours and theirs and ours.kind == theirs.kind == "file" and ours.digest != theirs.digest:
                place = f"{path}/{name}" if name else path
                yield version.hosts[0], place, theirs.digest
                if name not in reference.sources and likeness is not None:
                    yield likeness, place, ours.digest


def _names(one: Mapping[str, Found], other: Mapping[str, Found]) -> Iterator[str]:
    """The names of which two versions do not have the same."""
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield name


def _differences(
    version: Version, reference: Reference, path: str, contents: Mapping[str, bytes], names: str, *, modes: bool
) -> Iterator[bytes]:
    """How one version differs from the reference: a line for each name, a unified diff for each text."""
    listed = 0
    for name in _names(version.held, reference.held):
        ours, theirs = reference.held.get(name), version.held.get(name)
        place = f"{path}/{name}" if name else path
        what = _what(ours, theirs, modes=modes)
        if not what:
            continue
        listed += 1
        if listed > LISTED:
            continue
        if what != "content":
            yield f"    {safe(place)}: {what}\n".encode()
            continue
        assert ours is not None
        assert theirs is not None
        old = local(reference.sources[name]) if name in reference.sources else contents.get(ours.digest)
        yield from shown(old, contents.get(theirs.digest), f"{reference.name}:{place}", f"{names}:{place}")
    if listed > LISTED:
        yield f"    and {listed - LISTED} more names\n".encode()


def _what(ours: Found | None, theirs: Found | None, *, modes: bool) -> str:
    """How two things of one name differ, in a word or two; empty when they do not."""
    if ours is None:
        return "there as well"
    if theirs is None:
        return "missing"
    if ours.kind != theirs.kind:
        return f"a {theirs.kind} instead of a {ours.kind}"
    if ours.digest != theirs.digest:
        return "content"
    if ours.link != theirs.link:
        return f"points to {safe(theirs.link)} instead of {safe(ours.link)}"
    if modes and ours.kind != "link" and (ours.mode, ours.owner) != (theirs.mode, theirs.owner):
        return f"{theirs.mode:04o} {safe(theirs.owner)} instead of {ours.mode:04o} {safe(ours.owner)}"
    return ""
