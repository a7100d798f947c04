"""The socket that paramiko believes to have: bytes in memory, filled and emptied by the loop."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.ciphers import CipherContext
from paramiko import SSHException
from paramiko.packet import Packetizer

from matrix_distributor.dialogue.shares import LONGEST_PACKET


class Wire:
    """Two buffers with the methods of a socket. Nothing here ever waits."""

    def __init__(self) -> None:
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self._closed = False

    def send(self, payload: bytes) -> int:
        """Take all of it; the loop sends it on when the host takes it."""
        self.outgoing += payload
        return len(payload)

    def recv(self, count: int) -> bytes:
        """At most `count` bytes of what has arrived. Raises EOFError when asked while there is nothing."""
        if not self.incoming:
            raise EOFError("read from a wire with nothing on it")
        taken = bytes(self.incoming[:count])
        del self.incoming[:count]
        return taken

    def settimeout(self, seconds: float | None) -> None:
        """Part of a socket's interface; nothing here waits."""

    def close(self) -> None:
        """Part of a socket's interface; the loop closes the real one."""
        self._closed = True


class _PeekedCipher:
    """A cipher whose first block of a packet can be decrypted ahead, to learn how long the packet is."""

    def __init__(self, engine: CipherContext) -> None:
        self._engine = engine
        self._ahead: bytes | None = None

    def peek(self, block: bytes) -> bytes:
        if self._ahead is None:
            self._ahead = self._engine.update(block)
        return self._ahead

    def update(self, encrypted: bytes) -> bytes:
        if self._ahead is None:
            return self._engine.update(encrypted)
        plain, self._ahead = self._ahead, None
        return plain


class SteppedPacketizer(Packetizer):
    """A Packetizer that knows whether a whole packet has arrived, so that `read_message` never waits."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)  # type: ignore[arg-type]
        self._wire = wire
        self._block_size = 8
        self._mac_size = 0
        self._peeked: _PeekedCipher | None = None

    def set_inbound_cipher(
        self,
        block_engine: Any,
        block_size: int,
        mac_engine: Any,
        mac_size: int,
        mac_key: Any,
        etm: bool = False,
        aead: bool = False,
        iv_in: Any = None,
    ) -> None:
        """Called by paramiko when new keys come into force."""
        self._block_size = block_size
        self._mac_size = mac_size
        self._peeked = None if etm or aead else _PeekedCipher(block_engine)
        super().set_inbound_cipher(
            self._peeked or block_engine,  # type: ignore[arg-type]
            block_size,
            mac_engine,
            mac_size,
            mac_key,
            etm,
            aead,
            iv_in,
        )

    def whole_packet(self) -> bool:
        """Whether `read_message` would find all it needs. Raises SSHException for an impossible length."""
        arrived = self._wire.incoming
        if len(arrived) < self._block_size:
            return False
        head = bytes(arrived[: self._block_size])
        if self._peeked is not None:
            head = self._peeked.peek(head)
        length = int.from_bytes(head[:4], "big")
        if not 5 <= length <= LONGEST_PACKET:
            raise SSHException(f"a packet of {length} bytes was announced")
        return len(arrived) >= 4 + length + self._mac_size
