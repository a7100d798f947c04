"""Which known word an unknown one was probably meant to be."""

from .nearest import did_you_mean, nearest
from .slips import Slips, is_slip

__all__ = ["Slips", "did_you_mean", "is_slip", "nearest"]
