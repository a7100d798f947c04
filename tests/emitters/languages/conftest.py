"""The languages' interpreters, put to the same questions; and what matrix_grammar answers to them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from conformance import GENERATION

from matrix_emitters import Artifact, build
from matrix_grammar import Fleet, Host, SelectorError, Value, text, texts

ASK = Path(__file__).parent / "ask"
LIST_ANSWERS = {"hosts", "serving", "roles", "groups", "sites", "addresses", "self_roles"}


class Unanswered(Exception):
    """What must fail in every language; `kind` is the name of the error."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass(frozen=True)
class Question:
    name: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


@dataclass(frozen=True)
class Language:
    """How its interpreter is called: with the driver, and the binding's file below the root."""

    name: str
    command: tuple[str, ...]
    path: str
    emitter: str
    selectors: bool = True
    spellings: bool = True

    def ask(self, root: Path, questions: Sequence[Question], **environment: str) -> list[object]:
        """The answers, in order; an error is an Unanswered. The program must print nothing else, on neither stream."""
        asked = [(q.name, self._is_list(q), q.arguments) for q in questions]
        ran = subprocess.run(
            [*self.command, str(root / self.path)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=60,
            cwd=root,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        )
        assert ran.stderr.decode() == ""
        assert ran.returncode == 0
        answers = json.loads(ran.stdout)
        return [Unanswered(re.split(r"\\|::", a["error"])[-1]) if "error" in a else a["answer"] for a in answers]

    def _is_list(self, question: Question) -> bool:
        return question.name in LIST_ANSWERS or "texts" in question.name

    def spelled(self, value: object) -> object:
        """How the language's answer looks as JSON. Perl has one scalar: true is 1, false 0, and a number its text."""
        if isinstance(value, list | tuple):
            return [self.spelled(item) for item in value]
        if self.name != "perl":
            return value
        if isinstance(value, bool):
            return str(int(value))
        return text(value) if isinstance(value, int | float | str) else value


LANGUAGES = {
    language.name: language
    for language in (
        Language("perl", ("perl", "-w", str(ASK / "ask.pl")), "etc/dsas.pl", "perl"),
        Language("php", ("php", "-d", "error_reporting=-1", "-d", "display_errors=stderr", str(ASK / "ask.php")),
                 "etc/dsas.d/Fleet.php", "php"),
        Language("python", (sys.executable, "-W", "error", str(ASK / "ask.py")), "etc", "python"),
        Language("ruby", ("ruby", "-w", str(ASK / "ask.rb")), "etc/dsas.rb", "ruby"),
        Language("javascript", ("node", str(ASK / "ask.js")), "etc/dsas.js", "javascript"),
        Language("json", (sys.executable, str(ASK / "ask_json.py")), "etc/dsas.json", "json", False, False),
    )
}  # fmt: skip


def write(artifacts: Sequence[Artifact], root: Path) -> None:
    for artifact in artifacts:
        path = root / artifact.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)


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


def expected(fleet: Fleet, question: Question) -> object:
    """The answer of matrix_grammar. Raises Unanswered."""
    answer = ANSWERS[question.name]
    return answer(fleet, *question.arguments)


def host_of(fleet: Fleet, name: str) -> Host:
    try:
        return fleet.host(name)
    except SelectorError as error:
        raise Unanswered("UnknownName") from error


def role_name(fleet: Fleet, name: str) -> str:
    if name not in fleet.roles:
        raise Unanswered("UnknownName")
    return name


def known(fleet: Fleet, key: str) -> str:
    if not fleet.index.knows_property(key):
        raise Unanswered("UnknownName")
    return key


def valued(value: Value | None, default: Sequence[str] = ()) -> object:
    if value is None and not default:
        raise Unanswered("NoValue")
    found = default[0] if value is None else value
    return list(found) if isinstance(found, tuple) else found


def select(fleet: Fleet, selector: str | None = None) -> list[str]:
    if selector is None:
        return [host.name for host in fleet]
    try:
        return list(fleet.select(selector).names)
    except SelectorError as error:
        codes = {diagnostic.code for diagnostic in error.diagnostics}
        raise Unanswered("SelectorError" if codes & {"M080", "M083", "M086"} else "UnknownName") from error


def serving(fleet: Fleet, name: str) -> list[str]:
    if name in fleet.roles:
        return [host.name for host in fleet.role(name).in_service]
    if name in fleet.groups:
        return [host for host in fleet.group(name).hosts if fleet.host(host).in_service]
    raise Unanswered("UnknownName")


def state(fleet: Fleet, name: str, role: str | None = None) -> tuple[str, str]:
    host = host_of(fleet, name)
    found = host.state if role is None else host.state_in(role_name(fleet, role))
    return ("", "") if found is None else (found.name, found.reason)


def in_service(fleet: Fleet, name: str, role: str | None = None) -> bool:
    host = host_of(fleet, name)
    if role is None:
        return host.in_service
    return role_name(fleet, role) in host.roles and host.in_service_in(role)


def get_in(fleet: Fleet, name: str, role: str, key: str) -> Value | None:
    return host_of(fleet, name).property(known(fleet, key), role_name(fleet, role))


def role_at(fleet: Fleet, role: str, site: str, key: str) -> Value | None:
    if site not in fleet.sites:
        raise Unanswered("UnknownName")
    return fleet.role(role_name(fleet, role)).property(known(fleet, key), site)


def spelled(value: Value | None) -> list[str]:
    if value is None:
        raise Unanswered("NoValue")
    return list(texts(value))


ANSWERS: dict[str, Callable[..., object]] = {
    "hosts": select,
    "serving": serving,
    "roles": lambda fleet, name=None: list(fleet.roles if name is None else host_of(fleet, name).roles),
    "groups": lambda fleet: list(fleet.groups),
    "sites": lambda fleet: list(fleet.sites),
    "state": lambda fleet, *asked: state(fleet, *asked)[0],
    "reason": lambda fleet, *asked: state(fleet, *asked)[1],
    "in_service": in_service,
    "is": lambda fleet, name, role: role_name(fleet, role) in host_of(fleet, name).roles,
    "name": lambda fleet, name: host_of(fleet, name).name,
    "address": lambda fleet, name: host_of(fleet, name).address,
    "addresses": lambda fleet, name: list(host_of(fleet, name).addresses),
    "fullname": lambda fleet, name: host_of(fleet, name).fullname,
    "site": lambda fleet, name: host_of(fleet, name).site or "",
    "rack": lambda fleet, name: host_of(fleet, name).rack or "",
    "note": lambda fleet, name: host_of(fleet, name).note,
    "meaning": lambda fleet, role: fleet.role(role_name(fleet, role)).meaning,
    "get": lambda fleet, name, key, *default: valued(host_of(fleet, name).property(known(fleet, key)), default),
    "get_in": lambda fleet, name, role, key, *default: valued(get_in(fleet, name, role, key), default),
    "role_get": lambda fleet, role, key, *default: valued(
        fleet.role(role_name(fleet, role)).property(known(fleet, key)), default
    ),
    "role_get_at": lambda fleet, role, site, key, *default: valued(role_at(fleet, role, site, key), default),
    "texts": lambda fleet, name, key: spelled(host_of(fleet, name).property(known(fleet, key))),
    "texts_in": lambda fleet, name, role, key: spelled(get_in(fleet, name, role, key)),
    "role_texts": lambda fleet, role, key: spelled(fleet.role(role_name(fleet, role)).property(known(fleet, key))),
    "role_texts_at": lambda fleet, role, site, key: spelled(role_at(fleet, role, site, key)),
    "generation": lambda fleet: GENERATION,
    "digest": lambda fleet: fleet.digest,
    "format": lambda fleet: 1,
}


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


@pytest.fixture
def question() -> type[Question]:
    return Question
