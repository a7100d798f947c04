"""SSH to many hosts at once: the only package that imports paramiko.

What needs paramiko is imported when first asked for: the values that are said and heard cost none.
"""

from typing import TYPE_CHECKING, Any

from matrix_distributor.dialogue.commands import Command, Resident
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Reply, Target, Timeouts
from matrix_distributor.transport.plain_file import read_plain

from .late import import_late
from .options import SSHOptions, TransportError

import_late("invoke")  # half of what paramiko imports, for `Match exec` of an ssh_config alone

if TYPE_CHECKING:
    from matrix_distributor.embedded.process import FleetProcess
    from matrix_distributor.transport.hostkeys.known_hosts import KnownKey
    from matrix_distributor.transport.keys.agent import sign_with_agent
    from matrix_distributor.transport.keys.login_keys import public_half
    from matrix_distributor.transport.ssh_config.route import Route

    from .looking import ShownKey, remember, shown_keys, supersede
    from .pool import Pool

__all__ = [
    "Command",
    "Dialogue",
    "Failure",
    "FleetProcess",
    "KnownKey",
    "Pool",
    "Reply",
    "Resident",
    "Route",
    "SSHOptions",
    "ShownKey",
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
        from matrix_distributor.embedded.process import FleetProcess

        return FleetProcess
    if name == "sign_with_agent":
        from matrix_distributor.transport.keys.agent import sign_with_agent

        return sign_with_agent
    if name == "public_half":
        from matrix_distributor.transport.keys.login_keys import public_half

        return public_half
    if name == "Route":
        from matrix_distributor.transport.ssh_config.route import Route

        return Route
    if name == "KnownKey":
        from matrix_distributor.transport.hostkeys.known_hosts import KnownKey

        return KnownKey
    if name in ("ShownKey", "remember", "shown_keys", "supersede"):
        from . import looking

        return getattr(looking, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
