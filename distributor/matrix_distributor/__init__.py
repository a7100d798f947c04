"""Artifacts → hosts: generations, SSH, install, push, and the daemon that keeps the fleet converged.

`Push` brings a generation to hosts from Python, `Session` runs, copies and compares on them. Each sub-package is a
public interface (see README.md).
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded

from .errors import DistributorError

if TYPE_CHECKING:
    from .fleetwork import Session
    from .push import Push

__all__ = ["DistributorError", "Push", "Session"]

_LATE = {"Push": "matrix_distributor.push", "Session": "matrix_distributor.fleetwork"}

if not TYPE_CHECKING:
    __getattr__ = forwarded(__name__, _LATE)
