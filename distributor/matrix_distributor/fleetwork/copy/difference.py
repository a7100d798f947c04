"""What would have to change on a host for it to have a cargo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .entries import OWED, Cargo, CargoItem
from .survey import Found, Survey

What = Literal["new", "content", "mode", "link", "deleted", "then"]

LONGEST_OWED = 255 - len(OWED) - 1
"""Bytes of a name for which it still is a name that file systems take (NAME_MAX)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `new` (was absent), `content`, `mode` (mode or owner alone), `link`, `deleted`, `then`.

    `then` is no change of a file: --then did not go well after an earlier one, and is run now.

    `path` is absolute; `before` the sha256 of the file that was there, in hex. `entry` is None for what is deleted,
    which is a folder when `folder` says so.
    """

    path: str
    what: What
    entry: CargoItem | None = None
    before: str = ""
    folder: bool = False


def changes(cargo: Cargo, survey: Survey, *, top: bool = False) -> Iterator[Change | str]:
    """The changes in the order of the entries; a text for what cannot be changed, as a folder where a file is to be.

    The folder of a tree gets mode and owner when it is made, and with `top` also when it is there.
    """
    if cargo.top is not None:
        yield from _of_top(cargo, cargo.top, survey, top)
    if survey.same:
        return
    for entry in cargo.entries:
        path = cargo.path(entry)
        found = survey.found.get(path)
        if found is None:
            yield Change(path, "new", entry)
        elif found.kind == "unreadable":
            yield f"{path} cannot be read on the host"
        elif entry.kind == "folder" and found.kind != "folder":
            yield f"{path} is a {found.kind} on the host, and a folder here: it is not followed or replaced"
        elif found.kind == "folder" and entry.kind != "folder":
            yield f"{path} is a folder on the host, and a {entry.kind} here: it is not replaced"
        elif entry.kind == "link":
            if found.kind != "link" or found.link != entry.link:
                yield Change(path, "link", entry, found.digest)
        elif entry.kind == "file" and (found.kind != "file" or found.digest != entry.digest):
            yield Change(path, "content", entry, found.digest)
        elif _metadata_differ(cargo, entry, found, survey):
            yield Change(path, "mode", entry, found.digest)


def _of_top(cargo: Cargo, entry: CargoItem, survey: Survey, any_: bool) -> Iterator[Change | str]:
    found = survey.top
    if found is None:
        if not survey.same:
            yield Change(cargo.base, "new", entry)
    elif found.kind != "folder":
        yield f"{cargo.base} is a {found.kind} on the host, and a folder here: it is not followed or replaced"
    elif any_ and _metadata_differ(cargo, entry, found, survey):
        yield Change(cargo.base, "mode", entry)


def kept_top(cargo: Cargo, survey: Survey) -> str:
    """Mode and owner of a tree's folder on the host, beside those here, where they differ; else nothing."""
    entry, found = cargo.top, survey.top
    if entry is None or found is None or found.kind != "folder" or not _metadata_differ(cargo, entry, found, survey):
        return ""
    there, here = (
        f"{mode:04o} {owner}".rstrip() for mode, owner in ((found.mode, found.owner), (entry.mode, entry.owner))
    )
    return f"{there} there, {here} here"


def _metadata_differ(cargo: Cargo, entry: CargoItem, found: Found, survey: Survey) -> bool:
    if found.mode != entry.mode:
        return True
    if not entry.owner or not (survey.root or cargo.chosen_owner):
        return False  # a user who is not root cannot give files away
    owner = found.owner if ":" in entry.owner else found.owner.partition(":")[0]
    return owner != entry.owner


def deletions(cargo: Cargo, survey: Survey, *, keep_backups: bool) -> Iterator[Change]:
    """What a host has in the folder and the cargo has not, the deepest first."""
    wanted = {cargo.path(entry) for entry in cargo.entries}
    if keep_backups:
        wanted |= {path + "~" for path in wanted}
    inside = cargo.base.rstrip("/") + "/"
    for path in sorted(survey.found, key=lambda path: (-path.count("/"), path)):
        if path not in wanted and path.startswith(inside) and not path.startswith(inside + ".dsas."):
            yield Change(path, "deleted", folder=survey.found[path].kind == "folder")


def owed(cargo: Cargo) -> str:
    """The name of the file that says that --then is still to be run on a host.

    A name that would become too long with what goes before it is told by its sha256.
    """
    if cargo.tree:
        return OWED
    name = cargo.entries[0].name
    raw = name.encode("utf-8", "surrogateescape")
    return f"{OWED}-{name if len(raw) <= LONGEST_OWED else hashlib.sha256(raw).hexdigest()}"


def conflicts(found: Iterable[Change | str]) -> tuple[list[Change], list[str]]:
    """Changes and what stands against them, apart."""
    both = list(found)
    return [item for item in both if isinstance(item, Change)], [item for item in both if isinstance(item, str)]
