"""Virtual hosts of httpd: what the roles of a host say of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.judged import restricted_of
from matrix_emitters.writing.quoting import Quoted
from matrix_emitters.writing.remark import literal, told
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host, Role, texts
from matrix_grammar.selectors import HostSet
from matrix_grammar.value_forms import VARIABLE

from .language import HTTPD

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

NAME: Final = "httpd.name"
PROXY: Final = "httpd.proxy"
ALLOW: Final = "httpd.allow"

_SERVER_NAME: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)


def virtual_host(scene: Scene, host: Host, role: Role) -> Mapping[str, object]:
    """What the template prints of a role: the first of its names is the server's, the others are aliases."""
    where = f"host {host.name} in role {role.name}"
    names = [_server_name(name, where) for name in texts(host.property(NAME, role.name) or ())]
    port = host.property("httpd.port", role.name) or 80
    if not re.fullmatch("[0-9]{1,5}", str(port), re.ASCII) or not 1 <= int(port) <= 65535:  # type: ignore[arg-type]
        raise EmitterError(f"{where}: httpd.port is {port!r:.40}, not a port")
    return {
        "address": HTTPD.literal(f"*:{port}"),
        "name": HTTPD.literal(names[0]),
        "aliases": [HTTPD.literal(name) for name in names[1:]],
        "root": _path(host, role, "httpd.root"),
        "environment": [*_environment(host, role)],
        "proxies": [*_proxies(scene, host, role)],
        "access": [
            {
                "path": literal(HTTPD, path, f"{where}: {ALLOW}"),
                "addresses": [HTTPD.literal(one) for host in hosts for one in host.addresses],
            }
            for path, hosts in access(scene, role, host)
        ],
        "includes": [
            literal(HTTPD, path, f"{where}: httpd.include")
            for path in texts(host.property("httpd.include", role.name) or ())
        ],
    }


def named(host: Host, roles: Iterable[Role]) -> Iterator[tuple[str, str, str]]:
    """What the virtual hosts of a host name that matrix.toml has to allow: who says it, the property, the value."""
    for role in roles:
        for key in restricted_of("httpd"):
            for value in texts(host.property(key, role.name) or ()):
                yield f"host {host.name} in role {role.name}", key, value


def _server_name(name: str, where: str) -> str:
    if not _SERVER_NAME.fullmatch(name) or len(name) > 253:
        raise EmitterError(f"{where}: {NAME} is {name!r:.60}, not the name of a server")
    return name


def _path(host: Host, role: Role, key: str) -> Quoted | None:
    value = host.property(key, role.name)
    if value is None:
        return None
    where = f"host {host.name} in role {role.name}: {key}"
    if isinstance(value, tuple) or not str(value).startswith("/"):
        raise EmitterError(f"{where} is {value!r:.60}, not an absolute path")
    return literal(HTTPD, value, where)


def _environment(host: Host, role: Role) -> Iterator[Quoted]:
    """Variables for programs behind the virtual host, from `httpd.env="NAME=value"`."""
    where = f"host {host.name} in role {role.name}: httpd.env"
    for given in texts(host.property("httpd.env", role.name) or ()):
        name, equals, value = given.partition("=")
        if not equals or not re.fullmatch(VARIABLE, name):
            raise EmitterError(f"{where} is {given!r:.60}; write NAME=value")
        yield HTTPD.join(" ", (HTTPD.literal(name), literal(HTTPD, value, where)))


def targets(scene: Scene, host: Host, role: Role) -> Iterator[tuple[str, Role]]:
    """What a virtual host hands on: the path, and the role behind it, from `httpd.proxy="/PATH ROLE"`.

    The longest path is first, since httpd takes the first one that a request starts with.
    """
    where = f"host {host.name} in role {role.name}: {PROXY}"
    for given in sorted(texts(host.property(PROXY, role.name) or ()), key=lambda text: -len(text.partition(" ")[0])):
        words = given.split(" ")
        if len(words) != 2 or not words[0].startswith("/"):
            raise EmitterError(f'{where} is {given!r:.60}; write "/PATH ROLE"')
        try:
            yield words[0], scene.fleet.role(words[1])
        except SelectorError as error:
            raise EmitterError(f"{where}: {told(error)}") from error


def _proxies(scene: Scene, host: Host, role: Role) -> Iterator[Quoted]:
    """The arguments of ProxyPass and ProxyPassReverse: the path is the same behind the balancer."""
    where = f"host {host.name} in role {role.name}: {PROXY}"
    for path, behind in targets(scene, host, role):
        yield HTTPD.join(" ", (literal(HTTPD, path, where), literal(HTTPD, f"balancer://{behind.name}{path}", where)))


def access(scene: Scene, role: Role, host: Host) -> Iterator[tuple[str, HostSet]]:
    """Which hosts may reach which path, from `httpd.allow="/PATH SELECTOR"`: all of them, out of service or not.

    The longest path is last, since httpd takes the last section that holds for a request.
    """
    where = f"host {host.name} in role {role.name}: {ALLOW}"
    for given in sorted(texts(host.property(ALLOW, role.name) or ()), key=lambda text: len(text.partition(" ")[0])):
        path, _, selector = given.partition(" ")
        if not path.startswith("/") or not selector.strip():
            raise EmitterError(f'{where} is {given!r:.60}; write "/PATH SELECTOR"')
        try:
            yield path, scene.fleet.select(selector)
        except SelectorError as error:
            raise EmitterError(f"{where}: {told(error)}") from error
