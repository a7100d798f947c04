"""A variable that was never set must not turn a question about one host into one about all, or into another."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conformance import fleet

QUESTIONS = (
    "roles(-)", "hosts(-)", "serving(-)", "address(-)", "meaning(-)", "state(-)", "is('w101', -)", "get('w101', -)",
    "get_in('w101', -, 'os')", "role_get(-, 'vip')", "role_get_at('ps', -, 'vip')", "texts_in('w101', -, 'os')",
    "role_texts_at('ps', -, 'vip')",
)  # fmt: skip
WITH_OPTIONAL_ROLE = ("state('w101', -)", "reason('w101', -)", "in_service('w101', -)")
PROGRAMS = {
    "perl": ("sub {{ DSAS::{} }}", "my $unset; require '{root}/etc/dsas.pl';"
             " for my $ask ({asked}) {{ print eval {{ $ask->(); 1 }} ? 'answered' : '.' }}"),
    "php": ("fn() => $fleet->{}", "require '{root}/etc/dsas.d/Fleet.php'; $fleet = DSAS\\Fleet::load(); $unset = null;"
            " foreach ([{asked}] as $ask) try {{ $ask(); echo 'answered'; }} catch (TypeError $e) {{ echo '.'; }}"),
    "python": ("lambda: dsas.{}", "import sys; sys.path.append('{root}/etc'); import dsas; unset = None\n"
               "for ask in ({asked}):\n try: ask(); print('answered')\n"
               " except (dsas.DsasError, AttributeError, TypeError): print('.', end='')"),
    "ruby": ("-> {{ DSAS.{} }}", "require '{root}/etc/dsas.rb'; unset = nil; [{asked}].each do |ask|"
             " ask.call; print 'answered'; rescue DSAS::Error, NoMethodError; print '.'; end"),
    "javascript": ("() => dsas.{}", "const dsas = require('{root}/etc/dsas.js'); let unset;"
                   " for (const ask of [{asked}]) try {{ ask(); console.log('answered'); }} catch (error)"
                   " {{ if (!(error instanceof dsas.DsasError)) throw error; process.stdout.write('.'); }}"),
}  # fmt: skip
RUN = {
    "perl": ["perl", "-e"],
    "php": ["php", "-r"],
    "python": [sys.executable, "-B", "-c"],
    "ruby": ["ruby", "-w", "-e"],
    "javascript": ["node", "-e"],
}


def spelled(question: str, language: str) -> str:
    """The question with an unset variable, as the language writes it."""
    name, _, arguments = question.partition("(")
    if language in ("php", "javascript"):
        head, *tail = name.split("_")
        name = head + "".join(word.title() for word in tail)
    names = {"python": {"is": "has_role"}, "ruby": {"is": "is?", "in_service": "in_service?"}}
    name = names.get(language, {}).get(name, name)
    return f"{name}({arguments}".replace("-", "$unset" if language in ("perl", "php") else "unset")


@pytest.mark.parametrize("language", PROGRAMS)
def test_an_unset_variable_is_an_error(language, languages, install):
    root = install(fleet("example"), languages[language].emitter)
    asking, program = PROGRAMS[language]
    questions = QUESTIONS + (WITH_OPTIONAL_ROLE if language in ("perl", "javascript") else ())
    asked = ", ".join(asking.format(spelled(question, language)) for question in questions)
    ran = subprocess.run(
        [*RUN[language], program.format(root=root, asked=asked)],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"]},
    )
    assert (ran.stdout, ran.stderr) == ("." * len(questions), "")
