"""Which known word an unknown one was probably meant to be."""

from .nearest import nearest
from .slips import Slips, is_slip

__all__ = ["Slips", "is_slip", "nearest"]
