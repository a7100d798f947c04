"""The table of all diagnostics: what each code means, a text that earns it, the same text corrected."""

from .codes import CODES, Code

__all__ = [
    "CODES",
    "Code",
]
