"""Work on many hosts at once: run a command, copy files, compare them."""

from matrix_distributor.conversation.exchange import Output
from matrix_distributor.fleetwork.copy.copying import CopyOutcome
from matrix_distributor.fleetwork.copy.difference import Change
from matrix_distributor.fleetwork.copy.entries import Cargo, CargoItem, scan
from matrix_distributor.fleetwork.copy.go import CopyOptions
from matrix_distributor.fleetwork.copy.survey import Found

from .comparing import HeldOutcome, Version, facts, held_here, majority, versions
from .errors import FleetworkError
from .outcomes import FleetworkOutcome, flag
from .running import Job, RunOutcome, Script, quoted
from .session import Session, Waves
from .targets import Chosen, choose

__all__ = [
    "Cargo",
    "CargoItem",
    "Change",
    "Chosen",
    "CopyOptions",
    "CopyOutcome",
    "FleetworkError",
    "FleetworkOutcome",
    "Found",
    "HeldOutcome",
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
    "versions",
]
