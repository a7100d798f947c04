"""The kinds of files that can be imported, known without loading what reads them."""

from .kinds import KINDS, ImportKind, ImportOption

__all__ = ["KINDS", "ImportKind", "ImportOption"]
