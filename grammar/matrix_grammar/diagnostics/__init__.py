"""What is wrong in a text, as values: where, why, and the cure; how it is collected and how it is printed."""

from .diagnostic import Diagnostic, MatrixError, Note, Place, SelectorError

__all__ = [
    "Diagnostic",
    "MatrixError",
    "Note",
    "Place",
    "SelectorError",
]
