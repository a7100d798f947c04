"""Which host keys are known: known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) and keys from the MATRIX."""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from matrix_distributor.transport.options import TransportError
from matrix_distributor.transport.plain_file import read_plain
from matrix_distributor.transport.ssh_config.patterns import pattern_list_matches

from .names import has_patterns, hashed, is_hash_of, spelling, without
from .writing import add_line, joined, rewrite

Marker = Literal["", "@revoked", "@cert-authority"]
Verdict = Literal["known", "unknown", "changed", "revoked"]

_REFLECTED = re.compile(r"# MATRIX generation [^\n]*: made by matrix reflect")
_NO_PLACE = "a known_hosts file of the user, of which ssh_config names none"

_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key that is known, and where that is written. A `blob` of None is known by its fingerprint alone.

    `shared` is a line with patterns, which stands for other hosts too; `reflected` one of a file that was made from the
    MATRIX, and so says no more than the MATRIX does.
    """

    type: str
    blob: bytes | None
    fingerprint: str
    where: str
    marker: Marker = ""
    shared: bool = False
    reflected: bool = False


def fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` writes it: `SHA256:` and the digest in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode()


def blob_type(blob: bytes) -> str:
    """The key type that a public key blob begins with (RFC 4253 section 6.6). Raises ValueError when it has none."""
    length = int.from_bytes(blob[:4], "big")
    if not 1 <= length <= 64 or len(blob) < 4 + length:
        raise ValueError("not a public key")
    return blob[4 : 4 + length].decode("ascii")


def parse_key(text: str, where: str, marker: Marker = "") -> KnownKey:
    """A key as it stands in a known_hosts line or in `ssh.hostkey`: `TYPE BASE64 [COMMENT]` or `SHA256:…`.

    Raises ValueError when it is neither.
    """
    words = text.split()
    if len(words) == 1 and words[0].startswith("SHA256:"):
        return KnownKey("", None, words[0].rstrip("="), where, marker)
    if len(words) < 2:
        raise ValueError("expected TYPE BASE64 or SHA256:FINGERPRINT")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error as error:
        raise ValueError(f"the key is not base64: {error}") from error
    if blob_type(blob) != words[0]:
        raise ValueError(f"the key says {blob_type(blob)}, the line {words[0]}")
    return KnownKey(words[0], blob, fingerprint(blob), where, marker)


class KnownHosts:
    """Several known_hosts files, parsed once into dictionaries: 5,000 lines in milliseconds.

    New keys are added to the first, unless `keep` says that none is to be kept.
    """

    def __init__(self, paths: Sequence[Path], *, keep: bool = True) -> None:
        self.paths = tuple(paths)
        self._keep = keep
        self._seen = self._signature()
        self._exact: dict[str, list[KnownKey]] = {}
        self._patterns: list[tuple[list[str], KnownKey]] = []
        self._hashed: list[tuple[bytes, bytes, KnownKey]] = []
        for path in self.paths:
            self._load(path)

    def stale(self) -> bool:
        """Whether a file has changed since it was read."""
        return self._seen != self._signature()

    def _signature(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_signature(path) for path in self.paths)

    def _load(self, path: Path) -> None:
        try:
            text = read_plain(path).decode("utf-8", "replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise TransportError(f"{path}: cannot be read: {error.strerror}") from error
        reflected = _REFLECTED.match(text) is not None
        for number, line in enumerate(text.split("\n"), 1):  # as ssh(1) does: no other sign ends a line
            self._add_line(line.strip(), f"{path}:{number}", reflected=reflected)

    def _add_line(self, line: str, where: str, *, reflected: bool) -> None:
        if not line or line.startswith("#"):
            return
        marker: Marker = ""
        line = _BLANKS.sub(" ", line)
        if line.startswith("@"):
            word, _, line = line.partition(" ")
            if word == "@revoked":
                marker = "@revoked"
            elif word == "@cert-authority":
                marker = "@cert-authority"
            else:
                return
        hosts, _, key_text = line.partition(" ")
        try:
            key = parse_key(key_text, where, marker)
        except ValueError:
            return  # like ssh(1): a damaged line makes nothing known, so its host is refused as unknown
        self._add(hosts, replace(key, reflected=True) if reflected else key)

    def _add(self, hosts: str, key: KnownKey) -> None:
        if hosts.startswith("|1|"):
            found = hashed(hosts)
            if found is not None:
                self._hashed.append((*found, key))
            return
        names = hosts.lower().split(",")
        if has_patterns(hosts):
            self._patterns.append((names, replace(key, shared=True)))
            return
        for name in names:
            self._exact.setdefault(name, []).append(key)

    def keys(self, hosts: Iterable[str], port: int) -> list[KnownKey]:
        """Every key known of a host under any of its names, markers included, in the order of the files."""
        found: list[KnownKey] = []
        for host in hosts:
            found.extend(self._matching(spelling(host, port)))
        return list(dict.fromkeys(found))

    def _matching(self, name: str) -> Iterator[KnownKey]:
        yield from self._exact.get(name, ())
        for patterns, key in self._patterns:
            if pattern_list_matches(patterns, name):
                yield key
        for salt, digest, key in self._hashed:
            if is_hash_of(name, salt, digest):
                yield key

    @property
    def place(self) -> str:
        """The file that new keys are added to, for messages."""
        return str(self.paths[0]) if self.paths and self._keep else _NO_PLACE

    @property
    def searched(self) -> str:
        """The files that are searched, for messages."""
        return ", ".join(map(str, self.paths)) or "known_hosts, of which ssh_config names no file"

    def where(self, hosts: Iterable[str], port: int) -> list[tuple[Path, str]]:
        """The files that have plain keys of a host, each with the names under which it has them."""
        found: dict[tuple[Path, str], None] = {}
        for host in hosts:
            for key in self._matching(spelling(host, port)):
                if not key.marker:
                    found[Path(key.where.rpartition(":")[0]), host] = None
        return list(found)

    def accept(self, hosts: Sequence[str], port: int, blob: bytes) -> None:
        """Remember a new key in the first file. Raises OSError when it cannot be written."""
        names, line = self._line(hosts, port, blob)
        number = add_line(self._first(), line)
        self._seen = self._signature()
        self._add(names, parse_key(line.decode().partition(" ")[2], f"{self.paths[0]}:{number}"))

    def supersede(self, keys: Sequence[tuple[Sequence[str], int, bytes]]) -> None:
        """Put new keys of hosts, given by names and port, in the place of all their plain ones, in each file.

        Lines go as `ssh-keygen -R` takes them out, but those with patterns stay: they are other hosts' too. The former
        files stay as `NAME.old`. The file with the new lines is written last, so that what fails before it leaves the
        hosts refused. Raises OSError.
        """
        spelled = {spelling(name, port) for names, port, _ in keys for name in names}
        lines = b"".join(self._line(names, port, blob)[1] for names, port, blob in keys)
        first = self._first()
        for path in {Path(key.where.rpartition(":")[0]) for key in self._own(spelled)} - {first}:
            rewrite(path, lambda before: without(before, spelled), backup=True)
        rewrite(first, lambda before: joined(without(before, spelled), lines), backup=True)

    def _own(self, spelled: Iterable[str]) -> Iterator[KnownKey]:
        """The plain keys that stand for one of these alone, but for those that the MATRIX itself has written."""
        for name in spelled:
            for key in self._matching(name):
                if not (key.marker or key.shared or key.reflected):
                    yield key

    def _first(self) -> Path:
        if not self.paths or not self._keep:
            raise OSError(errno.ENOENT, "UserKnownHostsFile of ssh_config is none, or /dev/null")
        return self.paths[0]

    def _line(self, hosts: Sequence[str], port: int, blob: bytes) -> tuple[str, bytes]:
        names = ",".join(dict.fromkeys(spelling(host, port) for host in hosts))
        return names, f"{names} {blob_type(blob)} {base64.b64encode(blob).decode()}\n".encode()


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def judge(known: Sequence[KnownKey], blob: bytes) -> Verdict:
    """What to think of the key that a host shows, given all that is known of it.

    A host of which only keys of other types are known counts as changed: else a liar would only have to show
    a key of a type that is not known yet.
    """
    shown = fingerprint(blob)
    if any(key.marker == "@revoked" and key.fingerprint == shown for key in known):
        return "revoked"
    plain = [key for key in known if not key.marker]
    if any(key.fingerprint == shown for key in plain):
        return "known"
    return "changed" if plain else "unknown"
