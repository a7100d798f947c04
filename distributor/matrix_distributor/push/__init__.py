"""A push: who has what, what is to be done, done on every host."""

from .delivery import PushOptions, deliver
from .deltas import deltas_for
from .file_changes import Differences, FileChange, differences
from .inspection import inspect
from .plan import Plan, Step, plan
from .push import Push

__all__ = [
    "Differences",
    "FileChange",
    "Plan",
    "Push",
    "PushOptions",
    "Step",
    "deliver",
    "deltas_for",
    "differences",
    "inspect",
    "plan",
]
