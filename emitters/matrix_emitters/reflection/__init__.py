"""Reflection: long configurations made from the Fleet, by built-ins and by own templates."""

from matrix_emitters.reflection.model.allowed import Allowed, allowed_of
from matrix_emitters.reflection.model.allowed_texts import check_allowed
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.health import Check, read_check
from matrix_emitters.reflection.model.reflector import (
    BUILT_IN_REFLECTORS,
    REFLECTORS,
    Reflector,
    entries,
    reflector,
    reflectors,
)
from matrix_emitters.reflection.model.result import Finding, Reflected, body
from matrix_emitters.reflection.model.scene import Scene
from matrix_emitters.reflection.model.service import Member, Service
from matrix_emitters.reflection.model.services import services_of

from .order import apply_order
from .reflect import reflect
from .removals import Removal, removals

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
    "Removal",
    "Scene",
    "Service",
    "allowed_of",
    "apply_order",
    "body",
    "check_allowed",
    "entries",
    "read_check",
    "reflect",
    "reflector",
    "reflectors",
    "removals",
    "services_of",
]
