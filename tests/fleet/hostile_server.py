"""An SSH server that does as it should up to a stage, and then says what its script has for it.

    with HostileServer({"keys": flood(IGNORE_PACKET)}) as server:
        …  # connect to 127.0.0.1, server.port, with any key

A script has payloads of messages for some of STAGES, or `Raw` bytes for the line itself; what has no script is
answered properly, and so is what follows when a script has come to its end. `python hostile_server.py FLOOD…` serves
each of FLOODS on a port of its own, tells the ports on a line, and ends with its standard input: a process of its own
for what measures.
"""

from __future__ import annotations

import itertools
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import paramiko
from paramiko import Message

STAGES = (
    "lines",
    "hello",
    "keys",
    "newkeys",
    "rekey",
    "login",
    "welcome",
    "open",
    "run",
    "mute",
    "request",
    "end",
    "rest",
)
"""Before the version, instead of it, before KEXINIT, before the answer to KEX, before a further KEXINIT as soon as keys
are in force, before the answer to a login, after it, at a channel's opening, while the command runs, instead of its
end, for each further input of a program that stands ready, before its channel is closed, and after that."""

CHUNK = 64 * 1024


class Raw(bytes):
    """Bytes for the line as they are, and no message."""


Script = Mapping[str, Iterable[bytes] | Callable[[int], Iterable[bytes]]]
"""What to say at which stage; a function is given the number of the channel of the other side."""


def text(value: bytes) -> bytes:
    """A string as messages carry it (RFC 4251, section 5)."""
    return struct.pack(">I", len(value)) + value


IGNORE_PACKET = b"\x02" + text(b"")
DEBUG_PACKET = b"\x04\x00" + text(b"") + text(b"")
UNKNOWN_PACKET = b"\xc0"
GLOBAL_PACKET = b"\x50" + text(b"x") + b"\x01"


def data(chunk: bytes) -> Callable[[int], Iterator[bytes]]:
    """Standard output of a command, once."""
    return lambda channel: iter([struct.pack(">BI", 94, channel) + text(chunk)])


def data_flood(chunk: bytes, *, stderr: bool = False) -> Callable[[int], Iterator[bytes]]:
    """Output without end, in such pieces."""
    kind = struct.pack(">B", 95 if stderr else 94)
    middle = struct.pack(">I", 1) if stderr else b""
    return lambda channel: itertools.repeat(kind + struct.pack(">I", channel) + middle + text(chunk))


def window_flood(channel: int) -> Iterator[bytes]:
    """Room for one more byte, without end."""
    return itertools.repeat(struct.pack(">BII", 93, channel, 1))


def flood(payload: bytes) -> Iterable[bytes]:
    """The same message without end."""
    return _Endless(payload)


class _Endless:
    def __init__(self, payload: bytes) -> None:
        self._payload = payload

    def __iter__(self) -> Iterator[bytes]:
        return itertools.repeat(self._payload)


FLOODS: Mapping[str, Script] = {
    "none": {},
    "ignore": {"keys": flood(IGNORE_PACKET)},
    "debug": {"newkeys": flood(DEBUG_PACKET)},
    "rekey": {"rekey": (), "mute": ()},
    "login": {"login": flood(IGNORE_PACKET)},
    "global": {"welcome": flood(GLOBAL_PACKET)},
    "unknown": {"welcome": flood(UNKNOWN_PACKET)},
    "window": {"run": window_flood},
    "stderr": {"run": data_flood(b"e" * 1000, stderr=True)},
    "bytes": {"run": data_flood(b"x")},
    "long": {"run": data_flood(b"x" * 30_000)},
    "lines": {"run": data_flood(b"\n" * 30_000)},
}


class HostileServer:
    """Listens on loopback, a thread for each connection. A context manager."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.host: Callable[[socket.socket, paramiko.PKey, Script], Host] = Host
        self.connections = 0
        self._key = paramiko.ECDSAKey.generate()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> HostileServer:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @property
    def open_connections(self) -> int:
        """Those that neither side has ended."""
        return len(self._open)

    def _accept(self) -> None:
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(end)
            threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, end: socket.socket) -> None:
        with end, suppress(OSError, EOFError, paramiko.SSHException):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.host(end, self._key, self.script).serve()
        self._open.discard(end)


class _Line:
    """The socket as paramiko wants it, which gathers what is said until it is much."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._said = bytearray()

    def send(self, payload: bytes) -> int:
        self._said += payload
        if len(self._said) > CHUNK:
            self.flush()
        return len(payload)

    def flush(self) -> None:
        said, self._said = self._said, bytearray()
        self._end.sendall(said)

    def recv(self, count: int) -> bytes:
        self.flush()
        return self._end.recv(count)

    def settimeout(self, seconds: float | None) -> None:
        """Nothing here has a time."""

    def close(self) -> None:
        self._end.close()


class _Payload(bytes):
    def asbytes(self) -> bytes:
        return self


class Host:
    """One connection. What it believes of the other side is what it says: it checks nothing."""

    def __init__(self, end: socket.socket, key: paramiko.PKey, script: Script) -> None:
        self._line = _Line(end)
        self._script = script
        self._held: list[bytes] = []
        self._begun: set[int] = set()
        core: Any = paramiko.Transport(self._line, strict_kex=False)  # type: ignore[arg-type]
        core.server_mode = True
        core.add_server_key(key)
        core.server_object = paramiko.ServerInterface()
        core.local_version = "SSH-2.0-hostile"
        core._log = lambda *_: None
        self._core = core
        self._names = {
            5: self._service,
            50: self._login,
            80: self._asked,
            90: self._opened,
            94: self._input,
            98: self._request,
        }

    def serve(self) -> None:
        """Until the other side hangs up."""
        core = self._core
        self._say("lines")
        if not self._say("hello"):
            self._line.send(core.local_version.encode() + b"\r\n")
        self._line.flush()
        while not (line := self._read_line()).startswith(b"SSH-"):
            pass
        core.remote_version = line.decode("ascii", "replace")
        self._say("keys")
        core._send_kex_init()
        while True:
            kind, message = core.packetizer.read_message()
            if kind == 20:
                if not core.in_kex and core.local_kex_init is None:
                    core._send_kex_init()
                core._handler_table[20](message)
            elif 30 <= kind <= 41:
                self._say("newkeys")
                core.kex_engine.parse_next(kind, message)
            elif kind == 21:
                core._handler_table[21](message)
                held, self._held = self._held, []
                for payload in held:
                    self._send(payload)
                if self._say("rekey"):
                    core._send_kex_init()
            elif kind in self._names:
                self._names[kind](message)
            elif kind == 97:
                self._say("rest")

    def _read_line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            byte = self._line.recv(1)
            if not byte:
                raise EOFError
            line += byte
        return line.strip()

    def _say(self, stage: str, channel: int = 0) -> bool:
        """What the script has for a stage; whether it has any."""
        script = self._script.get(stage)
        if script is None:
            return False
        for payload in script(channel) if callable(script) else script:
            if isinstance(payload, Raw):
                self._line.send(payload)
            else:
                self._send(payload)
        return True

    def _send(self, payload: bytes) -> None:
        self._core.packetizer.send_message(_Payload(payload))

    def _reply(self, payload: bytes) -> None:
        """What is due, after an exchange of keys if one is going on."""
        if self._core.in_kex:
            self._held.append(payload)
        else:
            self._send(payload)

    def _service(self, message: Message) -> None:
        self._reply(b"\x06" + text(message.get_binary()))

    def _login(self, _message: Message) -> None:
        self._say("login")
        self._reply(b"\x34")
        self._core._auth_trigger()
        self._say("welcome")

    def _asked(self, message: Message) -> None:
        message.get_binary()
        if message.get_boolean():
            self._reply(b"\x52")

    def _opened(self, message: Message) -> None:
        message.get_binary()
        number = message.get_int()
        self._say("open", number)
        self._reply(struct.pack(">BIIII", 91, number, number, 2**31, 2**15))

    def _input(self, message: Message) -> None:
        number = message.get_int()
        if number in self._begun:
            self._say("request", number)
        self._begun.add(number)

    def _request(self, message: Message) -> None:
        number = message.get_int()
        name = message.get_binary()
        if message.get_boolean():
            self._reply(struct.pack(">BI", 99, number))
        if name == b"exec":
            self._say("run", number)
            if self._say("mute", number):
                return
            self._reply(struct.pack(">BI", 98, number) + text(b"exit-status") + b"\x00" + struct.pack(">I", 0))
            self._say("end", number)
            self._reply(struct.pack(">BI", 97, number))


def _main() -> None:
    servers = [HostileServer(FLOODS[name]) for name in sys.argv[1:]]
    print(*(server.port for server in servers), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _main()
