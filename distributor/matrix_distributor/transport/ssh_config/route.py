"""The way to a host: what ssh_config(5) says of it, joined with what the MATRIX says."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from matrix_common.paths import at_home
from matrix_common.trust import Judge, trusted_here
from matrix_distributor.dialogue.dialogue import Target
from matrix_distributor.transport.options import SSHOptions, TransportError

from .file import ConfigFile, Setting, read_config
from .lookup import Lookup, lower_host
from .overlooked import files_of, overlooked
from .tokens import tokens_of_files, tokens_of_way
from .values import Hop

DEEPEST = 8
"""Jump hosts behind jump hosts that are followed before it must be a circle."""

DEFAULT_IDENTITIES = ("id_ed25519", "id_ecdsa", "id_rsa")


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to reach one host.

    `names` are those under which known_hosts is searched. With `keeps_new` new keys are added
    to the first of these files; ssh_config may want none kept. `chosen_identities` tells keys that somebody named from
    those that merely lie in `~/.ssh`. `jump` is the host to go through.
    """

    target: Target
    host: str
    port: int
    user: str
    names: tuple[str, ...]
    known_hosts: tuple[Path, ...]
    keeps_new: bool
    identities: tuple[Path, ...]
    chosen_identities: bool
    identities_only: bool
    identity_agent: str | None
    connect_timeout: float | None
    proxy_command: str | None
    jump: Route | None

    @property
    def key(self) -> tuple[str, str, int, str, Route | None]:
        """What makes two routes the same connection."""
        return (self.target.name.lower(), self.host, self.port, self.user, self.jump)


class Routes:
    """An ssh_config, parsed once. Raises TransportError when it cannot be used."""

    def __init__(self, options: SSHOptions) -> None:
        self._options = options
        path = options.config or at_home("~/.ssh/config")
        judge = Judge(trusted_here(), options.site or "")
        self._config = read_config(path, judge, required=options.config is not None)
        self._local_user = _local_user()
        self._known: dict[Target, Route] = {}

    def to(self, target: Target) -> Route:
        """The way to a host of the MATRIX."""
        found = self._known.get(target)
        if found is None:
            found = self._known[target] = self._route(target, DEEPEST)
        return found if found.target.given_at == target.given_at else replace(found, target=target)

    @cached_property
    def _files(self) -> list[ConfigFile]:
        return list(files_of(self._config))

    def overlooked(self, target: Target, host: str) -> str:
        """A block that is for the address (of the MATRIX, or `host`) and not for the name; see `overlooked`."""
        return overlooked(self._files, target.name, dict.fromkeys((target.address, host)))

    def _route(self, target: Target, deepest: int, before: tuple[Hop, ...] | None = None) -> Route:
        if deepest == 0:
            raise TransportError(
                f"{target.name}: more than {DEEPEST} jump hosts behind each other: ProxyJump goes in a circle"
            )
        options = self._options
        found = Lookup(self._config, target.name, options.user or target.user, self._local_user)
        if (revoked := found.value("revokedhostkeys", "none")).lower() != "none":
            raise TransportError(
                f"{found.where('revokedhostkeys')}: RevokedHostKeys {revoked} is not supported here:"
                " write these keys into known_hosts, each line with @revoked before it"
            )
        address = lower_host(target.address)
        host = found.host or address
        port = found.value("port")
        if host == address or port is None:
            port = target.port or port or 22
        user = options.user or target.user or found.value("user") or self._local_user
        alias = found.value("hostkeyalias", "").lower()
        way = tokens_of_way(host, target.name, port, user)
        tokens = tokens_of_files(way, alias, self._local_user)
        if before is None:
            before = tuple(_expanded_hops(found, way))
        jump = self._jump(before, deepest) if before else None
        identities = [*options.identities, *_identities(found, tokens)]
        chosen = bool(options.identities or found.identities)
        if not chosen:
            identities = [at_home("~/.ssh") / name for name in DEFAULT_IDENTITIES]
        known_hosts, keeps_new = _known_hosts_files(found, tokens)
        if options.known_hosts:
            known_hosts, keeps_new = options.known_hosts, True
        return Route(
            target=target,
            host=host,
            port=port,
            user=user,
            names=(alias,) if alias else tuple(dict.fromkeys((host, target.name))),
            known_hosts=known_hosts,
            keeps_new=keeps_new,
            identities=tuple(dict.fromkeys(identities)),
            chosen_identities=chosen,
            identities_only=found.value("identitiesonly", False),
            identity_agent=_agent(found, tokens),
            connect_timeout=float(seconds) if (seconds := found.value("connecttimeout")) else None,
            proxy_command=None if jump else _proxy_command(found, way),
            jump=jump,
        )

    def _jump(self, hops: tuple[Hop, ...], deepest: int) -> Route:
        *earlier, (user, host, port) = hops
        return self._route(Target(host, host, port, user), deepest - 1, tuple(earlier) or None)


def _expanded_hops(found: Lookup, tokens: dict[str, object]) -> Iterator[Hop]:
    setting = found.setting("proxyjump")
    for user, host, port in found.value("proxyjump", ()):
        assert setting is not None
        if (user, host.lower(), port) == (None, "none", None):
            raise TransportError(
                f"{setting.where}: ProxyJump: a jump host of the name none, as ssh understands this too:"
                " to have no jump host write ProxyJump none alone in its line, without a comment"
            )
        yield user and found.expanded(setting, user, tokens), found.expanded(setting, host, tokens), port


def _proxy_command(found: Lookup, tokens: dict[str, object]) -> str | None:
    setting = found.setting("proxycommand")
    if setting is None or str(setting.value).lower() == "none":
        return None
    return found.expanded(setting, str(setting.value), tokens)


def _identities(found: Lookup, tokens: dict[str, object]) -> Iterator[Path]:
    for setting in found.identities:
        if str(setting.value).lower() != "none":
            yield _path(found, setting, str(setting.value), tokens)


def _agent(found: Lookup, tokens: dict[str, object]) -> str | None:
    setting = found.setting("identityagent")
    if setting is None or setting.value in ("none", "SSH_AUTH_SOCK"):
        return None if setting is None else str(setting.value)
    path = str(setting.value)
    if path.startswith("$") and not path.startswith("${"):  # the name of a variable, as OpenSSH had it first
        return os.environ.get(path[1:], "none")
    return str(_path(found, setting, path, tokens))


def _known_hosts_files(found: Lookup, tokens: dict[str, object]) -> tuple[tuple[Path, ...], bool]:
    """The files to search, and whether new keys are kept: in the first of the user, never in one of the system."""
    users = found.setting("userknownhostsfile") or Setting(
        "userknownhostsfile", ("~/.ssh/known_hosts", "~/.ssh/known_hosts2"), ""
    )
    system = found.value("globalknownhostsfile", ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"))
    assert isinstance(users.value, tuple)
    own = [_path(found, users, str(word), tokens) for word in users.value if str(word).lower() != "none"]
    theirs = [at_home(word) for word in system if word.lower() != "none"]
    keeps = bool(own) and own[0] != Path(os.devnull)
    return tuple(path for path in (*own, *theirs) if path != Path(os.devnull)), keeps


def _path(found: Lookup, setting: Setting, text: str, tokens: dict[str, object]) -> Path:
    return at_home(found.expanded(setting, text, tokens, environment=True))


def _local_user() -> str:
    """The name of who runs this; of a uid without one its number, as which hardly any host knows a user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
