"""Reflection: long configurations made from the Fleet, by built-ins and by own templates."""

from .allowed import Allowed, allowed_of
from .allowed_texts import check_allowed
from .entry import Entry
from .health import Check, read_check
from .order import in_order
from .reflecting import reflect
from .reflector import BUILT_IN_REFLECTORS, REFLECTORS, Reflector, entries, reflector, reflectors
from .removals import Removal, removals
from .result import Finding, Reflected, body
from .scene import Scene
from .service import Member, Service
from .services import services_of

__all__ = [
    "BUILT_IN_REFLECTORS",
    "REFLECTORS",
    "Allowed",
    "Check",
    "Entry",
    "Finding",
    "Member",
    "Reflected",
    "Reflector",
    "Removal",
    "Scene",
    "Service",
    "allowed_of",
    "body",
    "check_allowed",
    "entries",
    "in_order",
    "read_check",
    "reflect",
    "reflector",
    "reflectors",
    "removals",
    "services_of",
]
