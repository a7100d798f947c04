"""The error of this package."""

from __future__ import annotations


class DistributorError(Exception):
    """What keeps a push, a rollback or an adoption from starting; the message says what is wrong and what to do.

    A host's own trouble is never raised: it is an Outcome.
    """
