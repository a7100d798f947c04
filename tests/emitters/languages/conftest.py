"""Bindings below private roots, and the comparison of their answers with those of matrix_grammar."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from conformance import GENERATION

from matrix_emitters.artifacts import Artifact
from matrix_emitters.bindings import build
from matrix_grammar import Fleet

sys.path.insert(0, str(Path(__file__).parent))

from grammar_answers import expected
from language_drivers import LANGUAGES, Language, Question, Unanswered


def write(artifacts: Sequence[Artifact], root: Path) -> None:
    for artifact in artifacts:
        path = root / artifact.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)


def compared(language: Language, fleet: Fleet, questions: Sequence[Question], root: Path) -> None:
    """Puts all questions to a language in one process and compares every answer with that of matrix_grammar."""
    asked = [q for q in questions if language.spellings or "texts" not in q.name]
    answers = language.ask(root, asked)
    wrong = []
    for question, answer in zip(asked, answers, strict=True):
        try:
            right = expected(fleet, question)
        except Unanswered as error:
            right = error
        if isinstance(right, Unanswered) and isinstance(answer, Unanswered):
            if language.name not in ("perl", "json") and right.kind != answer.kind:
                wrong.append(f"{question}: fails with {answer.kind}, should with {right.kind}")
        elif answer != language.spelled(right):
            wrong.append(f"{question}: {answer!r}, should be {right!r}")
    assert not wrong, f"{len(wrong)} of {len(asked)} answers: " + "\n".join(wrong[:10])


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> Language:
    found = LANGUAGES[request.param]
    assert shutil.which(found.command[0]), f"{found.command[0]} is not installed"
    return found


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[[Fleet, str], Path]]:
    """Writes the files of one emitter below a private root; afterwards nothing else may have appeared there."""
    written: set[str] = set()

    def installed(fleet: Fleet, emitter: str) -> Path:
        artifacts = build(fleet, GENERATION, only=[emitter])
        write(artifacts, tmp_path)
        written.update(artifact.path.lstrip("/") for artifact in artifacts)
        return tmp_path

    yield installed
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == written


@pytest.fixture
def agrees(install: Callable[[Fleet, str], Path]) -> Callable[[Language, Fleet, Sequence[Question]], None]:
    """Installs a fleet for a language, and compares its answers with those of matrix_grammar."""
    return lambda language, fleet, questions: compared(language, fleet, questions, install(fleet, language.emitter))


@pytest.fixture
def compare() -> Callable[[Language, Fleet, Sequence[Question], Path], None]:
    """The same below a given root."""

    def written(language: Language, fleet: Fleet, questions: Sequence[Question], root: Path) -> None:
        write(build(fleet, GENERATION, only=[language.emitter]), root)
        compared(language, fleet, questions, root)

    return written


@pytest.fixture
def languages() -> dict[str, Language]:
    return LANGUAGES
