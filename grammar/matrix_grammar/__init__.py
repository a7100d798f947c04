"""The MATRIX language: from text to a Fleet, with the diagnostics of a good compiler.

The names of every day are here; each sub-package is the public interface of a stage (see README.md).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matrix_common import forwarded

from .diagnostics.diagnostic import MatrixError, SelectorError
from .fleet import Fleet

if TYPE_CHECKING:
    from .reading import Reading

__all__ = ["Fleet", "MatrixError", "SelectorError", "load", "loads", "read"]


def load(path: str | os.PathLike[str], allow: Sequence[str | os.PathLike[str]] = ()) -> Fleet:
    """The Fleet of a MATRIX on disk; `allow` as for `read`. Raises MatrixError with all that is wrong."""
    from . import reading

    return reading.load(path, allow)


def loads(text: str | bytes, name: str = "MATRIX", includes: Mapping[str, str | bytes] | None = None) -> Fleet:
    """The Fleet of a text; `includes` are the texts that it may include, by path. Raises MatrixError."""
    from . import reading

    return reading.loads(text, name, includes)


def read(path: str | os.PathLike[str], allow: Sequence[str | os.PathLike[str]] = ()) -> Reading:
    """Read a MATRIX from disk, once, with every diagnostic. `allow` names folders and files outside of the folder of
    the MATRIX that it may include. Never raises for what stands in the text.
    """
    from . import reading

    return reading.read(path, allow)


if not TYPE_CHECKING:
    __getattr__ = forwarded(__name__)
