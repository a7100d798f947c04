"""Work on many hosts at once: run a command, copy files, compare them."""

from .copying import CopyOutcome
from .difference import Change
from .entries import Cargo, Entry, scan
from .errors import FleetworkError
from .exchange import Output
from .go import CopyOptions
from .outcomes import HostOutcome, flag, status_of
from .running import Job, RunOutcome, Script, quoted
from .session import Pace, Session
from .targets import Chosen, choose

__all__ = [
    "Cargo",
    "Change",
    "Chosen",
    "CopyOptions",
    "CopyOutcome",
    "Entry",
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
    "scan",
    "status_of",
]
