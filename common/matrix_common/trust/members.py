"""Users and groups by the machine's own lists (passwd(5), group(5), or what stands behind them)."""

from __future__ import annotations

import grp
import pwd

UNSHOWN = 65534
"""What the kernel gives for every user and group that a user namespace does not show, and the number of nobody."""


def user_name(uid: int) -> str:
    """`alice (uid 1001)`, for messages."""
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def group_name(gid: int) -> str:
    """The name of a group, else its number: as a line of a file of trust takes it."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def group_number(word: str) -> int | None:
    """The group that a word names, by name or number; None when there is none."""
    if word.isascii() and word.isdigit() and len(word) <= 10:
        return int(word)
    try:
        return grp.getgrnam(word).gr_gid
    except KeyError:
        return None


def is_member(uid: int, gid: int) -> bool:
    """Whether a user is known to be in a group; what a namespace does not show is in none."""
    if UNSHOWN in (uid, gid):
        return False
    try:
        user = pwd.getpwuid(uid)
        return user.pw_gid == gid or user.pw_name in grp.getgrgid(gid).gr_mem
    except KeyError:
        return False


def only_these(gid: int, uids: frozenset[int]) -> bool:
    """Whether a group is known to have no members but these users: a private group, as most systems give to each user.

    A list that cannot be gone through (of a directory server) shows nobody, so a group in which nobody is seen is not
    taken for a private one, unless it bears the name of its one user.
    """
    if gid == UNSHOWN:
        return False
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    named = {_uid(name) for name in group.gr_mem} - {None}
    if not named <= uids:
        return False
    if _is_private(group.gr_name, gid, uids):
        return True
    first = {user.pw_uid for user in pwd.getpwall() if user.pw_gid == gid}
    return bool(named | first) and first <= uids


def _is_private(name: str, gid: int, uids: frozenset[int]) -> bool:
    """Whether one of these users has the name of the group, and the group as the first of its groups."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return False
    return user.pw_gid == gid and user.pw_uid in uids


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None
