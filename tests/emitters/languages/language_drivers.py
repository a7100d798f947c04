"""The languages' interpreters, each with the driver that puts questions to its binding."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matrix_grammar import Fleet
from matrix_grammar.model import text

ASK = Path(__file__).parent / "ask"
LIST_ANSWERS = {"hosts", "serving", "roles", "groups", "sites", "addresses", "self_roles"}


class Unanswered(Exception):
    """What must fail in every language; `kind` is the name of the error."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def printed(*command: str, **environment: str) -> str:
    """What a program prints; it must print nothing as an error, and know nothing of this process's environment."""
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"], **environment},
    )
    assert ran.stderr == ""
    return ran.stdout


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


def everything(fleet: Fleet) -> list[Question]:
    """Every question about every host, role, group, site and property, and about names that are not there."""
    hosts = [host.name for host in fleet] + [
        fleet.hosts[0].name.upper(),
        fleet.hosts[0].fullname,
        "nobody",
        "",
        "no.body",
    ]
    roles = [*fleet.roles, "norole"]
    keys = [*fleet.index.properties, "nosuch"]
    sites = [*fleet.sites, "nowhere"]
    one = ["roles", "state", "reason", "in_service", "name", "address", "addresses", "fullname", "site", "rack", "note"]
    asked = [(name,) for name in ("hosts", "roles", "groups", "sites", "generation", "digest", "format")]
    asked += itertools.product(("serving",), [*roles, *fleet.groups])
    asked += itertools.product(("hosts",), [*roles, *fleet.groups])
    asked += itertools.product(("meaning",), roles)
    asked += itertools.product(one, hosts)
    asked += itertools.product(("state", "reason", "in_service", "is"), hosts, roles)
    asked += itertools.product(("get", "texts"), hosts, keys)
    asked += itertools.product(("get",), hosts, keys, ("fallback",))
    asked += itertools.product(("get_in", "texts_in"), hosts, roles, keys)
    asked += itertools.product(("role_get", "role_texts"), roles, keys)
    asked += itertools.product(("role_get",), roles, keys, ("",))
    asked += itertools.product(("role_get_at", "role_texts_at"), roles, sites, keys)
    return [Question(name, tuple(arguments)) for name, *arguments in asked]
