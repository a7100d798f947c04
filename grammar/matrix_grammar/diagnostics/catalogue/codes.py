"""The table of all diagnostics: what each code means, a text that earns it, the same text put right.

It feeds `matrix explain`, docs/diagnostics.md, and the tests, which hold every example to its word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import (
    lines as codes_of_lines,
)
from . import (
    meaning as codes_of_meaning,
)
from . import (
    selectors as codes_of_selectors,
)
from . import (
    slips as codes_of_slips,
)
from . import (
    texts as codes_of_texts,
)
from .code import Code

CODES: Final[Mapping[str, Code]] = {
    code.code: code
    for code in sorted(
        [
            *codes_of_texts.CODES,
            *codes_of_lines.CODES,
            *codes_of_meaning.CODES,
            *codes_of_slips.CODES,
            *codes_of_selectors.CODES,
        ],
        key=lambda code: code.code,
    )
}
"""Every code by its name, in order."""

__all__ = ["CODES", "Code"]
