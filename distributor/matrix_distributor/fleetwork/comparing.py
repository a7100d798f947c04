"""What hosts have at one path, side by side with one another and with what is here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.fleetwork.copy.entries import owner_of, scan
from matrix_distributor.fleetwork.copy.survey import Found, survey_path
from matrix_grammar.model import Host

from .errors import FleetworkError
from .outcomes import FleetworkOutcome, flag

Presence = Literal["there", "absent", "unreadable", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutcome(FleetworkOutcome):
    """What a host has at the path.

    `held` are the files, folders and links there, by path relative to it (the empty path is itself). `presence` is
    `unknown` for a host that could not be asked.
    """

    presence: Presence = "unknown"
    held: Mapping[str, Found] = field(default_factory=dict)

    REPORTED: ClassVar[tuple[str, ...]] = (
        "host", "result", "presence", "same", "sha256", "flag", "named", "here", "stage", "cause", "cure",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One of the versions that hosts have: what is there, and the hosts that have it."""

    held: Mapping[str, Found]
    hosts: tuple[str, ...]


def held_dialogue(host: Host, path: str, *, sudo: bool) -> Dialogue[HeldOutcome]:
    """Ask one host what it has at a path."""
    survey = yield from survey_path(path, host.name, sudo=sudo)
    if isinstance(survey, Trouble):
        return HeldOutcome(host=host.name, result="failed", trouble=survey, flag=flag(host))
    held = {name.removeprefix(path).lstrip("/"): found for name, found in survey.found.items()}
    presence: Presence = "there" if held or survey.top else "absent"
    if any(found.kind == "unreadable" for found in held.values()):
        presence = "unreadable"
    if survey.top is not None:
        held[""] = survey.top
    return HeldOutcome(host=host.name, result="ok", presence=presence, held=held, flag=flag(host))


def held_here(word: str) -> tuple[str, Mapping[str, Found], Mapping[str, str]]:
    """The path on the hosts, what is here, and where its files lie here; for `SOURCE:DEST` or `PATH`.

    Raises FleetworkError when it cannot be read.
    """
    cargo = scan(word)
    path = cargo.base if cargo.tree else cargo.path(cargo.entries[0])
    held, sources = {}, {}
    for entry in cargo.entries if cargo.top is None else (cargo.top, *cargo.entries):
        name = entry.name if cargo.tree else ""
        try:
            owner = owner_of(os.stat(entry.source) if entry is cargo.top else os.lstat(entry.source))
        except OSError as error:
            raise FleetworkError(f"{entry.source}: {error.strerror}") from error
        held[name] = Found(entry.kind, entry.mode, owner, entry.digest, entry.link)
        sources[name] = entry.source
    return path, held, sources


def versions(outcomes: Iterable[HeldOutcome], *, modes: bool) -> list[Version]:
    """The distinct versions, that of most hosts first, hosts in their order. `modes` tells mode and owner apart too."""
    groups: dict[frozenset[tuple[str, object]], list[HeldOutcome]] = {}
    for outcome in outcomes:
        if outcome.presence == "there":
            groups.setdefault(facts(outcome.held, modes=modes), []).append(outcome)
    found = [Version(same[0].held, tuple(outcome.host for outcome in same)) for same in groups.values()]
    return sorted(found, key=lambda version: -len(version.hosts))


def facts(held: Mapping[str, Found], *, modes: bool) -> frozenset[tuple[str, object]]:
    """What makes two versions equal."""
    return frozenset(
        (name, (found.kind, found.digest, found.link, *_metadata(found, modes))) for name, found in held.items()
    )


def _metadata(found: Found, modes: bool) -> tuple[object, ...]:
    """Mode and owner where they are to be compared; those of a link mean nothing."""
    return (found.mode, found.owner) if modes and found.kind != "link" else ()


def majority(found: list[Version]) -> Version | None:
    """The version that more hosts have than any other; None when two are even."""
    counts = Counter(len(version.hosts) for version in found)
    if not found or counts[len(found[0].hosts)] > 1:
        return None
    return found[0]
