"""SSH to many hosts at once. Only this folder and `embedded` import paramiko.

What needs paramiko is imported when first asked for: the values that are said and heard cost none.
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded
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

if not TYPE_CHECKING:
    __getattr__ = forwarded(
        __name__,
        {
            "FleetProcess": "matrix_distributor.embedded.process",
            "KnownKey": f"{__name__}.hostkeys.known_hosts",
            "Pool": f"{__name__}.pool",
            "Route": f"{__name__}.ssh_config.route",
            "public_half": f"{__name__}.keys.login_keys",
            "sign_with_agent": f"{__name__}.keys.agent",
            **dict.fromkeys(("ShownKey", "remember", "shown_keys", "supersede"), f"{__name__}.looking"),
        },
    )
