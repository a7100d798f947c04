"""The sh binding: `/etc/dsas.conf`, `/etc/dsas.d/dsas.sh`, and FORALL, SYNCALL and DIFFALL in sh."""

from .names import variable
from .tables import spell

__all__ = [
    "spell",
    "variable",
]
