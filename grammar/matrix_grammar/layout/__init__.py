"""The canonical layout of a MATRIX: `matrix fmt`, and what drafts are written with."""

from .cells import INDENT, Kind, Row
from .formatter import format_text, laid_out, rows_of

__all__ = [
    "INDENT",
    "Kind",
    "Row",
    "format_text",
    "laid_out",
    "rows_of",
]
