"""The origin: from the text that stands beside it to the generation that the hosts are to hold, and back."""

from .adoption import from_folder, from_host, write_texts
from .origin import Candidate, Origin, stored_fleet
from .removals import RemovalsNeedConsent
from .rollback import former, restoration, restore
from .templates import templates_of

__all__ = [
    "Candidate",
    "Origin",
    "RemovalsNeedConsent",
    "former",
    "from_folder",
    "from_host",
    "restoration",
    "restore",
    "stored_fleet",
    "templates_of",
    "write_texts",
]
