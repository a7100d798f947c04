"""Reflected files on hosts: what they have, what would change, and having it changed without ever leaving a bad one."""

from .applying import ApplyOptions, Objection
from .carrying import Carrier
from .outcome import ReflectOutcome

__all__ = ["ApplyOptions", "Carrier", "Objection", "ReflectOutcome"]
