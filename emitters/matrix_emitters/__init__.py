"""Fleet → artifacts: the bindings of every language, and configurations. Pure: no network, no processes, no clock.

Each sub-package is a public interface: `bindings`, `reflection`, `artifacts`, `view`, `writing` (see README.md).
"""

from typing import TYPE_CHECKING

from matrix_common import forwarded

from .errors import EmitterError

__all__ = ["EmitterError"]

if not TYPE_CHECKING:
    __getattr__ = forwarded(__name__)
