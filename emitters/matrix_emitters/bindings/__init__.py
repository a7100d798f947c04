"""The bindings: one folder for each language, and the registry that builds them all.

`Emitter` makes any files. `RecordBinding` is enough where one template around two texts is: a language is then its
quoting, a path and that template.
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded

from .emitter import Emitter, build, check_options, emitter, registered

if TYPE_CHECKING:
    from .host_records import records
    from .record_binding import RecordBinding

__all__ = [
    "Emitter",
    "RecordBinding",
    "build",
    "check_options",
    "emitter",
    "records",
    "registered",
]

if not TYPE_CHECKING:  # who makes no file of a language, as `matrix check`, does not wait for these
    _LATE = {
        "RecordBinding": f"{__name__}.record_binding",
        "records": f"{__name__}.host_records",
    }
    __getattr__ = forwarded(__name__, _LATE)
