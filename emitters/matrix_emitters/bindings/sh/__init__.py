"""The sh binding: `/etc/dsas.conf`, `/etc/dsas.d/dsas.sh`, and FORALL, SYNCALL and DIFFALL in sh."""

from .literal import spell
from .names import variable

__all__ = ["spell", "variable"]
