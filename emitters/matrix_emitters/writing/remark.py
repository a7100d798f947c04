"""What every configuration needs when it writes a value of the MATRIX: whose value failed, and remarks for people."""

from __future__ import annotations

import re

from matrix_emitters.errors import EmitterError
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.model import Host

from .quoting import Language, Quoted

_NOT_IN_A_REMARK = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u2028\u2029\\]+")


def literal(language: Language, value: object, where: str) -> Quoted:
    """The literal of a value. Raises EmitterError that says `where` the value stands in the MATRIX."""
    try:
        return language.literal(value)
    except EmitterError as error:
        raise EmitterError(f"{where}: {error}") from error


def remark(language: Language, text: str) -> Quoted:
    """Text for a comment of one line.

    Control characters are blanks, and so are backslashes: at its end one would join the next line to the comment.
    """
    return language.trusted(_NOT_IN_A_REMARK.sub(" ", text).strip())


def flagged(host: Host, role: str) -> str:
    """The host's name, with the state that it has in the role and the reason where there is one."""
    state = host.state_in(role)
    if state is None:
        return host.name
    return f"{host.name}: {state.name}: {state.reason}" if state.reason else f"{host.name}: {state.name}"


def told(error: MatrixError) -> str:
    """What an error of a selector or a name says and advises, without its place in the selector."""
    return "; ".join(f"{d.message}: {d.cure}" if d.cure else d.message for d in error.diagnostics)
