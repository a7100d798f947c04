"""Copying to hosts: what they have, what differs, one stream, one switch."""

from .copying import CopyOutcome
from .difference import Change
from .entries import Cargo, CargoItem, scan
from .go import CopyOptions
from .survey import Found

__all__ = [
    "Cargo",
    "CargoItem",
    "Change",
    "CopyOptions",
    "CopyOutcome",
    "Found",
    "scan",
]
