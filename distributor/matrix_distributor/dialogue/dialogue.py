"""Hosts to speak to, and what comes of it: plain values, without a connection in them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from matrix_common.trouble import Trouble, Troubled

from .commands import Message

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """One host to reach, as the MATRIX knows it.

    `name` is the name in the MATRIX; it is looked up in the user's ssh_config. `address` is what to connect to
    unless ssh_config gives a HostName. `port` and `user` are those of the MATRIX (None: ssh_config's, else 22 and
    the local user). `host_keys` are the values of `ssh.hostkey`: each `TYPE BASE64` or `SHA256:FINGERPRINT`, and
    `given_at` is where in the MATRIX they stand, for messages.
    """

    name: str
    address: str
    port: int | None = None
    user: str | None = None
    host_keys: tuple[str, ...] = ()
    given_at: str = field(default="the MATRIX", compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """How a command ended. `status` is its exit status, 128 + n when signal n killed it. `seconds` it took, wall.

    `requested`: an account answered that takes requests and runs no commands.
    """

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float
    requested: bool = False


@dataclass(frozen=True, slots=True)
class Failure(Troubled):
    """Why a host could not be spoken to.

    The stage of its trouble is one of resolve, connect, banner, key exchange, host key, login, command, stop. `begun`
    tells of stage stop that the host had been spoken to.
    """

    host: str
    trouble: Trouble
    begun: bool = False

    def advised(self, advice: str) -> Failure:
        """The same, with one more thing to do about it."""
        cure = f"{self.cure}; {advice}" if self.cure else advice
        return replace(self, trouble=replace(self.trouble, cure=cure))

    def __str__(self) -> str:
        return f"{self.host}: {self.trouble}"


Dialogue: TypeAlias = Generator[Message, Reply, T]
"""What to say to one host: yields messages, is sent their replies, returns a value.

It runs in the pool's thread. An exception that it raises is a bug, and is raised again from `Pool.converse`.
"""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that each stage may take, per host.

    `host` bounds all of them together, from its name to the end of the conversation, but for the wait for a place of
    the fan-out (None: no bound). An outcome says which stage it was in.
    """

    resolve: float = 10.0
    connect: float = 10.0
    banner: float = 10.0
    key_exchange: float = 15.0
    login: float = 15.0
    command: float = 120.0
    host: float | None = None
