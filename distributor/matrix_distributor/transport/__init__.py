"""SSH to many hosts at once: the only package that imports paramiko.

What needs paramiko is imported when first asked for: the values that are said and heard cost none.
"""

from typing import TYPE_CHECKING, Any

from .dialogue import Command, Dialogue, Failure, Reply, Standing, Target, Timeouts
from .late import import_late
from .options import SSHOptions, TransportError
from .plain import read_plain

import_late("invoke")  # half of what paramiko imports, for `Match exec` of an ssh_config alone

if TYPE_CHECKING:
    from .agent import sign_with_agent
    from .keys import public_half
    from .known_hosts import KnownKey
    from .looking import ShownKey, remember, shown_keys, supersede
    from .pool import Pool
    from .server_process import FleetProcess
    from .ssh_config import Route

__all__ = [
    "Command",
    "Dialogue",
    "Failure",
    "FleetProcess",
    "KnownKey",
    "Pool",
    "Reply",
    "Route",
    "SSHOptions",
    "ShownKey",
    "Standing",
    "Target",
    "Timeouts",
    "TransportError",
    "public_half",
    "read_plain",
    "remember",
    "shown_keys",
    "sign_with_agent",
    "supersede",
]


def __getattr__(name: str) -> Any:
    if name == "Pool":
        from .pool import Pool

        return Pool
    if name == "FleetProcess":
        from .server_process import FleetProcess

        return FleetProcess
    if name == "sign_with_agent":
        from .agent import sign_with_agent

        return sign_with_agent
    if name == "public_half":
        from .keys import public_half

        return public_half
    if name == "Route":
        from .ssh_config import Route

        return Route
    if name == "KnownKey":
        from .known_hosts import KnownKey

        return KnownKey
    if name in ("ShownKey", "remember", "shown_keys", "supersede"):
        from . import looking

        return getattr(looking, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
