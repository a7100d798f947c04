"""SSH to many hosts at once: the only package that imports paramiko."""

from .dialogue import Command, Dialogue, Failure, Reply, Target, Timeouts
from .options import SSHOptions, TransportError
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
