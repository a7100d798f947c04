"""`ssh_config`: every host for OpenSSH's client (ssh_config(5)), reached as the MATRIX says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import claimed_twice, names_of
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.writing.quoting import Language, Name
from matrix_emitters.writing.remark import literal, told
from matrix_emitters.writing.templating import render
from matrix_emitters.writing.words import in_double_quotes
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.model import Host, text

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

_FORBIDDEN = re.compile("[\x00-\x1f\x7f%$]")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*", re.ASCII)
_WORDS = re.compile(r'"((?:[^"\\]|\\["\\])*)"|([^\s"\\#]+)')


def _spell(value: object) -> str:
    """An argument, in double quotes where it needs them.

    `%` and `$` are refused: whether they are expanded, and where, differs between versions of OpenSSH.
    """
    if value == "":
        raise EmitterError("an empty value cannot be written for ssh")
    return in_double_quotes(value, _PLAIN, _FORBIDDEN, "every version of ssh")


SSH_CONFIG = Language("ssh_config", _spell)


@dataclass(frozen=True, slots=True)
class HostBlock:
    """A `Host` block: the patterns it is for, and its settings by their lower-case keywords."""

    patterns: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


def parse_ssh_config(source: str) -> tuple[HostBlock, ...]:
    """The `Host` blocks of a text. Raises EmitterError for a line that is no keyword and its arguments."""
    blocks: list[tuple[tuple[str, ...], list[tuple[str, str]]]] = []
    for line in source.split("\n"):
        bare = line.strip(" \t\r")
        if not bare or bare.startswith("#"):
            continue
        keyword, _, rest = bare.partition(" ")
        if _WORDS.sub("", rest).strip():
            raise EmitterError(f"ssh_config: cannot be read: {line!r:.80}")
        words = [
            re.sub(r'\\(["\\])', r"\1", match[1]) if match[2] is None else match[2] for match in _WORDS.finditer(rest)
        ]
        if keyword.lower() == "host":
            blocks.append((tuple(words), []))
        elif blocks and len(words) == 1:
            blocks[-1][1].append((keyword.lower(), words[0]))
        else:
            raise EmitterError(f"ssh_config: cannot be read: {line!r:.80}")
    return tuple(HostBlock(patterns, tuple(settings)) for patterns, settings in blocks)


class SshConfig(Reflector):
    """A block for each host: address, user, port, and the host to jump over."""

    defaults: ClassVar[Configuration] = Configuration(
        "ssh_config", "ssh_config", path="/etc/ssh/ssh_config.d/matrix.conf", each=False,
        check="ssh -G -T -F %s localhost >/dev/null", order=20,
    )  # fmt: skip

    def text(self, scene: Scene) -> str:
        """The file."""
        blocks = []
        for host in scene.fleet:
            settings = [
                SSH_CONFIG.join(" ", (Name(key), literal(SSH_CONFIG, value, f"host {host.name}: {key}")))
                for key, value in _settings(scene.fleet, host)
            ]
            blocks.append({"names": SSH_CONFIG.join(" ", names_of(host)), "settings": settings})
        return render(SSH_CONFIG, "ssh_config.j2", {"blocks": blocks}, "matrix_emitters.reflection.kinds.ssh")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """Hosts whose block is not in the text, and names that two blocks claim: ssh would take the first of them."""
        blocks = parse_ssh_config(text)
        expected = [
            HostBlock(names_of(host), tuple((key.lower(), value) for key, value in _settings(scene.fleet, host)))
            for host in scene.fleet
        ]
        if list(blocks) != expected:
            yield Finding("error", "the blocks of the text are not the hosts of the MATRIX")
        yield from claimed_twice((block.patterns for block in blocks), "alias")


def _settings(fleet: Fleet, host: Host) -> tuple[tuple[str, str], ...]:
    """What a block says of a host, by ssh_config's keywords."""
    found = [("HostName", host.address)]
    for keyword, key in (("User", "ssh.user"), ("Port", "ssh.port")):
        value = host.property(key)
        if isinstance(value, tuple):
            raise EmitterError(f"host {host.name}: {key} is given more than once")
        if value is not None:
            found.append((keyword, text(value)))
    jump = host.property("ssh.jump")
    if jump is not None and jump != "none":
        over = _host_named(fleet, host, jump)
        if over is not host:  # `@default ssh.jump=gate` holds for the gate itself too
            found.append(("ProxyJump", over.name))
    return tuple(found)


def _host_named(fleet: Fleet, host: Host, value: object) -> Host:
    try:
        return fleet.host(str(value))
    except SelectorError as error:
        raise EmitterError(f"host {host.name}: ssh.jump: {told(error)}") from error
