"""All kinds of drafts by name: what `matrix import` offers."""

from .drafts import DRAFT_KINDS, draft

__all__ = [
    "DRAFT_KINDS",
    "draft",
]
