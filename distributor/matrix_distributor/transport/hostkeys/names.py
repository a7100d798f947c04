"""How known_hosts spells hosts: names with ports, hashed names, patterns (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

from __future__ import annotations

import base64
import binascii
import hmac
import io
from collections.abc import Collection


def spelling(host: str, port: int) -> str:
    """A host as known_hosts spells it: the name alone for port 22, `[host]:port` for any other."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def has_patterns(hosts: str) -> bool:
    """Whether a list of names may stand for hosts that it does not name."""
    return any(sign in hosts for sign in "*?!")


def hashed(hosts: str) -> tuple[bytes, bytes] | None:
    """Salt and digest of a hashed name `|1|SALT|DIGEST`; None for what is damaged."""
    try:
        salt, digest = (base64.b64decode(part) for part in hosts[3:].split("|", 1))
    except (binascii.Error, ValueError):
        return None
    return salt, digest


def is_hash_of(name: str, salt: bytes, digest: bytes) -> bool:
    """Whether this is the hash of a name."""
    return hmac.digest(salt, name.encode(), "sha1") == digest


def without(content: bytes, spelled: Collection[str]) -> bytes:
    """A file without the lines that name one of these hosts. Lines with markers or patterns stay."""
    return b"".join(line for line in io.BytesIO(content) if not _names_any(line, spelled))


def _names_any(line: bytes, spelled: Collection[str]) -> bool:
    words = line.split(maxsplit=1)
    if len(words) < 2 or words[0].startswith((b"#", b"@")):
        return False
    hosts = words[0].decode("utf-8", "replace")
    if hosts.startswith("|1|"):
        found = hashed(hosts)
        return found is not None and any(is_hash_of(name, *found) for name in spelled)
    return not has_patterns(hosts) and not set(spelled).isdisjoint(hosts.lower().split(","))
