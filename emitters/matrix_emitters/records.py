"""Where `records` was imported from by bindings of other packages; gone in the next release."""

import warnings

from .bindings.host_records import Records, records

__all__ = ["Records", "records"]

warnings.warn(
    "matrix_emitters.records has moved: from matrix_emitters.bindings import records", DeprecationWarning, stacklevel=2
)
