"""Drafts of all kinds: a foreign text in, the text of a MATRIX out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from matrix_grammar.reading import collector_at_rest
from matrix_sources.draft.writing import Draft, write
from matrix_sources.kinds.kinds import KINDS
from matrix_sources.outline.leftover import DraftError
from matrix_sources.outline.outline import Outline

DRAFT_KINDS: Final[dict[str, Callable[..., Outline]]] = {kind.name: kind.read for kind in KINDS}
"""What reads each kind of text."""


def draft(kind: str, text: str, source: str, **options: str) -> Draft:
    """The draft of a foreign text of one of `DRAFT_KINDS`; `source` names it in the draft's comments.

    Options are those of the kind (`matrix_sources.kinds`): `names` is the text of a hosts file, `beside` names folders.
    Raises DraftError when nothing can be drafted.
    """
    with collector_at_rest():
        return write(DRAFT_KINDS[kind](text, **options), source)


__all__ = ["DRAFT_KINDS", "Draft", "DraftError", "draft"]
