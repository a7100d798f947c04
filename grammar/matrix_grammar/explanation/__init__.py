"""One code of the catalogue at length, or all of them as a page: `matrix explain` and docs/diagnostics.md."""

from .explanation import explanation, page

__all__ = [
    "explanation",
    "page",
]
