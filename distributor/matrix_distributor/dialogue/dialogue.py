"""What callers say to hosts, and what they get back: plain values, without a connection in them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, TypeVar

from matrix_common.trouble import Trouble, Troubled

from .shares import ANSWER

T = TypeVar("T")

Stream = Literal["stdout", "stderr"]


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
class Resident:
    """A program that stands ready on a host, where connections are kept, so that a request costs no start of a program.

    `line` starts it, with `preface` on its standard input. For each request it is sent a line of `head` and the number
    of bytes that follow, and these. It answers with a line `taken` at once, and at its end with a line `reply STATUS
    BYTES BYTES` and what it tells on standard output and standard error. Where it does not start (exit status 127), or
    ends before it took the request, the command is run. With `alone` the command needs that program as well: over a
    connection on which it did not start before, nothing is said, and the reply is that status.
    """

    line: str
    head: str
    preface: bytes = b""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command for the remote shell.

    `line` reaches the shell as it is. `stdin` is sent with flow control, then end of file; an iterable is drawn from
    only as fast as the host takes it. `timeout` is in seconds (None: the pool's). With `on_output` each chunk of
    output goes to it, in the pool's own thread, so it must not block; where it gives CROWDED, the host is not read
    from for a moment. Without it output is collected into the Reply, up to `limit` bytes, beyond which the host fails.
    With `hold` the end of file waits until the command ends or the connection is lost, so that the far side can tell
    by it that nobody waits for it any more. `preface` goes before `stdin`: what `line` needs to begin at all. With
    `answer` the input depends on what the host writes first: it is asked with all of standard output, whenever more
    has come, until it gives what to send; who has said more than UNDECIDED bytes by then is sent nothing. `request` is
    what to say in place of `line` and `preface` to an account that
    takes requests and runs no commands (`matrix enroll`). With `standing` a program that is kept does the same with
    `stdin`, which are bytes then, over connections that are kept.
    """

    line: str
    stdin: bytes | Iterable[bytes] = b""
    timeout: float | None = None
    on_output: Callable[[Stream, bytes], object] | None = None
    limit: int = ANSWER
    hold: bool = False
    preface: bytes = b""
    answer: Callable[[bytes], Iterable[bytes] | None] | None = None
    request: str = ""
    standing: Resident | None = None


TURN = Command("")
"""What a dialogue yields that has much to reckon: others have their turn, and it goes on with an empty Reply."""

CROWDED = "crowded"
"""What `on_output` gives when so much waits for its owner that this host is to wait."""


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


Dialogue: TypeAlias = Generator[Command, Reply, T]
"""What to say to one host: yields commands, is sent their replies, returns a value.

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
