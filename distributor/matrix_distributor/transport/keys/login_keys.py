"""The keys to log in with: from files (with certificates beside them) and from the agent, each read once."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from paramiko import ECDSAKey, Ed25519Key, Message, PKey, RSAKey, SSHException
from paramiko.agent import AgentKey

from matrix_common.paths import at_home
from matrix_distributor.transport.hostkeys.known_hosts import blob_type, fingerprint
from matrix_distributor.transport.options import SSHOptions, TransportError
from matrix_distributor.transport.plain_file import read_plain
from matrix_distributor.transport.ssh_config.route import Route

from .agent import Agent

RSA_ALGORITHMS = ("rsa-sha2-512", "rsa-sha2-256")

_CLASSES: dict[str, type[PKey]] = {"ssh-ed25519": Ed25519Key, "ssh-rsa": RSAKey}
_PEM_TYPES = {"RSA": "ssh-rsa", "EC": "ecdsa-sha2-nistp256"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A public key, or the certificate over one, with the means to sign for it. `label` is for messages."""

    label: str
    blob: bytes
    signer: PKey

    @property
    def type(self) -> str:
        """The type of what is shown to the host, as `ssh-ed25519` or `ssh-rsa-cert-v01@openssh.com`."""
        return blob_type(self.blob)

    def sign(self, payload: bytes, algorithm: str) -> bytes:
        """The signature in SSH's encoding. Raises SSHException when the agent refuses."""
        signature = self.signer.sign_ssh_data(payload, algorithm)
        return signature.asbytes() if isinstance(signature, Message) else bytes(signature)


class Keyring:
    """Every key of a pool, read once. `notes` says which were left out, and why."""

    def __init__(self, options: SSHOptions) -> None:
        self._options = options
        self._files: dict[Path, list[Identity]] = {}
        self._agents: dict[str, Agent | None] = {}
        self.notes: dict[Path | str, str] = {}

    def identities(self, route: Route) -> list[Identity]:
        """What to offer to a host, in order: chosen keys first (through the agent if it holds them), then the agent's.

        Asks for passphrases, so it belongs in the caller's thread.
        """
        held = self._held_by_agent(route)
        offered: list[Identity] = []
        for path in route.identities:
            public = public_half(path)
            if public is not None and public in held:
                offered += [*_certificates(path, held[public].signer, held[public].label), held[public]]
                continue
            may_ask = route.chosen_identities or not (held or offered)
            offered += self._from_file(path, route.chosen_identities, may_ask)
        if not route.identities_only:
            offered += held.values()
        return list({identity.blob: identity for identity in offered}.values())

    def close(self) -> None:
        """Let the agents go."""
        for agent in self._agents.values():
            if agent is not None:
                agent.close()

    def _held_by_agent(self, route: Route) -> dict[bytes, Identity]:
        path = route.identity_agent or "SSH_AUTH_SOCK"
        if path == "SSH_AUTH_SOCK":
            path = os.environ.get("SSH_AUTH_SOCK", "none")
        if not self._options.agent or path.lower() == "none":
            return {}
        path = str(at_home(path))
        if path not in self._agents:
            try:
                self._agents[path] = Agent(path)
            except (OSError, SSHException) as error:
                self._agents[path] = None
                self.notes[path] = f"the agent at {path} does not answer: {error}"
        agent = self._agents[path]
        keys: tuple[AgentKey, ...] = agent.get_keys() if agent is not None else ()
        return {key.blob: Identity(f"{key.comment or key.name} (agent)", key.blob, key) for key in keys}

    def _from_file(self, path: Path, chosen: bool, may_ask: bool) -> list[Identity]:
        if path not in self._files:
            try:
                key = _load(path, self._options.passphrase if may_ask else None)
            except FileNotFoundError:
                if path in self._options.identities:
                    raise TransportError(f"{path}: there is no such key") from None
                if chosen:
                    self.notes[path] = f"{path} does not exist"
                self._files[path] = []
                return []
            except (OSError, SSHException, ValueError, UnsupportedAlgorithm) as error:
                self.notes[path] = f"{path}: {error}"
                self._files[path] = []
                return []
            self._files[path] = [*_certificates(path, key, str(path)), Identity(str(path), key.asbytes(), key)]
        return self._files[path]


def _load(path: Path, passphrase: Callable[[Path], str | None] | None) -> PKey:
    """One private key file, of OpenSSH's own format or the older PEM. Raises SSHException with the reason."""
    text = read_plain(path).decode("ascii", "replace")
    kind, encrypted = _kind(text)
    answer = None
    if encrypted:
        answer = passphrase(path) if passphrase is not None else None
        if answer is None:
            raise SSHException("it needs a passphrase, and nobody could be asked (put it into the agent: ssh-add)")
    try:
        return _CLASSES.get(kind, ECDSAKey).from_private_key(StringIO(text), password=answer)
    except SSHException as error:
        reason = "the passphrase is wrong" if encrypted else str(error)
        raise SSHException(reason) from error


def _kind(text: str) -> tuple[str, bool]:
    """The type of the key in a private key file, and whether it is encrypted, without decrypting it."""
    match = re.search(r"-----BEGIN (OPENSSH|RSA|EC) PRIVATE KEY-----(.*?)-----END", text, re.DOTALL)
    if match is None:
        raise SSHException("not a private key of OpenSSH (ssh-keygen -p -f FILE rewrites older formats)")
    if match[1] != "OPENSSH":
        return _PEM_TYPES[match[1]], "ENCRYPTED" in match[2]
    public, encrypted = _openssh_public(match[2])
    kind = blob_type(public)
    if kind not in _CLASSES and not kind.startswith("ecdsa-sha2-"):
        raise SSHException(f"keys of type {kind} are not supported (use ed25519)")
    return kind, encrypted


def _openssh_public(body: str) -> tuple[bytes, bool]:
    """The public half and whether the private one is encrypted (OpenSSH's PROTOCOL.key)."""
    try:
        raw = base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise SSHException(f"the file is damaged: {error}") from error
    if not raw.startswith(b"openssh-key-v1\0"):
        raise SSHException("the file is damaged: it does not begin as a key")
    message = Message(raw[len(b"openssh-key-v1\0") :])
    cipher = message.get_binary()
    message.get_binary()
    message.get_binary()
    message.get_int()
    return message.get_binary(), cipher != b"none"


def public_half(path: Path) -> bytes | None:
    """The public half of a key file, which may be that alone, if it can be read without a passphrase."""
    for file in (f"{path}.pub", path):
        try:
            kind, encoded = read_plain(Path(file)).decode("ascii", "replace").split()[:2]
            blob = base64.b64decode(encoded, validate=True)
            if blob_type(blob) == kind:
                return blob
        except (OSError, ValueError):
            continue
    try:
        text = read_plain(path).decode("ascii", "replace")
        match = re.search(r"BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END", text, re.DOTALL)
        return _openssh_public(match[1])[0] if match else None
    except (OSError, SSHException):
        return None


def _certificates(path: Path, key: PKey, label: str) -> list[Identity]:
    """The certificate beside a key (`KEY-cert.pub`), to be offered before the key itself."""
    try:
        words = read_plain(Path(f"{path}-cert.pub")).decode("ascii", "replace").split()
        blob = base64.b64decode(words[1], validate=True)
        if "-cert-v01@" not in blob_type(blob):
            return []
    except (OSError, IndexError, ValueError):
        return []
    return [Identity(f"{label} with its certificate", blob, key)]


def describe(identity: Identity) -> str:
    """A key as a message names it."""
    return f"{identity.label} {fingerprint(identity.blob)}"
