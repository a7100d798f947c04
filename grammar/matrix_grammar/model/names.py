"""Names that are kept for the bindings, and how names are spelled in them."""

from __future__ import annotations

import re
from typing import Final

PROPERTY_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-._][a-z0-9]+)*", re.ASCII)
"""How the name of a property is written."""

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
