"""How a text is written in sh."""

from __future__ import annotations

from matrix_emitters.errors import EmitterError


def spell(value: object) -> str:
    """The literal of a text in sh: between single quotes nothing but they themselves has a meaning."""
    if not isinstance(value, str):
        raise EmitterError(f"sh has no literal for {type(value).__name__} {value!r:.80}")
    if "\0" in value:
        raise EmitterError(f"sh cannot hold a NUL: {value!r:.80}")
    return "'" + value.replace("'", "'\\''") + "'"
