"""Work on many hosts at once: run a command, copy files, compare them."""

from .comparing import HeldOutcome, Version, facts, held_here, majority, versions
from .copying import CopyOutcome
from .difference import Change
from .entries import Cargo, Entry, scan
from .errors import FleetworkError
from .exchange import Output
from .go import CopyOptions
from .outcomes import HostOutcome, flag, status_of
from .running import Job, RunOutcome, Script, quoted
from .session import Session, Waves
from .survey import Found
from .targets import Chosen, choose

__all__ = [
    "Cargo",
    "Change",
    "Chosen",
    "CopyOptions",
    "CopyOutcome",
    "Entry",
    "FleetworkError",
    "Found",
    "HeldOutcome",
    "HostOutcome",
    "Job",
    "Output",
    "RunOutcome",
    "Script",
    "Session",
    "Version",
    "Waves",
    "choose",
    "facts",
    "flag",
    "held_here",
    "majority",
    "quoted",
    "scan",
    "status_of",
    "versions",
]
