"""Reflected files on hosts: what they have, what would change, and having it changed without ever leaving a bad one."""

from .applying import ApplyOptions
from .drift import drifted
from .in_force import Reflected, of_its_hosts
from .making import Made, hosts_of, make
from .outcome import ReflectOutcome
from .rollout import Rollout
from .standing import ReflectPlan

__all__ = [
    "ApplyOptions",
    "Made",
    "ReflectOutcome",
    "ReflectPlan",
    "Reflected",
    "Rollout",
    "drifted",
    "hosts_of",
    "make",
    "of_its_hosts",
]
