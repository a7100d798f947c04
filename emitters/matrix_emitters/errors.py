"""What can go wrong while bindings are made."""

from __future__ import annotations

from matrix_grammar.diagnostics import MatrixError


class EmitterError(Exception):
    """A binding that cannot be made as asked: what is wrong, where, and what to do."""


def in_words(error: MatrixError) -> str:
    """What an error of the grammar says, with its cure, for use within a sentence."""
    return "; ".join(f"{one.message}, {one.cure}" if one.cure else one.message for one in error.diagnostics)
