"""Configurations of ssh made from a number, and how our reading of each differs from OpenSSH's own (`ssh -G`)."""

from __future__ import annotations

import os
import pwd
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from matrix_common.trust import Judge, trusted_here
from matrix_distributor.transport import TransportError
from matrix_distributor.transport.ssh_config.file import Setting, read_config
from matrix_distributor.transport.ssh_config.lookup import Lookup, lower_host
from matrix_distributor.transport.ssh_config.tokens import tokens_of_files, tokens_of_way

NAMES = ("w1", "w2", "W2", "db.example.jp", "10.0.0.1", "fe80::1", "gate", "a-b_c")
PATTERNS = ("w1", "w?", "w*", "W*", "*", "*.example.jp", "db?example*", "10.*", "*::1", "ga[st]e", "gate", "?", "*-*_*")
USERS = ("root", "alice", "bob", "al*", "*")
TESTED = ("%n = w1", "%h = gate", "%h = Gate", "%r = alice", "%k = AliaS")
COMMANDS = ('"true"', "false", *(f'"test {one}"' for one in TESTED))
FILES = ("~/.ssh/k1", "/k/%h-%r", "k3", '"/with space/k"', "/esc\\ aped", "none", "/dev/null", "'/single q'", "%d/k#4")
JUMPS = (
    "none", "bastion", "alice@bastion:2222", "a,b,bob@c:1", "[::1]:2200", "bastion # why", "a@b@c", "None",
    "none # why", "NONE#", "[none]", "a,none", "b=", "[a@b]", "ssh://al%6fce+x@gate:22/", "ssh://a;fingerprint=x@b",
)  # fmt: skip
VALUES = {
    "HostName": ("10.1.1.1", "%h.example.jp", "Gate", "h%%x", "fe80::1%%eth0", '"10.2.2.2"'),
    "User": USERS[:3],
    "Port": ("22", "2222", "ssh", "0022", '"2022"', "'65535'"),
    "IdentityFile": FILES,
    "IdentitiesOnly": ("yes", "no", "true", "FALSE", "Yes"),
    "IdentityAgent": ("none", "SSH_AUTH_SOCK", "$SOME_AGENT", "~/agent", "/run/%r"),
    "UserKnownHostsFile": ("none", "/dev/null", "~/.ssh/a /b", '"/with space" /c', "/x/%k", "/%h-%k-%n", "# none"),
    "GlobalKnownHostsFile": ("none", "/dev/null", "/etc/a", "/etc/a /etc/b", "'/etc/c d'", "#none"),
    "HostKeyAlias": ("alias", '"alias two"', "AliaS"),
    "ConnectTimeout": ("3", "1m", "1m30s", "none", "2H", "0"),
    "ProxyCommand": ("none", "nc %h %p", 'sh -c "nc %h %p"', "a # b", "=nc x", "None"),
    "ProxyJump": JUMPS,
    "Compression": ("yes", "no"),
    "LogLevel": ("ERROR",),
    "SendEnv": ("LANG LC_*",),
    "StrictHostKeyChecking": ("no", "accept-new"),
    "CanonicalizeHostname": ("no", "yes", "always"),
    "CanonicalDomains": ("none",),
    "CanonicalizeMaxDots": ("0", "3"),
}
ME, *_, HOME, _ = pwd.getpwuid(os.getuid())
BROKEN = (
    "Port nonsense", "Port 0", "Port 65536", "User", 'User "open', "User 'open", "User two words", "HostName a b",
    "Match", "Match tagged x", "Match localnetwork 10.0.0.0/8", "Match sessiontype shell", "Match host",
    "Match all all",
    "Match user x host y all", "Match nonsense", "Match all host x", "ConnectTimeout soon", "ConnectTimeout -1",
    "IdentitiesOnly maybe", "UserKnownHostsFile none /x", "UserKnownHostsFile /x none", "ProxyJump a:b:c",
    'Host ""', "Host", "ProxyJump a,,b", "IdentityFile", 'UserKnownHostsFile ""', "ProxyCommand sh -c 'x",
    "Match user", "CanonicalizeHostname perhaps", "Port 22 23", "Port 22#no comment", "ProxyJump @x", "ProxyJump x:0",
    "ProxyJump x/", "ProxyJump ssh://x/y", "ProxyJump ssh://x?y", "ProxyJump [x", "ProxyJump #x",
)  # fmt: skip
KEYWORDS = {
    "hostname", "user", "port", "proxycommand", "proxyjump", "hostkeyalias", "connecttimeout", "identitiesonly",
    "identityagent", "userknownhostsfile", "globalknownhostsfile", "identityfile",
}  # fmt: skip


class Maker:
    """A configuration and the files that it includes, in a folder."""

    def __init__(self, number: int, folder: Path) -> None:
        self.random = random.Random(number)
        self.folder = folder
        self._files = 0

    def write(self, depth: int = 0, suffix: str = "") -> Path:
        """A file with everything in it."""
        self._files += 1
        path = self.folder / f"{'a b ' if self.random.random() < 0.1 else ''}f{self._files}{suffix}"
        lines = [line for _ in range(self.random.randint(0, 9 if depth else 16)) for line in self._line(depth)]
        end = self.random.choice(("\n", "\n", "\n", "\r\n", " \n"))
        path.write_text(end.join(lines) + self.random.choice(("", end)), newline="")
        return path

    def _line(self, depth: int) -> Iterator[str]:
        pick = self.random.choice
        kind = self.random.random()
        if kind < 0.2:
            yield self._laid_out("Host", self._patterns(" "))
        elif kind < 0.4:
            yield self._laid_out("Match", " ".join(self._criteria()), equals=False)
        elif kind < 0.5 and depth < 3:
            yield self._laid_out("Include", self._include(depth))
        elif kind < 0.56:
            yield pick(("", "# a comment", "   # Host w1", "\t"))
        elif kind < 0.564:
            yield pick(BROKEN)
        else:
            keyword = pick(tuple(VALUES))
            yield self._laid_out(keyword, pick(VALUES[keyword]))

    def _laid_out(self, keyword: str, value: str, *, equals: bool = True) -> str:
        pick = self.random.choice
        keyword = pick((keyword, keyword, keyword.lower(), keyword.upper(), f"={keyword}"))
        between = pick((" ", "  ", "\t", "=", " = ", "= ") if equals else (" ", "\t", "  "))
        comment = pick(("", "", "", "", " # why", "  ", " \f"))
        return pick(("", "", "  ", "\t")) + keyword + between + value + comment

    def _patterns(self, joiner: str) -> str:
        pick = self.random.choice
        some = [pick(("", "", "", "!")) + pick(PATTERNS) for _ in range(pick((1, 1, 2, 3)))]
        return joiner.join(pick((one, one, f'"{one}"')) if joiner == " " else one for one in some)

    def _criteria(self) -> Iterator[str]:
        pick = self.random.choice
        if self.random.random() < 0.12:
            yield pick(("all", "ALL", "!all", "final all", "canonical all", "!final all"))
            return
        for _ in range(pick((1, 1, 2, 3))):
            name = pick(("host", "originalhost", "user", "localuser", "exec", "final", "canonical"))
            argument = {
                "host": self._patterns(","), "originalhost": self._patterns(","),
                "user": ",".join(pick(USERS) for _ in range(pick((1, 2)))), "localuser": pick(("root", "!root,*", "x")),
                "exec": pick(COMMANDS),
            }.get(name, "")  # fmt: skip
            bare = argument and not argument.startswith('"')
            yield pick(("", "", "", "!")) + pick((name, name, name.title()))
            if argument:
                yield pick((argument, argument, f'"{argument}"')) if bare else argument

    def _include(self, depth: int) -> str:
        pick = self.random.choice
        some = []
        for _ in range(pick((1, 1, 2))):
            kind = pick(("file", "file", "glob", "missing"))
            if kind == "missing":
                some.append(str(self.folder / pick(("nothing*.conf", "folder*", "link*"))))
            elif kind == "glob":
                mark = f".g{self._files}.{depth}"
                for _ in range(2):
                    self.write(depth + 1, mark)
                some.append(f'"{self.folder}/*{mark}"')
            else:
                some.append(f'"{self.write(depth + 1)}"')
        return " ".join(some)


def difference(number: int) -> str | None:
    """How the two readings of a configuration differ; None where they do not."""
    with tempfile.TemporaryDirectory(prefix="ssh-configs-") as name:
        maker = Maker(number, Path(name))
        (Path(name) / "folder").mkdir()
        (Path(name) / "link").symlink_to("nowhere")
        config = maker.write()
        host = maker.random.choice(NAMES)
        user = maker.random.choice((None, None, None, "alice"))
        theirs, said = _of_openssh(config, host, user)
        ours = _ours(config, host, user)
        if isinstance(ours, str) or theirs is None:
            if theirs is None and isinstance(ours, str):
                return None
            return f"{_shown(Path(name), host, user)}\nssh: {theirs or said}\nours: {ours}"
        wrong = [f"{k}: ssh {theirs.get(k)!r}, ours {ours.get(k)!r}" for k in KEYWORDS if theirs.get(k) != ours.get(k)]
        return "\n".join((_shown(Path(name), host, user), *wrong)) if wrong else None


def _shown(folder: Path, host: str, user: str | None) -> str:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    shown = "\n".join(f"--- {path}\n{path.read_bytes().decode()}" for path in files)
    return f"{shown}\n=== ssh -G {user}@{host}"


def _of_openssh(config: Path, host: str, user: str | None) -> tuple[dict[str, str] | None, str]:
    command = ["ssh", "-G", "-F", str(config), *(["-l", user] if user else []), host]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=30)
    if done.returncode:
        return None, done.stderr
    found: dict[str, str] = {}
    for line in done.stdout.split("\n"):
        keyword, _, value = line.partition(" ")
        if keyword in KEYWORDS:
            found[keyword] = f"{found[keyword]}|{value}" if keyword in found else value
    found["hostname"] = found["hostname"].lower()
    if "~/.ssh/id_rsa|" in found["identityfile"]:  # those that lie there anyway
        found["identityfile"] = ""
    if found.get("proxycommand", "none").lower() == "none":
        found.pop("proxycommand", None)
    return found, ""


def _ours(config: Path, host: str, user: str | None) -> dict[str, str] | str:
    try:
        said = Lookup(read_config(config, Judge(trusted_here(), ""), required=True), host, user, ME)
        way = tokens_of_way(said.host or lower_host(host), host, said.value("port", 22), user or said.value("user", ME))
        tokens = {**tokens_of_files(way, said.value("hostkeyalias", "").lower(), ME), "d": HOME}
        found = {"hostname": str(way["h"]).lower(), "port": str(way["p"]), "user": str(way["r"])}
        return found | {name: text for name in KEYWORDS if (text := _written(said, name, tokens)) is not None}
    except TransportError as error:
        return str(error)


def _written(said: Lookup, keyword: str, tokens: dict[str, object]) -> str | None:
    """A value in the words of `ssh -G`."""
    if keyword == "identityfile":
        return "|".join(str(setting.value) for setting in said.identities)
    value = said.value(keyword)
    if keyword == "identitiesonly":
        return "yes" if value else "no"
    if keyword == "connecttimeout":
        return "none" if value is None else str(value)
    if keyword in ("userknownhostsfile", "globalknownhostsfile"):
        if value is None:
            base = "~/.ssh/known_hosts" if keyword.startswith("user") else "/etc/ssh/ssh_known_hosts"
            value = (base, f"{base}2")
        if keyword.startswith("user"):  # OpenSSH tells it with its tokens replaced
            setting = said.setting(keyword) or Setting(keyword, value, "")
            value = [said.expanded(setting, re.sub("^~", HOME, one), tokens, environment=True) for one in value]
        return " ".join(value)
    if keyword == "identityagent" and value and not value.startswith("$"):
        setting = said.setting(keyword)
        assert setting is not None
        return said.expanded(setting, re.sub("^~", HOME, value), tokens)
    if keyword == "proxyjump":
        return ",".join(_hop(*hop) for hop in value) if value else None  # `none` is a host there, and for OpenSSH
    if keyword == "proxycommand" and (value is None or value.lower() == "none"):
        return None
    if keyword == "hostkeyalias":  # OpenSSH tells it as it is looked for
        return value and value.lower()
    return value if keyword in ("identityagent", "proxycommand") else None


def _hop(user: str | None, host: str, port: int | None) -> str:
    spelled = f"[{host}]" if ":" in host else host
    return (f"{user}@" if user else "") + spelled + (f":{port}" if port else "")
