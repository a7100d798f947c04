"""Names: which are kept for the bindings, and which known name a wrong one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

RESERVED_NAMES = frozenset(
    {"all", "generation", "digest", "format", "self", "dir", "host", "roles", "state", "states", "groups"}
)
"""Roles and groups may not have these names: `DSAS_ALL`, `DSAS_GENERATION` … are the bindings' own in sh."""

RESERVED_PROPERTIES = frozenset(
    {
        "all",
        "node",
        "name",
        "address",
        "addresses",
        "fullname",
        "site",
        "rack",
        "state",
        "reason",
        "roles",
        "note",
        "meaning",
    }
)
"""Properties may not have these names: they ask for what a host is, not for what was set."""


def binding_name(name: str) -> str:
    """How a role, group or property is spelled in the name of a variable: `mysql.server_id` is `MYSQL_SERVER_ID`."""
    return name.upper().replace("-", "_").replace(".", "_")


def nearest(word: str, known: Iterable[str], limit: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
    """The known names that `word` was probably meant to be, the nearest first; compared without case.

    `cutoff` is how alike they must be, from 0 to 1 (difflib's ratio).
    """
    spelled: dict[str, str] = {}
    for name in known:
        if abs(len(name) - len(word)) <= 3:
            spelled.setdefault(name.lower(), name)
    if not spelled:
        return ()
    import difflib  # which a text without a slip hardly needs

    return tuple(spelled[near] for near in difflib.get_close_matches(word.lower(), spelled, n=limit, cutoff=cutoff))
