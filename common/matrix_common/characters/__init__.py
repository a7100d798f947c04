"""Characters that are not what they look like."""

from .lookalikes import ALIKE_IN_WORD, DOUBTFUL, JOINERS, NO_LETTER, OUT_OF_ASCII, QUOTE, what_it_is

__all__ = ["ALIKE_IN_WORD", "DOUBTFUL", "JOINERS", "NO_LETTER", "OUT_OF_ASCII", "QUOTE", "what_it_is"]
