"""The way to a host: what ssh_config(5) says of it, joined with what the MATRIX says."""

from __future__ import annotations

import getpass
import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from paramiko.config import SSHConfig
from paramiko.ssh_exception import CouldNotCanonicalize, SSHException

from matrix_grammar import Judge, UntrustedError, trusted_here

from .dialogue import Target
from .options import SSHOptions, TransportError

DEEPEST = 8
"""Includes within includes, and jump hosts behind jump hosts, that are followed before it must be a circle."""

_Block = dict[str, Any]
"""A section of ssh_config as paramiko's parser gives it: `host` or `matches`, and `config`."""

DEFAULT_IDENTITIES = ("id_ed25519", "id_ecdsa", "id_rsa")


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to reach one host.

    `names` are those under which known_hosts is searched. `chosen_identities` tells keys that somebody named from
    those that merely lie in `~/.ssh`. `jump` is the host to go through.
    """

    target: Target
    host: str
    port: int
    user: str
    names: tuple[str, ...]
    known_hosts: tuple[Path, ...]
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
        path = options.config or Path("~/.ssh/config").expanduser()
        judge = Judge(trusted_here(), options.site or "")
        lines = list(_lines(path, judge, required=options.config is not None))
        config = SSHConfig()
        try:
            config.parse(StringIO("\n".join(lines)))
        except SSHException as error:
            raise TransportError(f"{path}: {error}") from error
        self._known: dict[Target, Route] = {}
        self._general: dict[int, _Block] = {}
        self._named: dict[str, dict[int, _Block]] = {}
        for index, block in enumerate(config._config):  # type: ignore[attr-defined]
            self._sort_in(index, block)

    def _sort_in(self, index: int, block: _Block) -> None:
        """Blocks for named hosts are found by name: else 1,000 hosts with a block each cost a million comparisons."""
        patterns = block.get("host")
        if patterns is None or any(pattern.startswith("!") for pattern in patterns):
            self._general[index] = block
            return
        wild = [pattern for pattern in patterns if any(sign in pattern for sign in "*?[")]
        if wild:
            self._general[index] = {**block, "host": wild}
        matched = {**block, "host": ["*"]}
        for name in set(patterns) - set(wild):
            self._named.setdefault(name, {})[index] = matched

    def to(self, target: Target) -> Route:
        """The way to a host of the MATRIX."""
        found = self._known.get(target)
        if found is None:
            found = self._known[target] = self._route(target, DEEPEST)
        return found if found.target.given_at == target.given_at else replace(found, target=target)

    def _route(self, target: Target, deepest: int, jumps: str | None = None) -> Route:
        if deepest == 0:
            raise TransportError(
                f"{target.name}: more than {DEEPEST} jump hosts behind each other: ProxyJump goes in a circle"
            )
        found = self._lookup(target)
        options = self._options
        host = found["hostname"]
        explicit_host = host != target.address
        port = _number(found.get("port"), target.name, "Port")
        if not explicit_host or port is None:
            port = target.port or port or 22
        jumps = found.get("proxyjump") if jumps is None else jumps
        jump = None
        if jumps and jumps.lower() != "none":
            jump = self._jump(jumps, deepest)
        files = [str(path) for path in options.identities] + list(found.get("identityfile", ()))
        identities = [Path(file).expanduser() for file in files if file.lower() != "none"]
        chosen = bool(files)
        if not chosen:
            folder = Path("~/.ssh").expanduser()
            identities = [folder / name for name in DEFAULT_IDENTITIES]
        alias = found.get("hostkeyalias")
        timeout = _number(found.get("connecttimeout"), target.name, "ConnectTimeout")
        return Route(
            target=target,
            host=host,
            port=port,
            user=options.user or target.user or found.get("user") or getpass.getuser(),
            names=(alias,) if alias else tuple(dict.fromkeys((host, target.name))),
            known_hosts=options.known_hosts or _known_hosts_files(found),
            identities=tuple(dict.fromkeys(identities)),
            chosen_identities=chosen,
            identities_only=found.get("identitiesonly", "no").lower() == "yes",
            identity_agent=found.get("identityagent"),
            connect_timeout=float(timeout) if timeout else None,
            proxy_command=None if jump else found.get("proxycommand"),
            jump=jump,
        )

    def _jump(self, jumps: str, deepest: int) -> Route:
        *earlier, last = [hop.strip() for hop in jumps.split(",")]
        match = re.fullmatch(r"(?:ssh://)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?/?", last)
        if match is None:
            raise TransportError(f"ProxyJump {jumps}: not of the form [user@]host[:port]")
        user, host, port = match.groups()
        host = host.strip("[]")
        hop = Target(host, host, int(port) if port else None, user)
        return self._route(hop, deepest - 1, ",".join(earlier) if earlier else None)

    def _lookup(self, target: Target) -> dict[str, Any]:
        blocks = self._general | self._named.get(target.name, {})
        config = SSHConfig()
        # The first value counts, so the address of the MATRIX goes last: an explicit HostName wins over it.
        config._config = [  # type: ignore[attr-defined]
            *(blocks[index] for index in sorted(blocks)),
            {"host": ["*"], "config": {"hostname": target.address}},
        ]
        try:
            return dict(config.lookup(target.name))
        except (CouldNotCanonicalize, SSHException, KeyError, ValueError) as error:
            raise TransportError(f"ssh_config for {target.name}: {error}") from error


def _known_hosts_files(found: dict[str, Any]) -> tuple[Path, ...]:
    user = found.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")
    system = found.get("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")
    words = [*_words(user), *_words(system)]
    return tuple(Path(word).expanduser() for word in words if word not in ("none", "/dev/null"))


def _words(text: str) -> list[str]:
    """Several paths in one value, each perhaps in double quotes; or one alone, its quotes gone already."""
    if Path(text).is_file():
        return [text]
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', text)]


def _number(text: str | None, name: str, keyword: str) -> int | None:
    if text is None or text.lower() == "none":
        return None
    if not text.isdecimal():
        raise TransportError(f"ssh_config for {name}: {keyword} {text} is no number")
    return int(text)


def _lines(path: Path, judge: Judge, *, required: bool, deepest: int = DEEPEST) -> Iterator[str]:
    """The lines of an ssh_config with its Includes in place, which paramiko's parser leaves alone."""
    if deepest == 0:
        raise TransportError(f"{path}: Include goes in a circle")
    try:
        content, verdict = judge.read(path)
        verdict.insist()  # it can name programs: Match exec, ProxyCommand
    except UntrustedError as error:
        raise TransportError(str(error)) from error
    except FileNotFoundError as error:
        if required:
            raise TransportError(f"{path}: there is no such ssh_config") from error
        return
    except OSError as error:
        raise TransportError(f"{path}: cannot be read: {error.strerror}") from error
    for line in content.decode("utf-8", "replace").splitlines():
        match = re.fullmatch(r"\s*include[\s=]+(.*?)\s*", line, re.IGNORECASE)
        if match is None:
            yield line
            continue
        for pattern in match[1].split():
            place = os.path.join(Path("~/.ssh").expanduser(), os.path.expanduser(pattern.strip('"')))
            for included in sorted(glob.glob(place)):
                yield from _lines(Path(included), judge, required=True, deepest=deepest - 1)
