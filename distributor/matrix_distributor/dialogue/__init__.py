"""What is said to a host and what it answers, as plain values without a connection."""

from .commands import Command, GatedRequest, Inquiry, Request, Resident
from .dialogue import Dialogue, Failure, Reply, Target, Timeouts

__all__ = [
    "Command",
    "Dialogue",
    "Failure",
    "GatedRequest",
    "Inquiry",
    "Reply",
    "Request",
    "Resident",
    "Target",
    "Timeouts",
]
