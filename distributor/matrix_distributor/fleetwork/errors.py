"""The error of this folder."""

from __future__ import annotations

from matrix_distributor.errors import DistributorError


class FleetworkError(DistributorError):
    """What keeps a command, a copy or a comparison from starting: no hosts named, a file that cannot be read.

    A host's own trouble is never raised: it is an outcome.
    """
