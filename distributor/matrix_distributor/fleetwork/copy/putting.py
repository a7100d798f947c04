"""One file brought to a host in the same breath as the question whether it has it, where it has perl."""

from __future__ import annotations

from collections.abc import Iterable

from matrix_distributor.dialogue.commands import Inquiry
from matrix_distributor.dialogue.dialogue import Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.hostside.protocol import PUT
from matrix_distributor.hostside.scripts import put_script

from .entries import Cargo
from .quick import FACTS, SUM, quick_question
from .stream import Stream

IN_PLACE = b"\nput\n"
"""What put.pl says when the file is in its place: a program of that name may end with 0 and be another."""


def put_command(cargo: Cargo, stream: Stream, *, sudo: bool) -> Inquiry | None:
    """The question, and the file for a host that has other content there; None where that cannot be said so shortly."""
    if cargo.tree:
        return None
    question = quick_question(cargo, sudo=sudo, otherwise=";exec perl")
    if question is None:
        return None
    (entry,) = cargo.entries
    owner = (entry.owner, "" if cargo.chosen_owner else "1")
    words = (cargo.base, entry.name, f"{entry.mode:o}", *owner, entry.digest)

    def answer(told: bytes) -> Iterable[bytes] | None:
        if not told.endswith(b"\n") or FACTS.fullmatch(told):
            return None
        return _sent(words, stream) if SUM.fullmatch(told) else ()

    return Inquiry(question.line, answer, limit=SMALL_ANSWER)


def _sent(words: tuple[str, ...], stream: Stream) -> Iterable[bytes]:
    content = stream.content()
    yield put_script((*words, "1" if content.packed else ""))
    yield from content


def dealt_with(reply: Reply) -> bool:
    """Whether put.pl did it, or said why not. Else there is no perl, or it left the file to the long way."""
    meaning = PUT.meaning(reply)
    return is_put(reply) or (meaning is not None and meaning.name != "other")


def is_put(reply: Reply) -> bool:
    """Whether the file is in its place."""
    return reply.status == 0 and IN_PLACE in reply.stdout
