"""paramiko's protocol engine, stepped instead of threaded: negotiation, key exchange, encryption, the host's key."""

from __future__ import annotations

from typing import Any, ClassVar

import paramiko
from paramiko import Message, SSHException
from paramiko.kex_gex import KexGexSHA256

from matrix_distributor.dialogue.shares import MOST_EXTENSIONS
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck

from .kex import EXCHANGES, ORDER
from .wire import SteppedPacketizer, Wire


class Packet(bytes):
    """Bytes as paramiko's packetizer wants its messages."""

    def asbytes(self) -> bytes:
        """Themselves."""
        return self


class _Group(KexGexSHA256):
    """An exchange of keys over a group that the host names: one of 8192 bits would cost seconds of the one thread."""

    max_bits = 4096

    def _parse_kexdh_gex_group(self, message: Message) -> None:
        bits = message.get_mpint().bit_length()
        if bits > self.max_bits:
            raise SSHException(f"the host wants a group of {bits:,} bits")
        message.rewind()
        super()._parse_kexdh_gex_group(message)  # type: ignore[misc]


class Core(paramiko.Transport):
    """paramiko's protocol engine; its thread is never started."""

    _preferred_ciphers = (
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    )
    _preferred_macs = (
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-512",
    )
    _preferred_kex = tuple(name for name in ORDER if name in EXCHANGES)
    _kex_info: ClassVar[dict[str, Any]] = {**EXCHANGES, _Group.name: _Group}

    def __init__(self, wire: Wire, check: HostKeyCheck) -> None:
        super().__init__(wire, packetizer_class=SteppedPacketizer)  # type: ignore[arg-type]
        self._check = check
        self._shown: bytes | None = None
        self._algorithms = check.algorithms()

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """Types of host keys, the best first, by what is known of this host."""
        return self._algorithms

    def _verify_key(self, host_key: bytes, signature: bytes) -> None:
        super()._verify_key(host_key, signature)  # type: ignore[misc]
        if self._shown is None:
            self._check.verify(host_key)
            self._shown = host_key
        elif self._shown != host_key:
            raise SSHException("the host showed another key in the middle of the connection")

    def _log(self, *_args: object) -> None:
        """What paramiko has to say goes into our Failures, never to the terminal."""


def extensions(message: Message) -> dict[str, bytes]:
    """What EXT_INFO says (RFC 8308, section 2.3). Its count is the host's word, and no reason to count so far."""
    told = range(min(message.get_int(), MOST_EXTENSIONS))
    return {message.get_binary().decode("utf-8", "replace"): message.get_binary() for _ in told}
