from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from conformance import FLEETS, REFUSED, SELVES, Answer, Question, answer, questions
from matrix_parts import require
from shells import SHELLS, run, source

from matrix_grammar.model import texts

VARIABLES = {"generation": "DSAS_GENERATION", "digest": "DSAS_DIGEST", "format": "DSAS_FORMAT"}


def command(question: Question) -> str:
    if question.name in VARIABLES:
        return f'echo "${VARIABLES[question.name]}"'
    return shlex.join((f"dsas_{question.name}", *question.arguments))


def expected(question: Question, wanted: Answer) -> tuple[int, str]:
    """Status and output: lists one item a line, truths as a status alone, 2 where a predicate cannot be answered."""
    if wanted == REFUSED:
        return (2 if question.is_truth else 1), ""
    if question.is_truth:
        return (0 if wanted else 1), ""
    lines = "\n".join(texts(wanted))
    return 0, "" if question.is_list and not wanted else lines + "\n"


def parted(output: str) -> list[tuple[str, str]]:
    found = re.findall(r"(.*?)^@@ (\d*)\n", output, re.DOTALL | re.MULTILINE)
    return [(status, text) for text, status in found]


@pytest.mark.parametrize("fleet", FLEETS)
@pytest.mark.parametrize("shell", SHELLS)
def test_answers_every_question_as_the_grammar_does(shell: str, fleet: str, placed: Callable[..., Path]) -> None:
    require(SHELLS[shell][0])
    asked = questions(fleet)
    lines = [f"{command(question)} && s=0 || s=$?; echo @@ $s; echo @@ $s >&2" for question in asked]
    script = "set -eu\n" + source(placed(fleet, "sh")) + "\n".join(lines)
    status, output, errors = run(shell, script, {"DSAS_SELF": SELVES[fleet]})
    assert status == 0, errors
    replies, complaints = parted(output), parted(errors)
    assert len(replies) == len(complaints) == len(asked)
    wrong = []
    for question, (code, text), (_, complaint) in zip(asked, replies, complaints, strict=True):
        wanted = answer(question)
        if (int(code), text) != expected(question, wanted):
            wrong.append(f"{question}: status {code}, {text!r}, not {expected(question, wanted)}")
        if bool(re.fullmatch(r"dsas: .+\n", complaint)) is not (wanted == REFUSED) or complaint.count("\n") > 1:
            wrong.append(f"{question}: said {complaint!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("shell", SHELLS)
def test_dsas_ask_gives_the_same_answers_without_printing(shell: str, placed: Callable[..., Path]) -> None:
    require(SHELLS[shell][0])
    asked = [each for each in questions("odd") if each.name not in VARIABLES and not each.is_truth]
    lines = [
        f"dsas_ask {shlex.join((each.name, *each.arguments))} && s=0 || s=$?; print_reply; echo @@ $s" for each in asked
    ]
    printing = "print_reply() { case $DSAS_REPLY in ?*) cat <<E\n$DSAS_REPLY\nE\n;; esac; }\n"
    script = "set -eu\n" + source(placed("odd", "sh")) + printing + "\n".join(lines)
    status, output, errors = run(shell, script, {"DSAS_SELF": SELVES["odd"]})
    assert status == 0, errors
    for each, (code, text) in zip(asked, parted(output), strict=True):
        wanted = expected(each, answer(each))
        assert (int(code), text) == (wanted[0], "" if wanted[1] == "\n" else wanted[1]), str(each)
