"""SSH as a client, without I/O: bytes in, bytes out. The protocol code is paramiko's, stepped instead of threaded.

paramiko negotiates, exchanges keys, encrypts and verifies; logging in and channels are our own, since
paramiko's wait in threads.
The private parts of paramiko that this takes are all in `core.py` and `SshClient._take_packet`.
"""

from __future__ import annotations

import struct
from typing import Any

from paramiko import Message, SSHException
from paramiko.kex_gex import KexGexSHA256
from paramiko.kex_group14 import KexGroup14SHA256

from matrix_distributor.dialogue.commands import Command, Inquiry, Request, Resident
from matrix_distributor.dialogue.shares import (
    LONGEST_BANNER,
    LONGEST_OF_KEYS,
    MOST_REFUSALS,
    MOST_UNASKED,
    MOST_UNREAD,
    MOST_WAITING,
    TURN,
    WINDOW,
)
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck
from matrix_distributor.transport.words import harmless

from .channel import EXTENDED_STDERR, LARGEST_DATA, Channel, ExecChannel, ForwardChannel, Output
from .core import Core, Packet, extensions
from .login import Login
from .noise import OF_LARGE_NUMBERS, Noise
from .resident import ResidentChannel
from .wire import Wire

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_ACCEPT, EXT_INFO, KEXINIT, NEWKEYS = 1, 2, 3, 4, 6, 7, 20, 21
GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
CHANNEL_OPEN, OPEN_CONFIRMATION, OPEN_FAILURE, WINDOW_ADJUST, DATA, EXTENDED_DATA = 90, 91, 92, 93, 94, 95
CHANNEL_EOF, CHANNEL_CLOSE, CHANNEL_REQUEST, CHANNEL_SUCCESS, CHANNEL_FAILURE = 96, 97, 98, 99, 100

WIDEST = 2**32 - 1
"""The largest window of a channel (RFC 4254, section 5.2)."""

EXPECTED = 10
"""Messages that tell of a channel besides what it brings: opened, agreed, status, end of file, closed."""


class Disconnected(SSHException):
    """The host said goodbye, and why."""


class SshClient:
    """One connection's protocol. `feed` it what arrives and send what is in `wire.outgoing`.

    `feed` deals with TURN messages at most, and `has_more` tells that whole ones are left: feed it again, with nothing,
    after others had their turn. `is_hungry` tells whether it takes more bytes meanwhile.
    After `feed`, look at `banner_seen`, `logged_in`, `stage` and the channels' outcomes; `output` holds
    what commands wrote for their callbacks. Raises SSHException, EOFError, HostKeyRefused or
    LoginRefused out of `feed`.
    """

    def __init__(self, check: HostKeyCheck, login: Login) -> None:
        self.wire = Wire()
        self.stage = "banner"
        self.banner_seen = False
        self.greeting = ""
        self._greeted = 0
        self.has_more = False
        self.noise = Noise()
        self._unasked = 0
        self.logged_in = False
        self.alive_answers = 0
        self.output: list[Output] = []
        self.channels: dict[int, Channel] = {}
        self._standing: dict[str, ResidentChannel] = {}
        self._refused: list[ExecChannel] = []
        self._had_sessions = False
        self._core: Any = Core(self.wire, check)
        self.login = login
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._next_channel = 0
        self.wire.send(self._core.local_version.encode() + b"\r\n")

    @property
    def is_gateway(self) -> bool:
        """Whether others are reached through it."""
        return any(isinstance(channel, ForwardChannel) for channel in self.channels.values())

    @property
    def waiting_bytes(self) -> int:
        """Bytes that have not gone out yet."""
        return len(self.wire.outgoing) + self._held_bytes

    @property
    def is_hungry(self) -> bool:
        """Whether there is room for further bytes of the host."""
        return len(self.wire.incoming) < MOST_UNREAD

    def negotiate(self) -> None:
        """Begin the key exchange. Until then the connection only waits, once the banner was seen."""
        self.stage = "key exchange"
        self._core._send_kex_init()
        self._core._expect_packet(KEXINIT)
        self.feed(b"")

    def feed(self, arrived: bytes) -> None:
        """Take in bytes and act on the packets that are whole, as many as are a turn."""
        self.wire.incoming += arrived
        if not self.banner_seen and not self._read_banner():
            return
        if self.stage == "banner":
            return
        packetizer = self._core.packetizer
        for _ in range(TURN):
            self.has_more = packetizer.whole_packet()
            if not self.has_more:
                return
            kind, message = packetizer.read_message()
            if kind not in (DATA, EXTENDED_DATA) or not self.logged_in:
                self.noise.heard(kind, len(message.asbytes()))
            self._take_packet(kind, message)
            self._rekey_if_due()
        self.has_more = packetizer.whole_packet()

    def send(self, payload: bytes) -> None:
        """Send a message, after the key exchange if one is going on."""
        if self.waiting_bytes > MOST_WAITING:
            raise SSHException("the host asks, and does not read the answers")
        if not self._core.clear_to_send.is_set():
            self._held.append(payload)
            self._held_bytes += len(payload)
            return
        self._core.packetizer.send_message(Packet(payload))
        self._rekey_if_due()

    def execute(self, command: Command | Inquiry) -> ExecChannel:
        """Open a channel that runs a command."""
        channel = ExecChannel(self, self._number(), command)
        self._open(channel)
        return channel

    def stand(self, request: Request, resident: Resident) -> ResidentChannel:
        """Hand a request to the program that stands ready for it, which is started where there is none yet."""
        channel = self._standing.get(resident.line)
        if channel is not None and self.channels.get(channel.number) is channel and not channel.spoilt:
            channel.ask(request, resident)
            return channel
        channel = ResidentChannel(self, self._number(), request, resident)
        self._standing[channel.line] = channel
        self._open(channel)
        return channel

    def forward(self, host: str, port: int) -> ForwardChannel:
        """Open a channel to a further host."""
        channel = ForwardChannel(self, self._number(), host, port)
        self._open(channel)
        return channel

    def ask_alive(self) -> None:
        """Send something that must be answered, if only with a refusal; counted in `alive_answers`."""
        self.noise.expect(1)
        self.send(struct.pack(">BI", GLOBAL_REQUEST, 21) + b"keepalive@openssh.com" + b"\x01")

    def spoke_unasked(self) -> None:
        """A program that stands ready spoke while nothing was asked of it, and is ended for it."""
        self._unasked += 1
        if self._unasked >= MOST_UNASKED:
            raise SSHException("the program that stands ready there speaks without being asked, again and again")

    def pump(self) -> None:
        """Let every channel send on what waited for the network."""
        for channel in list(self.channels.values()):
            channel.pump()

    def abandon(self, reason: str) -> None:
        """The connection is lost: tell every channel."""
        channels, self.channels = self.channels, {}
        for channel in channels.values():
            channel.on_lost(reason)

    def _number(self) -> int:
        self._next_channel += 1
        return self._next_channel

    def _open(self, channel: Channel) -> None:
        self.channels[channel.number] = channel
        self.noise.expect(EXPECTED)
        kind = channel.kind
        head = struct.pack(">BI", CHANNEL_OPEN, len(kind)) + kind
        self.send(head + struct.pack(">III", channel.number, WINDOW, LARGEST_DATA) + channel.extra())

    def _is_opened_again(self, channel: Channel) -> bool:
        """Whether a channel that was refused is asked for once more: where `MaxSessions 1` of sshd lets in one alone.

        sshd counts a session until it has dealt with our side of its end, which an answer to a later question tells; a
        program that stands ready counts as one, and gives way.
        """
        if not isinstance(channel, ExecChannel) or not self._had_sessions or channel.refusals >= MOST_REFUSALS:
            return False
        channel.refusals += 1
        self._refused.append(channel)
        for other in self.channels.values():
            if isinstance(other, ResidentChannel):
                other.dismiss()
        self.ask_alive()
        return True

    def _open_again(self) -> None:
        if not any(isinstance(channel, ResidentChannel) for channel in self.channels.values()):
            refused, self._refused = self._refused, []
            for channel in refused:
                self._open(channel)

    def _read_banner(self) -> bool:
        """RFC 4253 section 4.2: other lines may come before the one that begins with `SSH-`."""
        arrived = self.wire.incoming
        while (end := arrived.find(b"\n")) >= 0:
            line = bytes(arrived[:end]).rstrip(b"\r").decode("utf-8", "replace")
            del arrived[: end + 1]
            if line.startswith("SSH-"):
                if not line.startswith(("SSH-2.0-", "SSH-1.99-")):
                    raise SSHException(f"it speaks {line[:40]!r}, not SSH 2")
                self._core.remote_version = line
                self.banner_seen = True
                return True
            self.greeting = self.greeting or harmless(line)
            self._greeted += len(line) + 1
        if len(arrived) + self._greeted > LONGEST_BANNER:
            raise SSHException(f"it does not speak SSH{f' but says: {self.greeting}' if self.greeting else ''}")
        return False

    def _rekey_if_due(self) -> None:
        if self._core.packetizer.need_rekey() and not self._core.in_kex:
            self._core._send_kex_init()

    def _take_packet(self, kind: int, message: Message) -> None:
        core = self._core
        if kind in (IGNORE, DEBUG):
            core._enforce_strict_kex(kind)
            return
        if kind == DISCONNECT:
            message.get_int()
            raise Disconnected(harmless(message.get_text()))
        if core._expected_packet:
            if kind not in core._expected_packet:
                raise SSHException(f"message {kind} came where {core._expected_packet} was due")
            core._expected_packet = ()
            if 30 <= kind <= 41:
                if len(message.asbytes()) > LONGEST_OF_KEYS:
                    raise SSHException(f"message {kind} of the key exchange is too long")
                core.kex_engine.parse_next(kind, message)
                return
        if kind == EXT_INFO:
            core.server_extensions = extensions(message)
        elif kind in (KEXINIT, NEWKEYS):
            core._handler_table[kind](message)
            if kind == KEXINIT and isinstance(core.kex_engine, KexGexSHA256 | KexGroup14SHA256):
                self.noise.reckoned(OF_LARGE_NUMBERS)
            if kind == NEWKEYS:
                self._keys_in_force()
        elif kind == SERVICE_ACCEPT or 50 <= kind < 80:
            self._take_login(kind, message)
        elif kind >= 80 and self.logged_in:
            self._take_connection(kind, message)
        elif kind != UNIMPLEMENTED:
            core.packetizer.send_message(Packet(struct.pack(">BI", UNIMPLEMENTED, message.seqno)))

    def _keys_in_force(self) -> None:
        if self.stage == "key exchange":
            self.stage = "login"
            self.login.begin(self.send, self._core.session_id)
        held, self._held, self._held_bytes = self._held, [], 0
        for payload in held:
            self.send(payload)

    def _take_login(self, kind: int, message: Message) -> None:
        if self.logged_in:
            return
        algorithms = self._core.server_extensions.get("server-sig-algs", b"").decode("ascii", "replace")
        if self.login.take(kind, message, algorithms.split(",") if algorithms else []):
            self.logged_in = True
            self.stage = "command"
            self._core._auth_trigger()

    def _take_connection(self, kind: int, message: Message) -> None:
        if kind == GLOBAL_REQUEST:
            message.get_binary()
            if message.get_boolean():
                self.send(struct.pack(">B", REQUEST_FAILURE))
        elif kind in (REQUEST_SUCCESS, REQUEST_FAILURE):
            self.alive_answers += 1
            self._open_again()
        elif kind == CHANNEL_OPEN:
            message.get_binary()
            refusal = struct.pack(">BIIII", OPEN_FAILURE, message.get_int(), 1, 0, 0)
            self.send(refusal)
        else:
            number = message.get_int()
            channel = self.channels.get(number)
            if channel is None:
                raise SSHException(f"message {kind} came for channel {number}, which is not open")
            self._take_channel(channel, kind, message)

    def _take_channel(self, channel: Channel, kind: int, message: Message) -> None:
        if kind in (DATA, EXTENDED_DATA):
            stderr = kind == EXTENDED_DATA and message.get_int() == EXTENDED_STDERR
            chunk = message.get_binary()
            if chunk and (stderr or kind == DATA):
                channel.on_bytes(chunk, stderr=stderr)
            else:
                self.noise.heard(kind, len(chunk))
        elif kind == WINDOW_ADJUST:
            channel.window = min(channel.window + message.get_int(), WIDEST)
            channel.pump()
        elif kind == OPEN_CONFIRMATION:
            self._had_sessions |= isinstance(channel, ExecChannel)
            channel.confirmed(message.get_int(), message.get_int(), message.get_int())
        elif kind == OPEN_FAILURE:
            del self.channels[channel.number]
            if not self._is_opened_again(channel):
                channel.refused(message.get_int(), harmless(message.get_text()))
        elif kind == CHANNEL_EOF:
            channel.on_eof()
        elif kind == CHANNEL_CLOSE:
            del self.channels[channel.number]
            channel.on_closed()
            channel.closed = True
            self._open_again()
        elif kind == CHANNEL_REQUEST:
            name = message.get_text()
            wants_reply = message.get_boolean()
            channel.on_request(name, message)
            if wants_reply:
                self.send(struct.pack(">BI", CHANNEL_FAILURE, channel.remote))
        elif kind == CHANNEL_FAILURE:
            channel.on_request_refused()
