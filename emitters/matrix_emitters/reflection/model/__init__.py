"""What a reflected configuration is made from and made into: entries, scenes, services, results."""

from .allowed import Allowed, allowed_of
from .allowed_texts import check_allowed
from .entry import Entry
from .judged import with_what_is_not_allowed
from .reflector import entries, reflector, reflectors
from .result import Finding, Reflected, body
from .scene import Scene
from .service import Service
from .services import services_of

__all__ = [
    "Allowed",
    "Entry",
    "Finding",
    "Reflected",
    "Scene",
    "Service",
    "allowed_of",
    "body",
    "check_allowed",
    "entries",
    "reflector",
    "reflectors",
    "services_of",
    "with_what_is_not_allowed",
]
