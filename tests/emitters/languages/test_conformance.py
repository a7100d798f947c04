from __future__ import annotations

import conformance
import pytest
from language_drivers import Question


@pytest.mark.parametrize("name", conformance.FLEETS)
def test_the_table_is_answered_as_the_grammar_answers_it(language, name, install):
    fleet = conformance.fleet(name)
    questions = [q for q in conformance.questions(name) if language.selectors or not is_selector(q, fleet)]
    root = install(fleet, language.emitter)
    asked = [Question(q.name, q.arguments) for q in questions]
    answers = language.ask(root, asked, DSAS_SELF=conformance.SELVES[name])
    wrong = []
    for asked_question, answer in zip(questions, answers, strict=True):
        right = conformance.answer(asked_question)
        if isinstance(answer, Exception) or right == conformance.REFUSED:
            agree = isinstance(answer, Exception) and right == conformance.REFUSED
        else:
            agree = answer == language.spelled(right)
        if not agree:
            wrong.append(f"{asked_question}: {answer!r}, should be {right!r}")
    assert len(questions) >= 10
    assert not wrong, "\n".join(wrong)


def is_selector(question, fleet) -> bool:
    """Whether a language without selectors cannot answer it: it names hosts by more than one role or group."""
    return (
        question.name == "hosts"
        and bool(question.arguments)
        and question.arguments[0] not in (*fleet.roles, *fleet.groups)
    )
