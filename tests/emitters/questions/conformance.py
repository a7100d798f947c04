"""The conformance table: its fleets, its questions, and their answers by matrix_grammar itself.

A driver of a language puts all questions of one fleet to its binding at once and gives an answer for each; `answer`
says what each should be. `REFUSED` stands for the language's own way to fail on a name that it does not know.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from matrix_grammar import Fleet
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.model import Host, Value
from matrix_grammar.reading import load

HERE = Path(__file__).parent
GENERATION: Final = 41
FLEETS: Final = {
    "example": HERE.parents[2] / "examples/MATRIX",
    "odd": HERE / "odd.matrix",
    "idle": HERE / "idle.matrix",
    "thousand": HERE / "thousand.matrix",
}
SELVES: Final = {"example": "W104.example.jp", "odd": "if.elsewhere.net", "idle": "nobody", "thousand": "e001"}
"""What DSAS_SELF says while a fleet is asked: a full name, another domain, a host that is not there, a name."""

LISTS: Final = frozenset({"hosts", "serving", "roles", "groups", "sites", "addresses", "self_roles"})
TRUTHS: Final = frozenset({"is", "in_service"})
REFUSED: Final = "(refused)"

Answer = Value
"""A scalar of its own type, a tuple of them, or REFUSED."""


@dataclass(frozen=True)
class Question:
    fleet: str
    name: str
    arguments: tuple[str, ...]

    @property
    def is_list(self) -> bool:
        """Whether the answer is always a list; that of a `get` may be one."""
        return self.name in LISTS

    @property
    def is_truth(self) -> bool:
        return self.name in TRUTHS

    def __str__(self) -> str:
        return f"{self.fleet}: {shlex.join((self.name, *self.arguments))}"


@cache
def questions(fleet: str) -> tuple[Question, ...]:
    lines = (HERE / "table.txt").read_text(encoding="utf-8").splitlines()
    parted = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    words = [(name, shlex.split(rest)) for name, _, rest in parted]
    return tuple(Question(name, asked, tuple(rest)) for name, (asked, *rest) in words if name == fleet)


@cache
def fleet(name: str) -> Fleet:
    return load(FLEETS[name])


def answer(question: Question) -> Answer:
    """What matrix_grammar says."""
    try:
        return _Oracle(fleet(question.fleet), SELVES[question.fleet]).ask(question.name, *question.arguments)
    except (MatrixError, _Refusal):
        return REFUSED


class _Refusal(Exception):
    """The binding must fail: the property is not known, or has no value there, or the site is not known."""


class _Oracle:
    def __init__(self, fleet: Fleet, me: str) -> None:
        self.fleet = fleet
        self.me = me

    def ask(self, name: str, *arguments: str) -> Answer:
        found: Answer = getattr(self, f"ask_{name}")(*arguments)
        return found

    def ask_hosts(self, selector: str | None = None) -> Answer:
        return tuple(host.name for host in (self.fleet if selector is None else self.fleet.select(selector)))

    def ask_serving(self, name: str) -> Answer:
        if name in self.fleet.groups:
            return tuple(each for each in self.fleet.groups[name].hosts if self.fleet.host(each).in_service)
        return tuple(host.name for host in self.fleet.role(name).in_service)

    def ask_roles(self, host: str | None = None) -> Answer:
        return tuple(self.fleet.roles) if host is None else self.fleet.host(host).roles

    def ask_groups(self) -> Answer:
        return tuple(self.fleet.groups)

    def ask_sites(self) -> Answer:
        return self.fleet.sites

    def ask_state(self, host: str, role: str | None = None) -> Answer:
        found = self.fleet.host(host).state if role is None else self._host_in(host, role).state_in(role)
        return found.name if found else ""

    def ask_reason(self, host: str, role: str | None = None) -> Answer:
        found = self.fleet.host(host).state if role is None else self._host_in(host, role).state_in(role)
        return found.reason if found else ""

    def ask_in_service(self, host: str, role: str | None = None) -> Answer:
        if role is None:
            return self.fleet.host(host).in_service
        found = self._host_in(host, role)
        return role in found.roles and found.in_service_in(role)

    def ask_is(self, host: str, role: str) -> Answer:
        return role in self._host_in(host, role).roles

    def ask_name(self, host: str) -> Answer:
        return self.fleet.host(host).name

    def ask_address(self, host: str) -> Answer:
        return self.fleet.host(host).address

    def ask_addresses(self, host: str) -> Answer:
        return self.fleet.host(host).addresses

    def ask_fullname(self, host: str) -> Answer:
        return self.fleet.host(host).fullname

    def ask_site(self, host: str) -> Answer:
        return self.fleet.host(host).site or ""

    def ask_rack(self, host: str) -> Answer:
        return self.fleet.host(host).rack or ""

    def ask_note(self, host: str) -> Answer:
        return self.fleet.host(host).note

    def ask_meaning(self, role: str) -> Answer:
        return self.fleet.role(role).meaning

    def ask_get(self, host: str, key: str, default: str | None = None) -> Answer:
        return self._value(self.fleet.host(host).property(self._key(key)), default)

    def ask_get_in(self, host: str, role: str, key: str, default: str | None = None) -> Answer:
        return self._value(self._host_in(host, role).property(self._key(key), role), default)

    def ask_role_get(self, role: str, key: str, default: str | None = None) -> Answer:
        return self._value(self.fleet.role(role).property(self._key(key)), default)

    def ask_role_get_at(self, role: str, site: str, key: str, default: str | None = None) -> Answer:
        if site not in self.fleet.sites:
            raise _Refusal
        return self._value(self.fleet.role(role).property(self._key(key), site), default)

    def ask_self(self) -> Answer:
        return self._self().name

    def ask_self_roles(self) -> Answer:
        return self._self().roles

    def ask_generation(self) -> Answer:
        return GENERATION

    def ask_digest(self) -> Answer:
        return self.fleet.digest

    def ask_format(self) -> Answer:
        return 1

    def _self(self) -> Host:
        try:
            return self.fleet.host(self.me)
        except MatrixError:
            return self.fleet.host(self.me.partition(".")[0])

    def _host_in(self, host: str, role: str) -> Host:
        self.fleet.role(role)
        return self.fleet.host(host)

    def _key(self, key: str) -> str:
        set_anywhere = {name for host in self.fleet for name in (*host.properties, *host.defaults)}
        set_anywhere |= {name for host in self.fleet for tag in host.memberships for name in tag.properties}
        set_anywhere |= {
            name for role in self.fleet.roles.values() for part in role.sections for name in part.properties
        }
        if key not in set_anywhere and key not in self.fleet.property_types:
            raise _Refusal
        return key

    @staticmethod
    def _value(value: Value | None, default: str | None) -> Answer:
        if value is not None:
            return value
        if default is None:
            raise _Refusal
        return default
