"""Signatures over manifests, as `ssh-keygen -Y sign -n matrix` makes them and `ssh-keygen -Y verify` checks them.

The format is that of OpenSSH's PROTOCOL.sshsig. What is signed are the bytes of manifest.json, and so number, parent,
digest, time and author of a generation, and every file by its sha256.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from .errors import DistributorError
from .generation import Generation

NAMESPACE = "matrix"
PRINCIPAL = "matrix"
"""The name that a key has in allowed_signers: `matrix namespaces="matrix" ssh-ed25519 AAAA…`."""

_MAGIC = b"SSHSIG"
_HASH = "sha512"
_LINE = 70


@dataclass(frozen=True)
class Signer:
    """An ed25519 key that signs generations. `label` names it in messages."""

    key: Ed25519PrivateKey
    label: str

    @property
    def public_line(self) -> str:
        """Its public half, `TYPE BASE64`."""
        return self.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")

    @property
    def allowed_signer(self) -> str:
        """The line of an allowed_signers file that lets this key, and in this namespace alone, sign generations."""
        return f'{PRINCIPAL} namespaces="{NAMESPACE}" {self.public_line}'

    def sign(self, message: bytes) -> bytes:
        """The armoured signature; the same message gives the same bytes."""
        head = _text(NAMESPACE.encode()) + _text(b"") + _text(_HASH.encode())
        signature = self.key.sign(_MAGIC + head + _text(hashlib.sha512(message).digest()))
        blob = base64.b64decode(self.public_line.split()[1])
        raw = _MAGIC + (1).to_bytes(4) + _text(blob) + head + _text(_text(b"ssh-ed25519") + _text(signature))
        armour = base64.b64encode(raw).decode("ascii")
        lines = [armour[at : at + _LINE] for at in range(0, len(armour), _LINE)]
        return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()

    def signed(self, generation: Generation) -> Generation:
        """The generation with this key's signature; itself when it has that already."""
        signature = self.sign(generation.manifest.to_json())
        return generation if generation.signature == signature else replace(generation, signature=signature)


def _text(content: bytes) -> bytes:
    """A `string` of RFC 4251 section 5."""
    return len(content).to_bytes(4) + content


def load_signer(path: Path, passphrase: Callable[[Path], str | None] | None = None) -> Signer:
    """The key in a file of OpenSSH's format. `passphrase` is asked when it is encrypted.

    Raises DistributorError when it cannot be read, or is no ed25519 key.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DistributorError(f"the signing key {path} (sign.key) cannot be read: {error.strerror}") from error
    try:
        try:
            key = load_ssh_private_key(raw, password=None)
        except (TypeError, ValueError):  # cryptography's words for "encrypted" differ between its versions
            answer = passphrase(path) if passphrase is not None and b"OPENSSH PRIVATE KEY" in raw else None
            if answer is None:
                raise
            key = load_ssh_private_key(raw, password=answer.encode())
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise DistributorError(f"the signing key {path} (sign.key) cannot be used: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DistributorError(f"the signing key {path} (sign.key) is not of type ed25519: ssh-keygen -t ed25519")
    return Signer(key, str(path))


def check_signature(generation: Generation, allowed_signers: Path) -> None:
    """Raise DistributorError unless an allowed signer has signed this generation, by `ssh-keygen -Y verify`."""
    name = f"generation {generation.number} ({generation.digest[:12]})"
    if not allowed_signers.is_file():
        raise DistributorError(f"there is no file of allowed signers at {allowed_signers}")
    if not generation.signature:
        raise DistributorError(f"{name} is not signed, and {allowed_signers} asks for that")
    with tempfile.NamedTemporaryFile(prefix="matrix-signature-") as file:
        file.write(generation.signature)
        file.flush()
        words = ["-Y", "verify", "-f", str(allowed_signers), "-I", PRINCIPAL, "-n", NAMESPACE, "-s", file.name]
        signed = generation.manifest.to_json()
        try:
            done = subprocess.run(["ssh-keygen", *words], input=signed, capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DistributorError(f"the signature of {name} cannot be checked by ssh-keygen: {error}") from error
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[:200]
        raise DistributorError(f"{name} is not signed by any of {allowed_signers}: {said}")
