r"""Words in double quotes, as nginx, httpd and OpenSSH read them: within, `\"` and `\\` stand for `"` and `\`."""

from __future__ import annotations

import re

from matrix_emitters.errors import EmitterError


def in_double_quotes(value: object, plain: re.Pattern[str], forbidden: re.Pattern[str], reader: str) -> str:
    """A value as one word: as it is where `plain` matches all of it, else in double quotes.

    Raises EmitterError for what `forbidden` finds, which would mean something to the `reader` even there.
    """
    spelled = str(value)
    if plain.fullmatch(spelled):
        return spelled
    found = forbidden.search(spelled)
    if found:
        raise EmitterError(f"{spelled!r:.80} cannot be written for {reader}: it holds {found[0]!r}")
    return '"' + spelled.replace("\\", "\\\\").replace('"', '\\"') + '"'
