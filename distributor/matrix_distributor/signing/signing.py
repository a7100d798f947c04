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

from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import Generation
from matrix_distributor.transport.keys.agent import sign_with_agent
from matrix_distributor.transport.keys.login_keys import public_half
from matrix_distributor.transport.options import TransportError
from matrix_distributor.transport.plain_file import read_plain

NAMESPACE = "matrix"
PRINCIPAL = "matrix"
"""The name that a key has in allowed_signers: `matrix namespaces="matrix" ssh-ed25519 AAAA…`."""

_MAGIC = b"SSHSIG"
_HASH = "sha512"
_LINE = 70


@dataclass(frozen=True)
class Signer:
    """A key that signs generations, given by its public half, `TYPE BASE64`. `label` names it in messages.

    `signature` makes the signature over some bytes, as SSH encodes it; it may raise DistributorError.
    """

    public_line: str
    label: str
    signature: Callable[[bytes], bytes]

    @property
    def allowed_signer(self) -> str:
        """The line of an allowed_signers file that lets this key, and in this namespace alone, sign generations."""
        return f'{PRINCIPAL} namespaces="{NAMESPACE}" {self.public_line}'

    def sign(self, message: bytes) -> bytes:
        """The armoured signature; the same message gives the same bytes. Raises as `signature` does."""
        head = _text(NAMESPACE.encode()) + _text(b"") + _text(_HASH.encode())
        signature = self.signature(_MAGIC + head + _text(hashlib.sha512(message).digest()))
        blob = base64.b64decode(self.public_line.split()[1])
        raw = _MAGIC + (1).to_bytes(4) + _text(blob) + head + _text(signature)
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
    """The key in a file of OpenSSH's format: the private one, or the public one of a key that the agent holds.

    An encrypted key is used through the agent where that holds it; else `passphrase` is asked.
    Raises DistributorError when it cannot be read or used, or is no ed25519 key.
    """
    try:
        raw = read_plain(path)
    except OSError as error:
        raise DistributorError(f"the signing key {path} (sign.key) cannot be read: {error.strerror}") from error
    public = public_half(path) if raw.startswith(b"ssh-") or b"OPENSSH PRIVATE KEY" in raw else None
    try:
        if raw.startswith(b"ssh-"):
            return _agent_signer(path, public)
        try:
            key = load_ssh_private_key(raw, password=None)
        except (TypeError, ValueError):  # cryptography's words for "encrypted" differ between its versions
            if public is None:
                raise
            try:
                return _agent_signer(path, public)
            except TransportError:
                answer = passphrase(path) if passphrase is not None else None
            if answer is None:
                raise
            key = load_ssh_private_key(raw, password=answer.encode())
    except (TypeError, ValueError, UnsupportedAlgorithm, TransportError) as error:
        raise DistributorError(f"the signing key {path} (sign.key) cannot be used: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _other_type(path)
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")
    return Signer(line, str(path), lambda payload: _text(b"ssh-ed25519") + _text(key.sign(payload)))


def _agent_signer(path: Path, public: bytes | None) -> Signer:
    """The key with this public half, in the agent. Raises TransportError when it does not sign with it."""
    if public is None or not public.startswith(_text(b"ssh-ed25519")):
        raise _other_type(path)

    def signature(payload: bytes) -> bytes:
        try:
            return sign_with_agent(public, payload)
        except TransportError as error:
            raise DistributorError(f"the signing key {path} (sign.key) cannot be used: {error}") from error

    sign_with_agent(public, None)
    return Signer(f"ssh-ed25519 {base64.b64encode(public).decode('ascii')}", f"{path} (agent)", signature)


def _other_type(path: Path) -> DistributorError:
    return DistributorError(f"the signing key {path} (sign.key) is not of type ed25519: ssh-keygen -t ed25519")


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
            done = subprocess.run(["ssh-keygen", *words], input=signed, capture_output=True, timeout=30, check=False)  # noqa: S603, S607 - the caller's own ssh-keygen; no word of others
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DistributorError(f"the signature of {name} cannot be checked by ssh-keygen: {error}") from error
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[:200]
        raise DistributorError(f"{name} is not signed by any of {allowed_signers}: {said}")
