"""What a host has in the place of a reflected file."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from dataclasses import dataclass
from typing import Literal

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.fleetwork.copy.survey import survey_names
from matrix_distributor.fleetwork.fetching import fetch_dialogue
from matrix_emitters.reflection.model import Reflected, body
from matrix_grammar.model import Host

Change = Literal["", "same", "new", "content", "mode", "unproved"]


@dataclass(frozen=True, slots=True)
class Held:
    """What is there. `content` is None where there is no file, or it is too large to be compared by more than its hash.

    `unproved`: a switch to what is there was cut off before it was applied. `root`: we are root on that host. `group`
    is the one that a file of root's gets in that folder.
    """

    kind: Literal["absent", "file", "folder", "link", "other", "unreadable"]
    mode: int = 0
    owner: str = ""
    link: str = ""
    digest: str = ""
    content: bytes | None = None
    unproved: bool = False
    root: bool = False
    group: str = "root"


def held_dialogue(host: Host, wanted: Reflected, *, sudo: bool) -> Dialogue[Held | Trouble]:
    """Ask a host what it has; a content that is not byte for byte the wanted one is fetched."""
    path = wanted.entry.path
    folder, name = posixpath.split(path)
    journal = posixpath.join(folder, f".dsas-{name}")
    survey = yield from survey_names([path, journal, folder], host.name, sudo=sudo)
    if isinstance(survey, Trouble):
        return survey
    found = survey.found.get(path)
    above = survey.found.get(folder)
    group = above.owner.partition(":")[2] if above is not None and above.mode & stat.S_ISGID else "root"
    unproved = journal in survey.found
    if found is None:
        return Held("absent", unproved=unproved, root=survey.root)
    content = None
    if found.kind == "file":
        if found.digest == hashlib.sha256(wanted.content).hexdigest():
            content = wanted.content
        else:
            fetched = yield from fetch_dialogue(host, ((path, found.digest),), sudo=sudo)
            content = dict(fetched.contents).get(found.digest)
    return Held(found.kind, found.mode, found.owner, found.link, found.digest, content, unproved, survey.root, group)


def change_of(wanted: Reflected, held: Held) -> Change:
    """What applying would change. A header that names another generation is no change."""
    if held.kind == "absent":
        return "new"
    if held.content is None or body(held.content) != body(wanted.content):
        return "content"
    if metadata_of(wanted, held):
        return "mode"
    return "unproved" if held.unproved else "same"


def metadata_of(wanted: Reflected, held: Held) -> str:
    """How mode and owner of what is there differ from those that applying gives it; nothing when they do not.

    Whoever is not root cannot give files away, so there no owner counts that nobody named.
    """
    entry, words = wanted.entry, []
    if held.mode != entry.mode:
        words.append(f"mode {held.mode:04o}, should be {entry.mode:04o}")
    user, _, group = entry.owner.partition(":")
    user, group = user or ("root" if held.root else ""), group or (held.group if held.root else "")
    there = held.owner.partition(":")
    if (user and there[0] != user) or (group and there[2] != group):
        words.append(f"owner {held.owner}, should be {user or there[0]}:{group or there[2]}")
    return ", ".join(words)


def against(held: Held, path: str) -> str:
    """Why the file cannot be put there, or nothing."""
    if held.kind == "link":
        return f"{path} is a symbolic link to {held.link} on the host, and is not replaced"
    if held.kind in ("folder", "unreadable"):
        return f"{path} is a folder on the host" if held.kind == "folder" else f"{path} cannot be read on the host"
    return ""
