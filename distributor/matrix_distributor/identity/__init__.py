"""Which host of the MATRIX this machine is: by its addresses, with names as a hint."""

from .identity import Identity, identify, this_machine

__all__ = ["Identity", "identify", "this_machine"]
