"""`httpd`: virtual hosts of the roles a host is in, balancers behind them, access by role, what is the host's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.allowed_texts import findings as not_allowed
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.pool import Pool, pool_of, says
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.writing.directive import Directive
from matrix_emitters.writing.quoting import Quoted
from matrix_emitters.writing.templating import render
from matrix_grammar.model import Host, Role, binding_name
from matrix_grammar.selectors import HostSet

from .language import HTTPD, parse_httpd
from .pools import balancer, balancers, expected, findings, traffic, url
from .sites import NAME, access, named, targets, virtual_host

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

_NUMBERS: Final = {"httpd.max_workers": "MaxRequestWorkers", "httpd.timeout": "Timeout"}
"""Per-host settings of the server, and their directives."""


class Httpd(Reflector):
    """A file for each host, to be included in httpd's own configuration."""

    defaults: ClassVar[Configuration] = Configuration(
        "httpd", "httpd", "httpd", "/etc/apache2/conf-enabled/matrix.conf",
        check='apache2ctl -t -c "Include "%s', apply="apache2ctl -t && apache2ctl graceful",
    )  # fmt: skip

    def text(self, scene: Scene) -> str:
        """The file."""
        host = _host(scene)
        context = {
            "defines": [*_defines(host)],
            "settings": [*_server_settings(host)],
            "balancers": [balancer(pool) for pool in _pools(scene, host).values()],
            "sites": [virtual_host(scene, host, role) for role in _roles(scene, host)],
        }
        return render(HTTPD, "httpd.j2", context, "matrix_emitters.reflection.kinds.httpd")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """Members and accesses that are not those of the MATRIX, names served twice, weights beyond httpd's."""
        host, tree = _host(scene), parse_httpd(text)
        pools = _pools(scene, host)
        written = {one.words[1]: [member.words[1:] for member in one.all("BalancerMember")] for one in balancers(tree)}
        if written != {url(pool): expected(pool) for pool in pools.values()}:
            yield Finding("error", "the members of the text are not those that the MATRIX says")
        for pool in pools.values():
            yield from findings(pool)
        sites = [one for one in tree if one.words[0] == "VirtualHost"]
        yield from _of_access(sites, [rule for role in _roles(scene, host) for rule in access(scene, role, host)])
        yield from _of_names(sites)
        yield from not_allowed(scene.entry.allowed, named(host, _roles(scene, host)))
        if not sites:
            yield Finding("warning", f"no role of {host.name} has {NAME}: there is no virtual host", hosts=(host.name,))

    def serving(self, text: str) -> Mapping[str, frozenset[str]]:
        """Each balancer and the members that get traffic there."""
        return {one.words[1]: traffic(one) for one in balancers(parse_httpd(text))}


def _of_access(sites: Iterable[Directive], allowed: Iterable[tuple[str, HostSet]]) -> Iterator[Finding]:
    """Addresses that are let in and should not be, or the other way round."""
    written = [
        (location.words[1], [one.words[2] for one in within.all("Require") if one.words[1] == "ip"])
        for site in sites
        for location in site.all("Location")
        for within in location.all("RequireAny")
    ]
    if written != [(path, [address for host in hosts for address in host.addresses]) for path, hosts in allowed]:
        yield Finding("error", "the addresses that the text lets in are not those that the MATRIX says")
    for name in dict.fromkeys(host.name for _, hosts in allowed for host in hosts if not host.addresses):
        yield Finding("warning", f"{name} has no address, so that it is not let in", hosts=(name,))


def _of_names(sites: Iterable[Directive]) -> Iterator[Finding]:
    """Names of more than one virtual host: httpd would answer with the first of them."""
    served: Counter[tuple[str, str]] = Counter()
    for site in sites:
        names = {
            name.lower() for key in ("ServerName", "ServerAlias") for one in site.all(key) for name in one.words[1:]
        }
        served.update((site.words[1], name) for name in names)
    for (port, name), times in served.items():
        if times > 1:
            message = f"{times} virtual hosts on {port} are called {name}"
            yield Finding("error", message, f"give each role its own {NAME}")


def _host(scene: Scene) -> Host:
    if scene.host is None:
        raise EmitterError(
            f"reflect.{scene.entry.name}.each: a configuration of httpd is one host's; it cannot be false"
        )
    return scene.host


def _roles(scene: Scene, host: Host) -> list[Role]:
    """The roles of the host that are virtual hosts: a name that a role has from its parent is the parent's."""
    roles = [scene.fleet.roles[name] for name in host.roles if host.property(NAME, name) is not None]
    return [role for role in roles if says(role, NAME)]


def _defines(host: Host) -> Iterator[Quoted]:
    """Who the host is, for `${MATRIX_HOST}` and `<IfDefine MATRIX_ROLE_PS>` in the site's own files."""
    facts = {"HOST": host.name, "ADDRESS": host.address, "SITE": host.site, "RACK": host.rack}
    for name, value in facts.items():
        if value:
            yield _line(f"MATRIX_{name}", value)
    for role in host.roles:
        yield _line(f"MATRIX_ROLE_{binding_name(role)}")


def _server_settings(host: Host) -> Iterator[Quoted]:
    """Settings of the whole server that differ from host to host: the host's, its roles' or `@default`'s value."""
    for key, directive in _NUMBERS.items():
        values = {value for role in (None, *host.roles) if (value := host.property(key, role)) is not None}
        if len(values) > 1:
            raise EmitterError(
                f"host {host.name}: its roles give {len(values)} values of {key}; write one on its own line"
            )
        for value in values:
            if not re.fullmatch("[0-9]{1,7}", str(value), re.ASCII):
                raise EmitterError(f"host {host.name}: {key} is {value!r:.40}, not a whole number")
            yield _line(directive, str(value))


def _pools(scene: Scene, host: Host) -> Mapping[str, Pool]:
    """The pools behind the host's virtual hosts, by role."""
    found: dict[str, Pool] = {}
    for role in _roles(scene, host):
        for _, behind in targets(scene, host, role):
            pool = found.get(behind.name) or pool_of(scene, behind)
            if pool is None:
                raise EmitterError(
                    f"role {role.name} hands on to {behind.name}, which has no host in site {host.site}; "
                    f"pool.scope=all on [{behind.name}] takes those of all sites"
                )
            found[behind.name] = pool
    return found


def _line(*words: str) -> Quoted:
    return HTTPD.join(" ", map(HTTPD.literal, words))
