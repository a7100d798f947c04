"""What a dialogue says to a host: a command, an inquiry, a request, or that it is the others' turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from .shares import ANSWER

Stream = Literal["stdout", "stderr"]

Receiver: TypeAlias = Callable[[Stream, bytes], object]
"""Takes each chunk of output, in the pool's own thread, so it must not block. Where it gives CROWDED, the host is not
read from for a moment."""

CROWDED = "crowded"
"""What a Receiver gives when so much waits for its owner that this host is to wait."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command for the remote shell.

    `line` reaches the shell as it is. `stdin` is sent with flow control, then end of file; an iterable is drawn from
    only as fast as the host takes it. `timeout` is in seconds (None: the pool's). `output` goes to a Receiver, or is
    collected into the Reply, up to so many bytes, beyond which the host fails. With `hold` the end of file waits until
    the command ends or the connection is lost, so that the far side can tell by it that nobody waits for it any more.
    """

    line: str
    stdin: bytes | Iterable[bytes] = b""
    timeout: float | None = None
    output: int | Receiver = ANSWER
    hold: bool = False

    @property
    def limit(self) -> int:
        """Bytes of output that are collected at most."""
        return self.output if isinstance(self.output, int) else ANSWER

    @property
    def receiver(self) -> Receiver | None:
        """What takes the output, where it is not collected."""
        return None if isinstance(self.output, int) else self.output


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A command whose input depends on what the host writes first.

    `answer` is asked with all of standard output, whenever more has come, until it gives what to send; a host that has
    said more than UNDECIDED bytes by then is sent nothing. Of output `limit` bytes are collected. On this machine
    nothing is sent.
    """

    line: str
    answer: Callable[[bytes], Iterable[bytes] | None]
    timeout: float | None = None
    limit: int = ANSWER


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
class Request:
    """What a program of ours is asked on a host, with `stdin` as its content.

    It is a command of the shell, `line` with `preface` before `stdin`: what `line` needs to begin at all. Over
    connections that are kept a `resident` program does the same.
    """

    line: str
    stdin: bytes = b""
    preface: bytes = b""
    resident: Resident | None = None
    timeout: float | None = None
    limit: int = ANSWER

    @property
    def command(self) -> Command:
        """The same for the remote shell."""
        return Command(self.line, (self.preface, self.stdin), self.timeout, self.limit)


@dataclass(frozen=True, slots=True)
class GatedRequest(Request):
    """A request that an account takes as well which runs no commands (`matrix enroll`): `words` are said to it."""

    words: str = field(kw_only=True)

    @property
    def for_account(self) -> Command:
        """The same for such an account."""
        return Command(self.words, self.stdin, self.timeout, self.limit)


class Turn:
    """What a dialogue yields that has much to reckon: others have their turn, and it goes on with an empty Reply."""


TURN: Final = Turn()

Message: TypeAlias = Command | Inquiry | Request | Turn
"""What a dialogue may yield."""
