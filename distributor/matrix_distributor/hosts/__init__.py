"""Hosts of the MATRIX as targets and what became of each."""

from .outcome import HostOutcome, Outcome, Result, exit_status, result_of
from .stages import STAGES
from .targets import in_service_first, may_install_here, target_of, targets_of

__all__ = [
    "STAGES",
    "HostOutcome",
    "Outcome",
    "Result",
    "exit_status",
    "in_service_first",
    "may_install_here",
    "result_of",
    "target_of",
    "targets_of",
]
