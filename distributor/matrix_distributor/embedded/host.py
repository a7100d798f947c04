"""One host of the embedded fleet: an SSH server on a loopback port, over paramiko's server side."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko import Channel
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.packet import Packetizer

from .execution import RunningCommand

LOOPBACK = "127.0.0.1"
CHANNEL_REQUEST = 98


def new_key() -> tuple[paramiko.Ed25519Key, str]:
    """A fresh ed25519 key, and its private half as a file of OpenSSH."""
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return paramiko.Ed25519Key.from_private_key(StringIO(text)), text


class EmbeddedHost:
    """A host: a port, a key and a root folder of its own. It listens from the start; see `down` and `up`."""

    def __init__(self, name: str, root: Path, client_key: paramiko.PKey) -> None:
        self.name = name
        self.root = root
        self.key, _ = new_key()
        self.listener = self._bind(0)
        self.port: int = self.listener.getsockname()[1]
        self.is_up = False
        self._client_key = client_key
        self._lock = threading.Lock()
        self._transports: set[paramiko.Transport] = set()
        self._commands: set[RunningCommand] = set()
        for folder in ("root", "etc", "tmp"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(root / "root"),
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TMPDIR": str(root / "tmp"),
            "DSAS_ROOT": str(root),
        }
        self.up()

    def up(self) -> None:
        """Answer again, on the same port and with the same key."""
        self.listener.listen(128)
        self.is_up = True

    def down(self) -> None:
        """Be gone, as in a power cut: connections break, commands die, the port refuses."""
        self.is_up = False
        self.listener.close()
        with self._lock:
            transports, commands = list(self._transports), list(self._commands)
            self._transports.clear()
        for command in commands:
            command.kill()
        for transport in transports:
            with suppress(OSError):
                transport.sock.shutdown(socket.SHUT_RDWR)
            transport.close()
        for command in commands:
            command.join(5)
        # Bound but not listening: the port stays ours, and refuses.
        self.listener = self._bind(self.port)

    def close(self) -> None:
        """Down, and for good."""
        self.down()
        self.listener.close()

    def accept(self) -> None:
        """Serve whoever knocked."""
        try:
            client, _ = self.listener.accept()
        except OSError:
            return  # it went away, or the host went down
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport = _ServerTransport(client, packetizer_class=_PatientPacketizer)
        transport.add_server_key(self.key)
        with self._lock:
            self._transports = {known for known in self._transports if known.is_active()} | {transport}
        transport.start_server(event=threading.Event(), server=_Server(self))

    def may_log_in(self, key: paramiko.PKey) -> bool:
        """Whether this is the fleet's one client key."""
        return key == self._client_key

    def execute(self, channel: Channel, line: bytes) -> None:
        """Run a command for a client."""

        def ended() -> None:
            with self._lock:
                self._commands.discard(command)

        command = RunningCommand(channel, line, self.root / "root", self.environment, ended)
        with self._lock:
            self._commands.add(command)
        command.start()

    def _bind(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.setblocking(False)
        return listener


class _PatientPacketizer(Packetizer):
    """Without paramiko's handshake timer, a thread that would outlive a client which hangs up early."""

    def start_handshake(self, timeout: float) -> None:
        """Set no timer."""


class _ServerTransport(paramiko.Transport):
    """paramiko's server side, silent, and starting commands only once the client knows that they start."""

    _active_check_timeout = 1.0

    def _log(self, *_args: object) -> None:
        """Nothing of a demonstration's SSH traffic belongs on the terminal."""

    @staticmethod
    def _request(channel: Any, message: paramiko.Message) -> None:
        transport = channel.transport
        transport.accept(0)  # take it off paramiko's queue of new channels, which would keep it for ever
        channel._handle_request(message)
        transport.server_object.start_requested()

    _channel_handler_table = {  # noqa: RUF012 – paramiko's own shape
        **paramiko.Transport._channel_handler_table,  # type: ignore[attr-defined]
        CHANNEL_REQUEST: _request,
    }


class _Server(paramiko.ServerInterface):
    """What a client may do: log in with the fleet's key, and run commands."""

    def __init__(self, host: EmbeddedHost) -> None:
        self._host = host
        self._requested: list[tuple[Channel, bytes]] = []

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if self._host.may_log_in(key) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: Channel, command: bytes) -> bool:
        self._requested.append((channel, command))
        return True

    def start_requested(self) -> None:
        """Start what was asked for; the client has been told already."""
        requested, self._requested = self._requested, []
        for channel, line in requested:
            self._host.execute(channel, line)
