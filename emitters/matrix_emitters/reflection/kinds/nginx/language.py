"""nginx's configuration: how a value is written in it, and how a text is read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.directive import Directive
from matrix_emitters.writing.quoting import Language
from matrix_emitters.writing.words import in_double_quotes

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:\[\]=-]+", re.ASCII)
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f$]")
_TOKEN: Final = re.compile(
    r"""[ \t\r\n]+|\#[^\n]*|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<mark>[{};])"""
    r"""|(?P<plain>(?:[^\s"'{};\\]|\\.)(?:[^\s{};\\]|\\.)*)""",
    re.DOTALL,
)


def _spell(value: object) -> str:
    """A word, in double quotes where it needs them.

    `$` starts a variable wherever nginx knows one, and has no escape: it is refused, like control characters.
    """
    return in_double_quotes(value, _PLAIN, _FORBIDDEN, "nginx")


NGINX: Final = Language("nginx", _spell)


def parse_nginx(text: str) -> list[Directive]:
    """The directives of a configuration, as nginx's own reader takes them. Raises EmitterError where it would not."""
    return _block(_tokens(text), nested=False)


def _block(tokens: Iterator[tuple[str, bool]], nested: bool) -> list[Directive]:
    made: list[Directive] = []
    words: list[str] = []
    for token, is_mark in tokens:
        if not is_mark:
            words.append(token)
        elif token == ";" and words:
            made.append(Directive(tuple(words)))
            words = []
        elif token == "{" and words:
            made.append(Directive(tuple(words), _block(tokens, nested=True)))
            words = []
        elif token == "}" and nested and not words:
            return made
        else:
            raise EmitterError(f"nginx: unexpected {token!r} after {' '.join(words)!r:.60}")
    if nested or words:
        raise EmitterError("nginx: the text ends within a block or a directive")
    return made


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """The words and marks of a text, and which of both each is."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise EmitterError(f"nginx: cannot be read: {text[at : at + 40]!r}")
        at = match.end()
        for group in ("double", "single", "plain"):
            if match[group] is not None:
                yield re.sub(r"\\([\"'\\ ])", r"\1", match[group]), False
        if match["mark"]:
            yield match["mark"], True
