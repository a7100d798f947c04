"""SSH to many hosts at once: the only package that imports paramiko.

`Pool` and `FleetProcess` are imported when first asked for: the values that are said and heard cost no paramiko.
"""

from typing import TYPE_CHECKING, Any

from .dialogue import Command, Dialogue, Failure, Reply, Target, Timeouts
from .options import SSHOptions, TransportError

if TYPE_CHECKING:
    from .pool import Pool
    from .server_process import FleetProcess

__all__ = [
    "Command",
    "Dialogue",
    "Failure",
    "FleetProcess",
    "Pool",
    "Reply",
    "SSHOptions",
    "Target",
    "Timeouts",
    "TransportError",
]


def __getattr__(name: str) -> Any:
    if name == "Pool":
        from .pool import Pool

        return Pool
    if name == "FleetProcess":
        from .server_process import FleetProcess

        return FleetProcess
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
