"""Selectors by the Lark grammar in `selector.lark`: every selector, and what is wrong with those that are none."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError

from matrix_common.characters import what_it_is
from matrix_grammar.diagnostics.diagnostic import SelectorError
from matrix_grammar.syntax.scanner import BadEscapeError, unquote

from .errors import SYNTAX, mistake
from .nodes import DEEPEST, Chain, Fact, Name, Node, TooDeepError, chain

_FACT: Final = re.compile(r"([a-z][a-z0-9._\-]*)[ \t]*(!=|<=|>=|=|<|>)[ \t]*(.*)", re.DOTALL)
_FOREIGN: Final = {
    "@": "a role or group is written without `@`",
    "|": "union is `,`",
    "+": "union is `,`",
    ";": "union is `,`",
    "/": "difference is `!`",
    "\\": "difference is `!`",
    "~": "difference is `!`: `*!name`",
    "'": 'quote a value with `"`',
    "%": "a pattern is written with `*` and `?`",
    "\n": "a selector stands on one line",
}


class _WrongEscapeError(ValueError):
    def __init__(self, offset: int, escape: str) -> None:
        self.offset = offset
        self.escape = escape
        super().__init__(escape)


class _Nodes(Transformer[Token, Node]):
    """Tokens to nodes while parsing; no tree is ever built."""

    def NAME(self, token: Token) -> Name:
        return Name(str(token), token.start_pos or 0)

    def FACT(self, token: Token) -> Fact:
        match = _FACT.fullmatch(token)
        assert match is not None
        key, operator, value = match.groups()
        start = token.start_pos or 0
        if value.startswith('"'):
            try:
                value = unquote(value)
            except BadEscapeError as error:
                raise _WrongEscapeError(start + match.start(3) + error.offset, error.escape) from error
        return Fact(key, operator, value, str(token), start)

    @v_args(inline=True)
    def chain(self, first: Node, *rest: Token | Node) -> Node:
        """Operators and terms in turn."""
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return chain(
            first, tuple((str(operator), node) for operator, node in pairs if isinstance(node, Name | Fact | Chain))
        )

    @v_args(inline=True)
    def start(self, node: Node) -> Node:
        """The whole selector."""
        return node


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files(__package__).joinpath("selector.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Nodes())


def parse(text: str) -> Node:
    """The tree of a selector. Raises SelectorError that says where it ends to be one."""
    if not text.strip(" \t"):
        raise mistake(text, SYNTAX, 0, 0, "the selector is empty", cure="write `*` for all hosts")
    try:
        node: object = _parser().parse(text)
    except UnexpectedEOF:
        raise _at_end(text) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise _at_end(text, "RPAR" in error.expected) from None
        start = error.token.start_pos or 0
        raise _unexpected(text, start, start + len(error.token), "NAME" in error.expected) from None
    except UnexpectedCharacters as error:
        start = error.pos_in_stream or 0
        raise _unexpected(text, start, start + 1, "NAME" in error.allowed) from None
    except VisitError as error:
        raise _while_building(text, error.orig_exc) from None
    except (TooDeepError, _WrongEscapeError) as error:
        raise _while_building(text, error) from None
    assert isinstance(node, Name | Fact | Chain)
    return node


def _while_building(text: str, error: Exception) -> SelectorError:
    if isinstance(error, TooDeepError):
        return mistake(text, SYNTAX, 0, len(text), f"more than {DEEPEST} parentheses within each other")
    if isinstance(error, _WrongEscapeError):
        cure = 'write `\\"`, `\\\\`, `\\n` or `\\t`'
        end = error.offset + len(error.escape)
        return mistake(text, SYNTAX, error.offset, end, f"unknown escape {error.escape}", cure=cure)
    raise error


def _at_end(text: str, open_parenthesis: bool = False) -> SelectorError:
    end = len(text.rstrip(" \t"))
    if open_parenthesis:
        return mistake(text, SYNTAX, end, end, "a parenthesis is not closed", cure="write `)`")
    return mistake(text, SYNTAX, end, end, "the selector ends where a term should follow")


def _unexpected(text: str, start: int, end: int, term_wanted: bool) -> SelectorError:
    """A character or token that cannot stand where it stands."""
    here = text[start:end]
    letter = here[0]
    before = text[:start].rstrip(" \t")
    if letter in "=<>":
        return _wrong_fact(text, start)
    if letter == '"':
        return mistake(text, SYNTAX, start, end, 'a `"` can only begin the value of a fact', cure='write `key="value"`')
    if letter in _FOREIGN:
        what = "a line break" if letter == "\n" else f"`{here}`"
        return mistake(text, SYNTAX, start, end, f"{what} is no operator", cure=_FOREIGN[letter])
    if term_wanted and letter in ",&!^":
        if not before or before[-1] == "(":
            cure = f"write `*!{_next_word(text, end)}`" if letter == "!" else ""
            return mistake(text, SYNTAX, start, end, f"`{letter}` needs a term before it", cure=cure)
        cure = f"write one `{letter}`" if before[-1] == letter else ""
        if before[-1] + letter == "&!":
            cure = f"`!` alone is difference: write `!{_next_word(text, end)}`"
        return mistake(text, SYNTAX, start, end, f"two operators in a row: `{before[-1]}` and `{letter}`", cure=cure)
    if letter == ")":
        what = "an empty parenthesis" if before.endswith("(") else "there is no `(` to this `)`"
        if term_wanted and not before.endswith("("):
            what = "a term should stand before `)`"
        return mistake(text, SYNTAX, start, end, what)
    if not term_wanted and (letter == "(" or re.match(r"[A-Za-z0-9_.*?\[\]-]", letter)):
        cure = "write `,` for union, `&` for intersection, `!` for difference"
        return mistake(text, SYNTAX, start, end, "an operator is missing before this term", cure=cure)
    what, cure = what_it_is(letter)
    return mistake(
        text, SYNTAX, start, end, what or "this character can stand in no selector unless quoted in a fact", cure=cure
    )


def _wrong_fact(text: str, start: int) -> SelectorError:
    """An `=`, `<` or `>` that is not part of a fact."""
    match = re.compile(r"[=<>!]+[ \t]*").match(text, start)
    assert match is not None
    after = text[match.end() : match.end() + 1]
    operator = match[0].rstrip(" \t")
    if operator == "==":
        return mistake(text, SYNTAX, start, start + 2, "`==` is no operator", cure="write `=`")
    if operator not in ("=", "<", ">", "<=", ">="):
        return mistake(text, SYNTAX, start, start + len(operator), f"`{operator}` is no operator", cure="write `!=`")
    key = re.compile(r"[^\s,&!^()\[\]=<>\"]*$").search(text[:start].rstrip(" \t"))
    word = key[0] if key else ""
    if not re.fullmatch(r"[a-z][a-z0-9._-]*", word):
        what = f"`{word}` is no name of a property" if word else f"`{operator}` needs a property before it"
        cure = f"write {word.lower()}" if re.fullmatch(r"[a-z][a-z0-9._-]*", word.lower()) else ""
        return mistake(text, SYNTAX, start - len(word) if word else start, start + 1, what, cure=cure)
    if after == '"':
        return mistake(
            text, SYNTAX, match.end(), len(text), "the quote is not closed", cure='write `"` after the value'
        )
    if after in ("[", "]"):
        return mistake(
            text, SYNTAX, match.end(), match.end() + 1, "a bracket in a value", cure='quote the value: `key="…"`'
        )
    end = start + len(operator)
    return mistake(text, SYNTAX, start, end, f"a value should follow `{word}{operator}`", cure='an empty one is `""`')


def _next_word(text: str, start: int) -> str:
    match = re.compile(r"[ \t]*([A-Za-z0-9_.*?-]+)").match(text, start)
    return match[1] if match else "name"
