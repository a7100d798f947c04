"""Whether the key that a host shows may be trusted: the one place that decides it."""

from __future__ import annotations

import base64
import shlex
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import SSHCertificate, SSHCertificateType, SSHCertPublicKeyTypes

from matrix_common.trouble import Trouble, Troubled
from matrix_distributor.transport.options import LastWord
from matrix_distributor.transport.words import harmless

from .known_hosts import KnownHosts, KnownKey, Verdict, blob_type, fingerprint, judge, parse_key
from .names import spelling

CERTIFICATE = "-cert-v01@openssh.com"

_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


class HostKeyRefused(Troubled, Exception):
    """A host key that is not trusted: `trouble` says why; `verdict` where one was come to."""

    def __init__(self, cause: str, cure: str, verdict: Verdict | None = None) -> None:
        super().__init__(cause)
        self.trouble = Trouble("host key", cause, cure)
        self.verdict = verdict


def matrix_keys(values: Iterable[str], host: str, where: str = "the MATRIX") -> list[KnownKey]:
    """The keys that the MATRIX gives a host, at `where`. Raises HostKeyRefused for one that is no key."""
    keys = []
    for value in values:
        try:
            keys.append(parse_key(value, where))
        except ValueError as error:
            raise HostKeyRefused(
                f"ssh.hostkey of {host} in the MATRIX is no key: {error}",
                'write it as in a .pub file, in quotes: ssh.hostkey="ssh-ed25519 AAAA…", or as SHA256:…',
            ) from error
    return keys


@dataclass
class HostKeyCheck:
    """What is known of one host, and the judgement over the key that it shows.

    `host` is its name in the MATRIX; `names` are those under which known_hosts is searched, the most telling first.
    Keys of the MATRIX count where known_hosts knows neither a key nor an authority for any of these names: whoever can
    write the text must not be able to send us to another machine. So do those of a file that is reflected from the
    MATRIX. With `last_word` of "matrix" those of the MATRIX
    count wherever it gives any. Without `remember` a new key that is accepted is written nowhere.
    """

    host: str
    names: Sequence[str]
    port: int
    files: KnownHosts
    from_matrix: Sequence[KnownKey] = ()
    accept_new: bool = False
    last_word: LastWord = "known_hosts"
    remember: bool = True

    def __post_init__(self) -> None:
        self.filed = self.files.keys(self.names, self.port)
        revoked = [key for key in self.filed if key.marker == "@revoked"]
        apart = [key for key in self.filed if key.marker != "@revoked" and not key.reflected]
        if self.from_matrix and self.last_word == "matrix":
            self.known = [*self.from_matrix, *revoked]
        elif apart:
            self.known = [*apart, *revoked]
        else:
            self.known = [*self.from_matrix, *self.filed]

    def algorithms(self) -> tuple[str, ...]:
        """Host key algorithms to offer: those for which a key is known come first."""
        plain = self.plain_algorithms({key.type for key in self.known if not key.marker})
        if any(key.marker == "@cert-authority" for key in self.known):
            return (*(name + CERTIFICATE for name in _ALGORITHMS), *plain)
        return plain

    def plain_algorithms(self, types: Collection[str]) -> tuple[str, ...]:
        """Those of keys without a certificate, these types of keys first."""
        return tuple(sorted(_ALGORITHMS, key=lambda name: _key_type(name) not in types))

    def verify(self, blob: bytes) -> None:
        """Accept the key silently, or raise HostKeyRefused. Adds a new one to known_hosts when that is allowed."""
        if blob_type(blob).endswith(CERTIFICATE):
            for involved in self._certified(blob):
                if judge(self.known, involved) == "revoked":
                    raise self._revoked(involved)
            return
        verdict = judge(self.known, blob)
        if verdict == "revoked":
            raise self._revoked(blob)
        if verdict == "changed":
            raise self._changed(blob)
        if verdict == "unknown":
            if not self.accept_new:
                raise self._unknown(blob)
            if not self.remember:
                return
            try:
                self.files.accept(self.names, self.port, blob)
            except OSError as error:
                raise HostKeyRefused(
                    f"the new key could not be written to {self.files.place}: {error.strerror}",
                    "make that file writable, or name another (ssh.known_hosts in matrix.toml)",
                ) from error

    def own_key(self, blob: bytes) -> KnownKey:
        """What the host shows as a key of its own: of a certificate the key in it."""
        if blob_type(blob).endswith(CERTIFICATE):
            blob = _blob(_parse_certificate(blob).public_key())
        return KnownKey(blob_type(blob), blob, fingerprint(blob), "shown by the host")

    def given_as(self, blob: bytes) -> str | None:
        """Where the MATRIX gives this very key; None where it does not."""
        shown = fingerprint(blob)
        return next((key.where for key in self.from_matrix if key.fingerprint == shown), None)

    def _unknown(self, blob: bytes) -> HostKeyRefused:
        shown = f"{blob_type(blob)} {fingerprint(blob)}"
        authority = next((key.where for key in self.known if key.marker == "@cert-authority"), None)
        if authority is not None:
            what = f"{shown} is a plain key, and a certificate is due by the @cert-authority line ({authority})"
        else:
            place = spelling(self.names[0], self.port)
            what = f"{shown}: nothing is known of {place} in {self.files.searched}, nor in the MATRIX"
        return HostKeyRefused(
            f"unknown host key {what}",
            "compare the fingerprint with the host's own (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub),"
            " then run again with --accept-new, or write it as ssh.hostkey in the MATRIX; see matrix explain host-key",
            "unknown",
        )

    def _changed(self, blob: bytes) -> HostKeyRefused:
        plain = [key for key in self.known if not key.marker]
        was = ", ".join(f"{key.fingerprint} ({key.where})" for key in plain)
        shown, given = fingerprint(blob), self.given_as(blob)
        if all(key.type and key.type != blob_type(blob) for key in plain):
            given = f", as {given} gives it" if given else ""
            cause = f"host key of another type than any known ({blob_type(blob)} {shown}{given}; known {was})"
        else:
            given = f" ({given})" if given else ""
            cause = f"host key changed ({shown}{given} was {was})"
        return HostKeyRefused(cause, f"{self._renewal(blob)}; see matrix explain host-key", "changed")

    def _renewal(self, blob: bytes) -> str:
        """What to do where a host was installed anew."""
        otherwise = "if it was not, somebody else answers in its place"
        if self.given_as(blob):
            return (
                f"if the host was installed anew: matrix scan --replace {self.host} takes over the MATRIX's key after"
                f' showing both (hostkeys = "matrix" under [ssh] in matrix.toml takes it for all hosts); {otherwise}'
            )
        removing = [
            f"ssh-keygen -f {shlex.quote(str(path))} -R {shlex.quote(spelling(name, self.port))}"
            for path, name in self.files.where(self.names, self.port)
        ]
        if not removing:
            return f"if the host was installed anew, correct ssh.hostkey in the MATRIX; {otherwise}"
        return (
            f"if the host was installed anew, write its own new key as ssh.hostkey in the MATRIX and run matrix scan"
            f" --replace {self.host}, or remove the old key ({'; '.join(removing)}) and run again with --accept-new;"
            f"{self._other_site()} {otherwise}"
        )

    def _other_site(self) -> str:
        """What to do where the name alone is known, as that of a host of another site."""
        if len(self.names) < 2 or any(not key.marker for key in self.files.keys(self.names[:1], self.port)):
            return ""
        return (
            f" if {self.names[-1]} is known as a host of another site: this one takes a file of its own by"
            ' known_hosts = "known_hosts" under [ssh] in matrix.toml;'
        )

    def _revoked(self, blob: bytes) -> HostKeyRefused:
        where = next(k.where for k in self.known if k.marker == "@revoked" and k.fingerprint == fingerprint(blob))
        return HostKeyRefused(
            f"host key {blob_type(blob)} {fingerprint(blob)} is revoked ({where})",
            "give the host a new key, or remove the @revoked line if it is there by mistake;"
            " see matrix explain host-key",
            "revoked",
        )

    def _certified(self, blob: bytes) -> tuple[bytes, bytes]:
        """The keys of the authority and of the host in a certificate, once all of it is found right."""
        certificate = _parse_certificate(blob)
        authority, own = _blob(certificate.signature_key()), _blob(certificate.public_key())
        signer = fingerprint(authority)
        trusted = any(k.marker == "@cert-authority" and k.fingerprint == signer for k in self.known)
        try:
            certificate.verify_cert_signature()
        except (InvalidSignature, UnsupportedAlgorithm) as error:
            raise HostKeyRefused(
                "the host's certificate is forged: its signature is wrong", _CERTIFICATE_CURE
            ) from error
        reasons = []
        if not trusted:
            reasons.append(f"signed by {signer}, which no @cert-authority line names")
        if certificate.type is not SSHCertificateType.HOST:
            reasons.append("not a host certificate")
        if certificate.valid_principals and not {n.lower().encode() for n in self.names} & set(
            certificate.valid_principals
        ):
            reasons.append("made for " + harmless(b", ".join(certificate.valid_principals).decode("utf-8", "replace")))
        if not certificate.valid_after <= time.time() < certificate.valid_before:
            reasons.append("not valid today")
        if certificate.critical_options:
            reasons.append("it has critical options, which host certificates must not have")
        if reasons:
            raise HostKeyRefused("the host's certificate is not accepted: " + "; ".join(reasons), _CERTIFICATE_CURE)
        return authority, own


_CERTIFICATE_CURE = (
    "have the host's key signed again (ssh-keygen -s CA -h -n NAME), or correct the @cert-authority line"
)


def _parse_certificate(blob: bytes) -> SSHCertificate:
    text = blob_type(blob).encode() + b" " + base64.b64encode(blob)
    try:
        certificate = serialization.load_ssh_public_identity(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise HostKeyRefused(f"the host's certificate does not parse: {error}", _CERTIFICATE_CURE) from error
    if not isinstance(certificate, SSHCertificate):
        raise HostKeyRefused("the host's certificate is a plain key", _CERTIFICATE_CURE)
    return certificate


def _blob(key: SSHCertPublicKeyTypes) -> bytes:
    text = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return base64.b64decode(text.split()[1])


def _key_type(algorithm: str) -> str:
    return "ssh-rsa" if algorithm.startswith("rsa-sha2") else algorithm
