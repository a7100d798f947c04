"""Logging in with public keys (RFC 4252 section 7; server-sig-algs of RFC 8308)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from paramiko import Message, SSHException

from matrix_common.trouble import Trouble, Troubled
from matrix_distributor.transport.hostkeys.host_key import CERTIFICATE
from matrix_distributor.transport.keys.login_keys import RSA_ALGORITHMS, Identity, describe
from matrix_distributor.transport.words import harmless

SERVICE_REQUEST, SERVICE_ACCEPT = 5, 6
USERAUTH_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_BANNER = 50, 51, 52, 53


class LoginRefused(Troubled, Exception):
    """No key was accepted: `trouble` says why."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.trouble = Trouble("login", cause, cure)


class Login:
    """Offers one key after the other, each with its signature at once: a round trip per key instead of two."""

    def __init__(self, user: str, identities: Sequence[Identity], notes: Sequence[str] = ()) -> None:
        self.user = user
        self._identities = identities
        self._notes = notes
        self._next = 0
        self._reasons: list[str] = []
        self._send: Callable[[bytes], None] = lambda payload: None
        self._session_id = b""
        self._asked = False

    def begin(self, send: Callable[[bytes], None], session_id: bytes) -> None:
        """Ask for the service, and offer the first key in the same breath unless its algorithm depends on the host."""
        self._send, self._session_id = send, session_id
        if not self._identities:
            raise LoginRefused(
                "there is no key to log in with" + self._remarks(),
                "make one (ssh-keygen -t ed25519) or name one as ssh.identity in matrix.toml",
            )
        request = Message()
        request.add_byte(bytes([SERVICE_REQUEST]))
        request.add_string("ssh-userauth")
        send(request.asbytes())
        if "rsa" not in self._identities[0].type:
            self._offer([])

    def take(self, kind: int, message: Message, algorithms: Sequence[str]) -> bool:
        """Act on the host's answer; True when the login succeeded. Raises LoginRefused when all keys were refused."""
        if kind == SERVICE_ACCEPT:
            if not self._asked:
                self._offer(algorithms)
        elif kind == USERAUTH_SUCCESS:
            return True
        elif kind == USERAUTH_FAILURE:
            methods, partial = message.get_list(), message.get_boolean()
            if partial:
                raise LoginRefused(
                    f"the host accepts the key of {self.user} but wants {harmless(' or '.join(methods))} as well",
                    "let this account log in with a key alone (AuthenticationMethods publickey)",
                )
            if "publickey" not in methods:
                self._next = len(self._identities)
                self._reasons.append(f"the host takes no keys, only {harmless(', '.join(methods))}")
            self._offer(algorithms)
        elif kind != USERAUTH_BANNER:
            raise SSHException(f"message {kind} came during the login")
        return False

    def interrupted(self, reason: str) -> LoginRefused:
        """What to say when the connection ended during the login, as after too many keys."""
        return LoginRefused(
            f"the connection was closed while {self.user} logged in with {self._tried()}"
            f"{f': {reason}' if reason else ''}",
            "see the host's log of sshd; if it counts too many failures, offer the right key alone (ssh.identity in"
            " matrix.toml, or IdentitiesOnly in ssh_config)",
        )

    def _offer(self, algorithms: Sequence[str]) -> None:
        self._asked = True
        while self._next < len(self._identities):
            identity = self._identities[self._next]
            self._next += 1
            algorithm = signature_algorithm(identity.type, algorithms)
            if algorithm is None:
                self._reasons.append(f"{identity.label}: the host knows no algorithm for a key of type {identity.type}")
                continue
            try:
                self._send(self._request(identity, algorithm))
            except (SSHException, OSError) as error:
                self._reasons.append(f"{identity.label}: {error}")
                continue
            return
        raise LoginRefused(
            f"{self.user} may not log in with {self._tried()}{self._remarks()}",
            f"add the public key to {self.user}'s authorized_keys on the host, or name another key as ssh.identity in"
            " matrix.toml",
        )

    def _tried(self) -> str:
        return "; ".join(describe(identity) for identity in self._identities[: self._next]) or "no key yet"

    def _remarks(self) -> str:
        remarks = [*self._reasons, *self._notes]
        return f" ({'; '.join(remarks)})" if remarks else ""

    def _request(self, identity: Identity, algorithm: str) -> bytes:
        request = Message()
        request.add_byte(bytes([USERAUTH_REQUEST]))
        request.add_string(self.user)
        request.add_string("ssh-connection")
        request.add_string("publickey")
        request.add_boolean(True)
        request.add_string(algorithm)
        request.add_string(identity.blob)
        signed = Message()
        signed.add_string(self._session_id)
        signed.add_bytes(request.asbytes())
        request.add_string(identity.sign(signed.asbytes(), algorithm))
        return request.asbytes()


def signature_algorithm(key_type: str, algorithms: Sequence[str]) -> str | None:
    """How to sign with a key, out of what the host says it takes (empty: it did not say)."""
    if not key_type.startswith("ssh-rsa"):
        return key_type
    ending = CERTIFICATE if key_type.endswith(CERTIFICATE) else ""
    for name in RSA_ALGORITHMS:
        if not algorithms or name in algorithms:
            return name + ending
    return None
