"""What is said to a host and what it answers, as plain values without a connection."""

from .dialogue import Command, Dialogue, Failure, Reply, Resident, Target, Timeouts

__all__ = [
    "Command",
    "Dialogue",
    "Failure",
    "Reply",
    "Resident",
    "Target",
    "Timeouts",
]
