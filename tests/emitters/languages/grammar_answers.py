"""What matrix_grammar answers to the questions of the bindings, and the name of the error where it must fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance import GENERATION
from language_drivers import Question, Unanswered

from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host, Value, texts


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
