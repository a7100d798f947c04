"""`nginx`: an upstream for each role that asks for one (ngx_http_upstream_module), to include within `http`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from matrix_common.addresses import endpoint
from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import endpoint_address
from matrix_emitters.reflection.model.pool import Pool, PoolMember, pool_of, role_property, says
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.service import truth, whole
from matrix_emitters.writing.directive import Directive
from matrix_emitters.writing.quoting import Name, Quoted
from matrix_emitters.writing.remark import flagged, remark
from matrix_emitters.writing.templating import render
from matrix_grammar.value_forms import pattern_of

from .language import NGINX, parse_nginx

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

NGINX_METHOD: Final = pattern_of("nginx.method")

UPSTREAM: Final = "nginx.upstream"
NOBODY: Final = "127.0.0.1:9"
"""Where nothing listens (discard): nginx refuses an upstream without a server, so this one stands there as `down`."""

_METHODS: Final = {
    "rr": "", "wrr": "", "lc": "least_conn", "wlc": "least_conn", "sh": "ip_hash",
}  # fmt: skip
"""nginx's methods for the schedulers of LVS (ipvsadm(8)); without one it goes round by weight."""

_WITHOUT_BACKUP: Final = ("ip_hash", "hash", "random")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smhd]))+", re.ASCII)


class Nginx(Reflector):
    """Upstreams with their servers, weights, limits and method."""

    defaults: ClassVar[Configuration] = Configuration(
        "nginx", "nginx", "nginx", "/etc/nginx/conf.d/matrix-upstreams.conf",
        check="echo 'events {} http { include '%s'; }' >%s.http && "
        "(nginx -t -q -e stderr -g 'pid /dev/null;' -c %s.http; status=$?; rm -f %s.http; exit $status)",
        apply="nginx -t -q && nginx -s reload",
    )  # fmt: skip

    def text(self, scene: Scene) -> str:
        """The file."""
        return render(
            NGINX,
            "nginx.j2",
            {"upstreams": [_upstream(pool) for pool in _pools(scene)]},
            "matrix_emitters.reflection.kinds.nginx",
        )

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """Upstreams and members that are not those of the MATRIX, names given twice, upstreams without a member."""
        pools = list(_pools(scene))
        if not pools:
            here = f" and a host in site {scene.host.site}" if scene.host is not None and scene.host.site else ""
            yield Finding("error", f"no role has {UPSTREAM}{here}", f"write {UPSTREAM}=NAME on the header of a role")
        names = [_name(pool) for pool in pools]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Finding("error", f"two roles make the upstream {name}", f"give each its own {UPSTREAM}")
        written = {block.words[1]: _servers_of(block) for block in _upstreams(parse_nginx(text))}
        if written != {_name(pool): _expected(pool) for pool in pools}:
            yield Finding("error", "the servers of the text are not the members that the MATRIX says")
        for pool in pools:
            yield from pool.findings(f"upstream {_name(pool)}", "nginx answers 502")

    def serving(self, text: str) -> Mapping[str, frozenset[str]]:
        """Each upstream and the addresses of the servers that get traffic there."""
        return {
            block.words[1]: frozenset(
                endpoint_address(words[0])
                for words in _servers_of(block)
                if "down" not in words and "backup" not in words
            )
            for block in _upstreams(parse_nginx(text))
        }


def _pools(scene: Scene) -> Iterator[Pool]:
    """The pools of the roles that ask for an upstream, where they have hosts."""
    site = scene.host.site if scene.host is not None else None
    for role in scene.fleet.roles.values():
        if says(role, UPSTREAM) and role_property(role, UPSTREAM, site) is not None:
            pool = pool_of(scene, role)
            if pool is not None:
                yield pool


def _name(pool: Pool) -> Name:
    given = pool.one(UPSTREAM)
    try:
        return Name(given)
    except EmitterError as error:
        raise EmitterError(
            f"role {pool.role.name}: {UPSTREAM} is {given!r:.60}; a name has letters, digits, '_', '-' and '.'"
        ) from error


def _upstream(pool: Pool) -> Mapping[str, object]:
    members = [
        {"server": _server(pool, member), "remark": remark(NGINX, flagged(member.host, pool.role.name))}
        for member in pool.members
    ]
    method, sorry, keep = _method(pool), pool.one("sorry"), pool.one("nginx.keepalive")
    if sorry and method.startswith(_WITHOUT_BACKUP):
        raise EmitterError(f"role {pool.role.name}: nginx knows no sorry server with {method}")
    return {
        "name": _name(pool),
        "method": NGINX.trusted(method),
        "members": members,
        "nobody": None if _first_line(pool) else NGINX.literal(NOBODY),
        "sorry": NGINX.literal(sorry) if sorry else None,
        "keepalive": whole(keep, f"role {pool.role.name}: nginx.keepalive", 1) if keep else None,
    }


def _method(pool: Pool) -> str:
    """The method: `nginx.method`, else what `sched` is in nginx's words; empty: round robin."""
    where, given = f"role {pool.role.name}", pool.one("nginx.method")
    if given:
        if not re.fullmatch(NGINX_METHOD, given):
            raise EmitterError(
                f"{where}: nginx.method is {given!r:.60}; it may be round_robin, least_conn, ip_hash, random, "
                f"or hash $variable, or hash $variable consistent"
            )
        return "" if given == "round_robin" else given
    sched = pool.one("sched") or "rr"
    if sched not in _METHODS:
        raise EmitterError(f"{where}: nginx has nothing like sched={sched:.40}; say nginx.method")
    return _METHODS[sched]


def _server(pool: Pool, member: PoolMember) -> Quoted:
    """The words of a server. A weight of 0 is nobody's share in LVS; nginx knows none, so the server is `down`."""
    words = [endpoint(member.address, member.port), f"weight={member.weight}" if member.weight else "down"]
    where = f"host {member.host.name} in role {pool.role.name}"
    for key in ("max_fails", "max_conns"):
        value = member.host.property(f"nginx.{key}", pool.role.name)
        if value is not None:
            words.append(f"{key}={whole(value, f'{where}: nginx.{key}')}")
    timeout = member.host.property("nginx.fail_timeout", pool.role.name)
    if timeout is not None:
        if not _DURATION.fullmatch(str(timeout)):
            raise EmitterError(f"{where}: nginx.fail_timeout is {timeout!r:.40}, no duration such as 10s")
        words.append(f"fail_timeout={timeout}")
    if _is_backup(pool, member):
        if _method(pool).startswith(_WITHOUT_BACKUP):
            raise EmitterError(f"{where}: nginx knows no backup with {_method(pool)}")
        words.append("backup")
    return NGINX.trusted(" ".join(NGINX.literal(word) for word in words))


def _servers_of(block: Directive) -> list[tuple[str, ...]]:
    """The words of each server of an upstream."""
    return [one.words[1:] for one in block.all("server")]


def _expected(pool: Pool) -> list[tuple[str, ...]]:
    """The servers that an upstream must have."""
    servers = [tuple(_server(pool, member).split(" ")) for member in pool.members]
    nobody = [] if _first_line(pool) else [(NOBODY, "down")]
    sorry = [(pool.one("sorry"), "backup")] if pool.one("sorry") else []
    return [*servers, *nobody, *sorry]


def _first_line(pool: Pool) -> bool:
    """Whether there is a server that is not a backup: without one nginx refuses the upstream."""
    return not all(_is_backup(pool, member) for member in pool.members)


def _is_backup(pool: Pool, member: PoolMember) -> bool:
    value = member.host.property("nginx.backup", pool.role.name)
    where = f"host {member.host.name} in role {pool.role.name}"
    return value is not None and truth(value, f"{where}: nginx.backup")


def _upstreams(directives: Iterable[Directive]) -> Iterator[Directive]:
    """The upstream blocks of a configuration, whole or a fragment."""
    for directive in directives:
        if directive.words[0] == "upstream" and len(directive.words) == 2:
            yield directive
        elif directive.block and directive.words[0] == "http":
            yield from _upstreams(directive.block)
