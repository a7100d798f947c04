"""What a reflected configuration is made from and made into: entries, scenes, services, results."""

from .allowed import Allowed, allowed_of
from .allowed_texts import check_allowed
from .entry import Configuration
from .health import Check, read_check
from .reflector import BUILT_IN_REFLECTORS, REFLECTORS, Reflector, entries, reflector, reflectors
from .result import Finding, Reflected, body
from .scene import Scene
from .service import Member, Service
from .services import services_of

__all__ = [
    "BUILT_IN_REFLECTORS",
    "REFLECTORS",
    "Allowed",
    "Check",
    "Configuration",
    "Finding",
    "Member",
    "Reflected",
    "Reflector",
    "Scene",
    "Service",
    "allowed_of",
    "body",
    "check_allowed",
    "entries",
    "read_check",
    "reflector",
    "reflectors",
    "services_of",
]
