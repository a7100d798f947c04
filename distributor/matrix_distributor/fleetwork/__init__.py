"""Work on many hosts at once: run a command, copy files, compare them."""

from .errors import FleetworkError
from .exchange import Output
from .outcomes import HostOutcome, flag, status_of
from .running import Job, RunOutcome, Script, quoted
from .session import Pace, Session
from .targets import Chosen, choose

__all__ = [
    "Chosen",
    "FleetworkError",
    "HostOutcome",
    "Job",
    "Output",
    "Pace",
    "RunOutcome",
    "Script",
    "Session",
    "choose",
    "flag",
    "quoted",
    "status_of",
]
