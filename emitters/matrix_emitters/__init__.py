"""Fleet → artifacts: the bindings of every language, and configurations. Pure: no network, no processes, no clock.

Each sub-package is a public interface: `bindings`, `reflection`, `artifacts`, `writing` (see README.md).
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded

from .moved import MOVED

if not TYPE_CHECKING:
    __getattr__ = forwarded(__name__, {}, MOVED)
