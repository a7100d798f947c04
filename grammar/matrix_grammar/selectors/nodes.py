"""What a selector says, as a tree. Offsets count from 0 in the selector's text."""

from __future__ import annotations

from typing import NamedTuple

DEEPEST = 64
"""Parentheses may stand this deep."""


class TooDeepError(ValueError):
    """More parentheses within each other than DEEPEST."""


class Name(NamedTuple):
    """A role, group, host, state, `UP`, or a pattern of hosts; which of them, the fleet tells."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.text)

    @property
    def is_pattern(self) -> bool:
        """Whether it holds ranges or wildcards."""
        return any(letter in self.text for letter in "*?[]")


class Fact(NamedTuple):
    """`key operator value`; `operator` is one of `= != < <= > >=`, `text` the whole as written."""

    key: str
    operator: str
    value: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.text)


class Chain(NamedTuple):
    """Terms joined by `,` `&` `!` `^`, worked from left to right. `depth` is 1 more than that of its deepest term."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    depth: int


Node = Name | Fact | Chain


def chain(first: Node, rest: tuple[tuple[str, Node], ...]) -> Node:
    """A chain, or its only term. Raises TooDeepError."""
    if not rest:
        return first
    depth = 1 + max(node.depth if isinstance(node, Chain) else 0 for node in (first, *(node for _, node in rest)))
    if depth > DEEPEST:
        raise TooDeepError
    return Chain(first, rest, depth)


def names_in(node: Node) -> tuple[Name, ...]:
    """All names of a selector, in the order of the text: what a group depends on."""
    if isinstance(node, Chain):
        return tuple(name for part in (node.first, *(node for _, node in node.rest)) for name in names_in(part))
    return (node,) if isinstance(node, Name) else ()
