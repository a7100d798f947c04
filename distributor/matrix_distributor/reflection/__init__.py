"""Reflected files on hosts: what they have, what would change, and having it changed without ever leaving a bad one."""

from .applying import ApplyOptions
from .carrying import Carrier
from .drift import drifted
from .making import Made, hosts_of, make
from .outcome import ReflectOutcome
from .standing import Reflection

__all__ = ["ApplyOptions", "Carrier", "Made", "ReflectOutcome", "Reflection", "drifted", "hosts_of", "make"]
