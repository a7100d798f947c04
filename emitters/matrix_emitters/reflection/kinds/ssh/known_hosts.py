"""`known_hosts`: the host keys that the MATRIX gives, for OpenSSH's client (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from matrix_emitters.errors import EmitterError
from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.naming import names_of
from matrix_emitters.reflection.model.reflector import Reflector
from matrix_emitters.reflection.model.result import Finding
from matrix_emitters.reflection.model.service import whole
from matrix_emitters.writing.quoting import Language, Name
from matrix_emitters.writing.templating import render
from matrix_grammar.model import Host, texts
from matrix_grammar.ranges import fold

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.scene import Scene

HOST_KEY = "ssh.hostkey"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key: its type, and the blob of RFC 4253, section 6.6, in base64."""

    type: str
    blob: str


@dataclass(frozen=True, slots=True)
class _Label:
    """A host as known_hosts spells it; port 22 is not written."""

    name: str
    port: int


def _spell(value: object) -> str:
    """The file has no quotes: only what is known to be a key or a host's name or address is written."""
    if isinstance(value, HostKey):
        return f"{value.type} {value.blob}"
    if isinstance(value, _Label):
        return value.name.lower() if value.port == 22 else f"[{value.name.lower()}]:{value.port}"
    raise EmitterError(f"known_hosts: {value!r:.80} is neither a key nor a host")


KNOWN_HOSTS = Language("known_hosts", _spell)


def parse_known_hosts(text: str) -> tuple[tuple[tuple[str, ...], HostKey], ...]:
    """The lines of a text: names, and the key. Raises EmitterError for a line that is not so."""
    found = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            names, _, key = line.partition(" ")
            found.append((tuple(names.split(",")), read_key(key, "known_hosts")))
    return tuple(found)


def read_key(text: str, where: str) -> HostKey:
    """A public key as it stands in a .pub file, without its comment. Raises EmitterError that says `where`."""
    kind, _, rest = text.partition(" ")
    blob = rest.split(" ", 1)[0]
    try:
        raw = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EmitterError(f"{where}: the key is not base64: {text!r:.60}") from error
    length = int.from_bytes(raw[:4], "big")
    if not kind or len(kind) != length or raw[4 : 4 + length] != kind.encode("utf-8", "replace"):
        raise EmitterError(f'{where}: {text!r:.60} is no public key; write it as in a .pub file: "ssh-ed25519 AAAA…"')
    Name(kind.replace("@", "_"))  # `sk-ssh-ed25519@openssh.com`; nothing else may stand in a type
    return HostKey(kind, blob)


class KnownHosts(Reflector):
    """A line for each key: under the host's names and its addresses, with its port where that is not 22."""

    defaults: ClassVar[Configuration] = Configuration(
        "known_hosts", "known_hosts", path="/etc/ssh/ssh_known_hosts", each=False,
        check="ssh-keygen -l -f %s >/dev/null", order=20,
    )  # fmt: skip

    def text(self, scene: Scene) -> str:
        """The file."""
        rows = []
        for host in scene.fleet:
            names = KNOWN_HOSTS.join(",", [KNOWN_HOSTS.literal(label) for label in _labels(host)])
            rows += [{"names": names, "key": key} for key in _keys(host)]
        return render(KNOWN_HOSTS, "known_hosts.j2", {"rows": rows}, "matrix_emitters.reflection.kinds.ssh")

    def findings(self, scene: Scene, text: str) -> Iterable[Finding]:
        """Keys that are missing from the text, keys of two hosts, hosts without one."""
        lines = parse_known_hosts(text)
        expected = [
            (tuple(_spell(label) for label in _labels(host)), key) for host in scene.fleet for key in _keys(host)
        ]
        if list(lines) != expected:
            yield Finding("error", "the lines of the text are not the host keys of the MATRIX")
        if not lines:
            yield Finding(
                "error", f"no host has {HOST_KEY}", "matrix enroll, or ssh-keyscan and a look at it, gives the keys"
            )
            return
        owner: dict[str, tuple[str, ...]] = {}
        for names, key in lines:
            first = owner.setdefault(key.blob, names)
            if first != names:
                yield Finding(
                    "warning", f"{first[0]} and {names[0]} have the same host key",
                    "a copied image? give each its own: ssh-keygen -A",
                )  # fmt: skip
        without = tuple(host.name for host in scene.fleet if not any(_keys(host)))
        if without:
            yield Finding("warning", f"no host key is known of {fold(without)}", f"give {HOST_KEY}", without)


def _keys(host: Host) -> Iterator[HostKey]:
    """The host's keys; a fingerprint alone (`SHA256:…`) cannot be written into this file."""
    given = host.property(HOST_KEY)
    for value in () if given is None else texts(given):
        if not value.startswith("SHA256:"):
            yield read_key(value, f"host {host.name}: {HOST_KEY}")


def _labels(host: Host) -> list[_Label]:
    port = whole(host.property("ssh.port") or 22, f"host {host.name}: ssh.port", 1, 65535)
    return [_Label(name, port) for name in (*names_of(host), *host.addresses)]
