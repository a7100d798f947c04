"""A configuration that is a tree of directives, as nginx and httpd read theirs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Directive:
    """A directive: its words, and what stands in its block; None where it has none."""

    words: tuple[str, ...]
    block: list[Directive] | None = None

    def all(self, name: str) -> list[Directive]:
        """The directives of its block that are called so."""
        return [one for one in self.block or () if one.words[0] == name]
