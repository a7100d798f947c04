"""What a word that stands among the addresses of a host, and is none, was probably meant to be."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from matrix_grammar.model.values import is_ipv4
from matrix_grammar.syntax.nodes import HostLine

from .tags import ROLE_NAME

COMMENT: Final = "a comment begins with #"

_ENCLOSED: Final = re.compile(r"[({<](.+)[)}>]")


def is_comment(text: str) -> bool:
    """Whether a word begins a comment in other languages."""
    return text.startswith((";", "//"))


def word_cure(line: HostLine, text: str, types: Container[str], states: Container[str]) -> str:
    """The cure for a word of a host line; `types` are the properties and `states` the states that are known."""
    key, colon, value = text.partition(":")
    if colon and key in types:
        return f"write {key}={value or 'value'}"
    if is_comment(text):
        return COMMENT
    if is_ipv4(line.name.text):
        return f"the name stands before the address: {text} {line.name.text}"
    enclosed = _ENCLOSED.fullmatch(text)
    word = enclosed[1] if enclosed else text
    if word in states or ROLE_NAME.fullmatch(word):
        here = next((number for number, token in enumerate(line.addresses) if token.text == text), len(line.addresses))
        if any(is_ipv4(token.text) for token in line.addresses[here + 1 :]):
            return "each host has a line of its own"
        return f"a role or state stands in brackets: [{word}]"
    return 'a note stands in quotes: "…"'
