"""Text that may stand in a template's output: literals made by a language's own quoting, and plain names.

A value of the MATRIX is never put into a program as it is. Only two types reach a template's output:
`Quoted`, which nothing but a `Language` makes, and `Name`, which cannot hold a character that means anything to
any language. Every operation on them that makes new text (`+`, slicing, `upper`) gives a plain `str` again,
which the environment refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from matrix_emitters.errors import EmitterError

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)


class Quoted(str):
    """Source text of one language, complete and safe where a literal may stand. Made by `Language` alone."""

    __slots__ = ("language",)
    language: str


class Name(str):
    """A name of letters, digits, `_`, `.` and `-`, not led by `-` or `.`: the same text in every language."""

    __slots__ = ()

    def __new__(cls, text: str) -> Name:
        """Raises EmitterError when `text` is not such a name."""
        if _PLAIN_NAME.fullmatch(text) is None:
            raise EmitterError(f"not a plain name: {text!r}")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its name and its quoting: `spell` gives the literal of any value a template may hold."""

    name: str
    spell: Callable[[Any], str]

    def literal(self, value: object) -> Quoted:
        """The literal of `value` in this language: the `quote` filter of its templates."""
        return self.trusted(self.spell(value))

    def join(self, separator: str, parts: Iterable[Quoted | Name]) -> Quoted:
        """Parts that are safe already, with a separator that the emitter's author wrote."""
        safe = []
        for part in parts:
            if not self.accepts(part):
                raise EmitterError(f"{self.name}: neither quoted nor a plain name: {part!r:.80}")
            safe.append(part)
        return self.trusted(separator.join(safe))

    def trusted(self, text: str) -> Quoted:
        """Source text that the emitter put together itself, for big tables; the caller answers for its quoting."""
        quoted = Quoted(text)
        quoted.language = self.name
        return quoted

    def accepts(self, value: object) -> bool:
        """Whether `value` may stand in this language's output as it is."""
        return (
            isinstance(value, Name) or type(value) is int or (isinstance(value, Quoted) and value.language == self.name)
        )
