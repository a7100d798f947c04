"""Hosts of the MATRIX as targets, which of them this machine is, and what became of each."""

from .identity import Identity, identify, this_machine
from .outcome import HostOutcome, Outcome, Result, exit_status, result_of
from .stages import STAGES
from .targets import in_service_first, may_install_here, target_of, targets_of

__all__ = [
    "STAGES",
    "HostOutcome",
    "Identity",
    "Outcome",
    "Result",
    "exit_status",
    "identify",
    "in_service_first",
    "may_install_here",
    "result_of",
    "target_of",
    "targets_of",
    "this_machine",
]
