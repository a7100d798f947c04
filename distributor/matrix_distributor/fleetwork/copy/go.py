"""The script that switches a host over to staged files, written with the functions of switch.sh."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matrix_emitters.bindings.sh.fleetwork import host_script

from .difference import Change, owed
from .entries import Cargo, CargoItem, folder_of
from .stream import carried_mode

TOGETHER = 400
"""Files whose owner or mode is set by one command."""


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """How to copy.

    `check` is a line for the host's sh, run for every file that changes before any is put in place; `%s` in it stands
    for the staged file. `then` is run after the last, where anything changed, or did before and it failed. `backup`
    keeps what was replaced as `NAME~`. `delete` removes what a host has beside a tree, `top` gives the tree's own
    folder mode and owner also where it is there. With `dry` nothing is changed.
    """

    check: str = ""
    then: str = ""
    backup: bool = False
    delete: bool = False
    top: bool = False
    dry: bool = False


def go_script(cargo: Cargo, numbers: Mapping[str, int], found: Sequence[Change], options: CopyOptions) -> bytes:
    """The script for these changes; `numbers` are the names of staged files by path.

    Owners that nobody named are given by root alone, which the host knows best whether it is.
    """
    lines = [host_script("switch"), f"soft={'' if cargo.chosen_owner else 1}", f"enter {_q('.' + cargo.base)}"]
    if any(change.entry is cargo.top and change.what == "new" for change in found):
        lines.append("fresh")
    staged = [
        (numbers[change.path], change.entry)
        for change in found
        if change.what in ("new", "content") and change.entry is not None and change.entry.kind == "file"
    ]
    lines += _staged(staged)
    if options.check or options.then:
        lines.append("watch")
    if options.check:
        check = options.check.replace("%s", '"$DSAS_STAGED"')
        lines += [f"check {number} {_q(os.path.basename(entry.name))} {_q(check)}" for number, entry in staged]
    if options.then:
        lines += ["top_level", f"owe {_q(owed(cargo))}"]
    lines += _placed(cargo, numbers, found, options)
    lines += _metadata(cargo, found)
    if options.then:
        lines += [f"then_run {_q(options.then)}", f"paid {_q(owed(cargo))}"]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def _staged(staged: Sequence[tuple[int, CargoItem]]) -> Iterator[str]:
    """Owner and mode of staged files, many at a time; the owner first, since giving a file away clears set-id bits."""
    owners: dict[str, list[int]] = {}
    modes: dict[int, list[int]] = {}
    for number, entry in staged:
        if entry.owner:
            owners.setdefault(entry.owner, []).append(number)
        if entry.mode != carried_mode(entry):
            modes.setdefault(entry.mode, []).append(number)
    for owner, numbers in owners.items():
        for start in range(0, len(numbers), TOGETHER):
            yield f"staged_owner {_q(owner)} {' '.join(map(str, numbers[start : start + TOGETHER]))}"
    for mode, numbers in modes.items():
        for start in range(0, len(numbers), TOGETHER):
            yield f"staged_mode {mode:04o} {' '.join(map(str, numbers[start : start + TOGETHER]))}"


def _placed(cargo: Cargo, numbers: Mapping[str, int], found: Sequence[Change], options: CopyOptions) -> Iterator[str]:
    """Folders, then files and links, then what is deleted; each in its folder."""
    place = _Place()
    for change in found:
        if change.entry is None or change.entry is cargo.top:
            continue
        if change.entry.kind == "folder" and change.what == "new":
            yield from place.at(change.entry.name)
            yield f"folder {_q(os.path.basename(change.entry.name))}"
    for change in found:
        entry = change.entry
        if entry is None or entry.kind == "folder" or change.what == "mode":
            continue
        yield from place.at(entry.name)
        name = _q(os.path.basename(entry.name))
        if options.backup and change.what != "new":
            yield f"keep {name}"
        if entry.kind == "file":
            yield f"put {numbers[change.path]} {name}"
        else:
            yield f"link {numbers[change.path]} {name} {_q(entry.link)}"
    inside = len(cargo.base.rstrip("/")) + 1
    for change in found:
        if change.what == "deleted":
            yield from place.at(change.path[inside:])
            yield f"{'folder_gone' if change.folder else 'gone'} {_q(os.path.basename(change.path))}"


def _metadata(cargo: Cargo, found: Sequence[Change]) -> Iterator[str]:
    """Mode and owner of what stays in place, and of folders: last, and the deepest first.

    Modes of folders have five digits, by which chmod(1) takes their set-id bits as well.
    """
    place = _Place()
    for change in reversed(found):
        entry = change.entry
        if entry is None or not (change.what == "mode" or (entry.kind == "folder" and change.what == "new")):
            continue
        if entry is cargo.top:
            yield f"top_is {_q(entry.owner)} {entry.mode:05o} {'1' if change.what == 'mode' else _q('')}"
            continue
        yield from place.at(entry.name)
        name = _q(os.path.basename(entry.name))
        if entry.kind == "file":
            yield f"anew {entry.digest} {entry.size} {_q(entry.owner)} {entry.mode:04o} {name}"
            continue
        if entry.owner:
            yield f"owner {_q(entry.owner)} {name}"
        yield f"mode {entry.mode:05o} {name}"


class _Place:
    """Where the script stands."""

    def __init__(self) -> None:
        self._here: str | None = None

    def at(self, name: str) -> Iterator[str]:
        """Go where an entry lies, unless the script is there."""
        folder = folder_of(name)
        if folder != self._here:
            self._here = folder
            yield f"into {_q(folder)}" if folder else "top_level"


_q = shlex.quote
