"""Artifacts → hosts: generations, SSH, install, push, and the daemon that keeps the fleet converged.

`Session` runs, copies and compares on hosts from Python. Each sub-package is a public interface (see README.md).
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded

from .errors import DistributorError

if TYPE_CHECKING:
    from .fleetwork import Session

__all__ = ["DistributorError", "Session"]

if not TYPE_CHECKING:
    __getattr__ = forwarded(__name__, {"Session": "matrix_distributor.fleetwork"})
