"""Who is trusted: the caller, root, the user behind sudo, and what two files say.

A line of `/etc/matrix/trusted` (root's) and `~/.config/matrix/trusted` is `group NAME`, `uid NUMBER` or
`folder /PATH`; `#` begins a comment. Such a file counts only where nobody else may write it or its folder.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from typing import NamedTuple

from matrix_common.paths.homes import at_home

from .access import writers
from .members import UNSHOWN, group_number, is_member, only_these

SYSTEM = "/etc/matrix/trusted"
_OWN = "~/.config/matrix/trusted"
_LARGEST = 64 * 1024
_DIGITS = 10  # of a user's number


class Trusted(NamedTuple):
    """Users, groups and folders whose files count. `ignored` says of lines and files of trust why they do not."""

    uids: frozenset[int]
    groups: frozenset[int] = frozenset()
    folders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def owner(self, uid: int) -> bool:
        """Whether files of this user count."""
        return uid in self.uids or any(is_member(uid, gid) for gid in self.groups)

    def group(self, gid: int) -> bool:
        """Whether what this group may write counts."""
        return gid in self.groups or only_these(gid, self.uids)

    def within(self, path: str) -> bool:
        """Whether a path without links lies in a folder that somebody vouched for."""
        return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in self.folders)


def trust_file() -> str:
    """The file of trust that the caller would write: root's is that of the whole machine."""
    return SYSTEM if os.geteuid() == 0 else str(at_home(_OWN))


def trusted_here(environment: Mapping[str, str] = os.environ) -> Trusted:
    """Who is trusted by this process."""
    sudo = environment.get("SUDO_UID", "")
    uids = {os.geteuid(), 0} | ({int(sudo)} if sudo.isascii() and sudo.isdigit() and len(sudo) <= _DIGITS else set())
    found = Trusted(frozenset(uids))
    for path, owners in ((SYSTEM, frozenset({0})), (str(at_home(_OWN)), frozenset(uids))):
        found = _with_file(found, path, owners)
    return found


def _with_file(trusted: Trusted, path: str, owners: frozenset[int]) -> Trusted:
    """What is trusted with the lines of one file; owners are those whose file it may be."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return trusted
    try:
        why = _not_theirs(path, os.fstat(descriptor), owners) or _not_theirs(
            os.path.dirname(path), os.stat(os.path.dirname(path)), owners
        )
        text = "" if why else os.read(descriptor, _LARGEST).decode("utf-8", "replace")
    except OSError as error:
        why, text = f"{path} cannot be read: {error.strerror}", ""
    finally:
        os.close(descriptor)
    if why:
        return Trusted(trusted.uids, trusted.groups, trusted.folders, (*trusted.ignored, why))
    return _with_lines(trusted, path, text)


def _not_theirs(path: str, status: os.stat_result, owners: frozenset[int]) -> str:
    """Why somebody else may have written a file of trust; empty when nobody else may."""
    if status.st_uid not in owners:
        return f"{path} does not count: it must belong to {'root' if owners == {0} else 'the caller or root'}"
    shared = any(
        number not in owners if kind == "user" else not only_these(number, owners)
        for kind, number in writers(path, status)
    )
    if shared or status.st_mode & stat.S_IWOTH:
        return f"{path} does not count: others may write it; chmod go-w {shlex.quote(path)}"
    return ""


def _with_lines(trusted: Trusted, path: str, text: str) -> Trusted:
    uids, groups, folders, ignored = set(trusted.uids), set(trusted.groups), [*trusted.folders], [*trusted.ignored]
    for number, line in enumerate(text.splitlines(), 1):
        kind, _, word = line.partition("#")[0].strip().partition(" ")
        word = word.strip()
        if kind == "uid" and word.isascii() and word.isdigit() and len(word) <= _DIGITS and int(word) != UNSHOWN:
            uids.add(int(word))
        elif kind == "group" and word and (gid := group_number(word)) not in (None, UNSHOWN):
            assert gid is not None
            groups.add(gid)
        elif kind == "folder" and word.startswith("/"):
            folders.append(os.path.realpath(word))
        elif kind:
            ignored.append(f"{path}:{number}: no line of it: `group NAME`, `uid NUMBER` or `folder /PATH`")
    return Trusted(frozenset(uids), frozenset(groups), tuple(folders), tuple(ignored))
