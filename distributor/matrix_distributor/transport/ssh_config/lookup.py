"""What an ssh_config says of one host: its blocks in order, the first value of each keyword (ssh_config(5))."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
from typing import Any

from matrix_distributor.transport.options import TransportError

from .file import ConfigFile, Criterion, Setting
from .patterns import pattern_list_matches
from .tokens import expand, tokens_of_files, tokens_of_way

PATIENCE = 30.0
"""Seconds that the program of a `Match exec` may take."""


class Lookup:
    """The settings of one host, by its `name` and for `user` where one is given already, as `ssh user@name` has it.

    `local_user` is who runs this. Raises TransportError, with the line, for what cannot be used.
    """

    def __init__(self, config: ConfigFile, name: str, user: str | None, local_user: str) -> None:
        self._name, self._local_user = name, local_user
        self._user = user
        self._found: dict[str, Setting] = {}
        self.identities: list[Setting] = []
        self._host, self._final = name, False
        self._walk(config)
        explicit = self._found.get("hostname")
        self._host = lower_host(self._named_host())
        self.host = self._host if explicit is not None else None
        if self._canonicalized() or config.wants_final_pass():
            # OpenSSH reads all of it once more, for the host as it is called by now; what was found stays.
            self._found.setdefault("hostname", Setting("hostname", self._host, ""))
            self._final = True
            self._walk(config)

    def value(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword; the default where nothing sets it."""
        setting = self._found.get(keyword)
        return default if setting is None else setting.value

    def where(self, keyword: str) -> str:
        """Where that value stands."""
        return self._found[keyword].where

    def expanded(self, setting: Setting, text: str, tokens: dict[str, object], *, environment: bool = False) -> str:
        """Text of a setting with its tokens replaced."""
        try:
            return expand(text, tokens, environment=environment)
        except ValueError as error:
            raise TransportError(f"{setting.where}: {setting.keyword} {text}: {error}") from error

    def setting(self, keyword: str) -> Setting | None:
        """The setting of a keyword, with its place."""
        return self._found.get(keyword)

    def _walk(self, config: ConfigFile) -> None:
        for block in config.blocks_of(self._host):
            if not all(self._is_met(one, block.where) is not one.negated for one in block.criteria):
                continue
            for part in block.content:
                if isinstance(part, ConfigFile):
                    self._walk(part)
                else:
                    self._take(part)

    def _take(self, setting: Setting) -> None:
        keyword = setting.keyword
        if keyword == "identityfile":
            if all(setting.value != before.value for before in self.identities):
                self.identities.append(setting)
        elif keyword == "proxycommand" and self.value("proxyjump"):
            pass  # the first of the two counts, but `ProxyJump none` leaves room for a ProxyCommand
        elif keyword == "proxyjump" and "proxycommand" in self._found:
            pass
        elif setting.value is not None:
            self._found.setdefault(keyword, setting)

    def _is_met(self, criterion: Criterion, where: str) -> bool:
        name, argument = criterion.name, criterion.argument
        if name == "all":
            return True
        if name in ("canonical", "final"):
            return self._final
        if name == "exec":
            return self._succeeds(argument, where)
        if name in ("user", "localuser"):
            who = self._local_user if name == "localuser" else self._user or self.value("user", self._local_user)
            return pattern_list_matches(argument.split(","), who)
        host = self._name if name == "originalhost" else self._current_host()
        return pattern_list_matches(argument.lower().split(","), host.lower())

    def _current_host(self) -> str:
        return self._host if self._final else self._named_host()

    def _named_host(self) -> str:
        setting = self._found.get("hostname")
        return self._name if setting is None else self.expanded(setting, str(setting.value), {"h": self._name})

    def _succeeds(self, command: str, where: str) -> bool:
        user = self._user or self.value("user", self._local_user)
        way = tokens_of_way(self._current_host(), self._name, self.value("port", 22), user)
        tokens = tokens_of_files(way, self.value("hostkeyalias"), self._local_user)
        line = self.expanded(Setting("match exec", command, where), command, tokens)
        shell = os.environ.get("SHELL") or "/bin/sh"
        try:
            done = subprocess.run(  # noqa: S603 - the user's shell, for an ssh_config that was judged
                [shell, "-c", line], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TransportError(f"{where}: Match exec {line}: {error}") from error
        return done.returncode == 0

    def _canonicalized(self) -> bool:
        """Look for the name in the domains that CanonicalDomains gives; whether that was asked for at all."""
        wanted = self.value("canonicalizehostname", False)
        if not wanted:
            return False
        direct = not self.value("proxyjump") and self.value("proxycommand", "none").lower() == "none"
        dots = self._host.count(".")
        if not (direct or wanted == "always") or dots > self.value("canonicalizemaxdots", 1) or _is_address(self._host):
            return True
        for domain in self.value("canonicaldomains", ()):
            if domain.lower() != "none" and _has_address(f"{self._host}.{domain}."):
                self.host = self._host = f"{self._host}.{domain}"
                return True
        if not self.value("canonicalizefallbacklocal", True):
            raise TransportError(f"{self.where('canonicalizefallbacklocal')}: {self._host} is in no canonical domain")
        return True


def lower_host(host: str) -> str:
    """A host as ssh looks for it; names of interfaces, behind the % of a zone, have case."""
    return host if "%" in host else host.lower()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _has_address(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        return False
