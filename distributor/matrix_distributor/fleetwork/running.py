"""Running a command on a host, so that nothing of it outlives the wish for it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from matrix_common.trouble import NO_TROUBLE, Trouble
from matrix_distributor.conversation.answers import Opening, cure_of, why_not_begun
from matrix_distributor.dialogue.commands import Command, Receiver, Stream
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.dialogue.shares import ANSWER
from matrix_distributor.hostside.scripts import run_line
from matrix_grammar.model import Host

from .errors import FleetworkError
from .outcomes import FleetworkOutcome, flag

CHUNK = 64 * 1024

OnOutput = Callable[[str, Stream, bytes], object]


@dataclass(frozen=True, slots=True)
class Script:
    """A script to carry along: its bytes, and the interpreter that its first line names, with at most one argument."""

    content: bytes
    interpreter: str
    argument: str = ""

    @classmethod
    def of(cls, path: Path) -> Script:
        """The script in a file; without `#!` it is one for sh. Raises FleetworkError when it cannot be read."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise FleetworkError(f"{path}: {error.strerror}") from error
        if content.startswith(b"\x7fELF"):
            return cls(content, "")
        if not content.startswith(b"#!"):
            return cls(content, "sh")
        words = content[2:].partition(b"\n")[0].decode("utf-8", "surrogateescape").strip().split(None, 1)
        return cls(content, words[0] if words else "sh", words[1].strip() if len(words) > 1 else "")


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: words (one is a shell line, several a command and its arguments), or a script with its arguments.

    `stdin` is a file that every host is sent from its beginning to its end. Raises FleetworkError when there is nothing
    to run.
    """

    words: tuple[str, ...]
    script: Script | None = None
    stdin: IO[bytes] | None = None
    sudo: bool = False

    def __post_init__(self) -> None:
        if not self.words and self.script is None:
            raise FleetworkError("no command is given")

    @property
    def size(self) -> int | None:
        """Bytes of `stdin`."""
        return None if self.stdin is None else os.fstat(self.stdin.fileno()).st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome(FleetworkOutcome):
    """What a command did on one host.

    `status` is its exit status (128 + n when signal n killed it), None when there is none, also where the login ended
    before the command began, with whatever status. `stdout` and `stderr` are
    what it wrote, empty when they were given as they came.
    """

    status: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""

    REPORTED: ClassVar[tuple[str, ...]] = (
        "host", "result", "status", "stdout", "stderr", "seconds", "flag", "named", "here", "stage", "cause", "cure",
    )  # fmt: skip


def run_dialogue(host: Host, job: Job, on_output: OnOutput | None) -> Dialogue[RunOutcome]:
    """Run the job on one host."""
    opening = Opening()
    receive = None if on_output is None else _receiver(host.name, opening, on_output)
    reply = yield Command(command_line(host, job), _input(job), output=receive or ANSWER, hold=True)
    stdout = opening.passed(reply.stdout) + opening.rest()
    if on_output is not None and stdout:
        on_output(host.name, "stdout", stdout)
        stdout = b""
    if not opening.seen:
        trouble = Trouble("command", why_not_begun(reply), cure_of(host.name, silent=reply.status == 0))
        return RunOutcome(
            host=host.name, result="failed", trouble=trouble, flag=flag(host), stdout=stdout, stderr=reply.stderr,
            seconds=reply.seconds,
        )  # fmt: skip
    return RunOutcome(
        host=host.name,
        result="ok" if reply.status == 0 else "failed",
        trouble=Trouble("command", f"exit {reply.status}") if reply.status else NO_TROUBLE,
        flag=flag(host),
        status=reply.status,
        stdout=stdout,
        stderr=reply.stderr,
        seconds=reply.seconds,
    )


def _receiver(host: str, opening: Opening, on_output: OnOutput) -> Receiver:
    """Passes on what a host writes, but for the word by which run.sh begins."""

    def receive(stream: Stream, chunk: bytes) -> object:
        told = opening.passed(chunk) if stream == "stdout" else chunk
        return on_output(host, stream, told) if told else None

    return receive


def environment(host: Host) -> tuple[str, str, str]:
    """The values of DSAS_HOST, DSAS_ROLES and DSAS_STATE."""
    return host.name, " ".join(host.roles), host.state.name if host.state is not None else ""


def command_line(host: Host, job: Job) -> str:
    """The line for the host's login shell."""
    script = job.script
    sizes = ["-" if script is None else str(len(script.content)), "-" if job.size is None else str(job.size)]
    if script is not None:
        words = [script.interpreter, script.argument, *job.words]
    else:
        words = ["sh", "-c", job.words[0]] if len(job.words) == 1 else list(job.words)
    return run_line([*environment(host), *sizes, *words], sudo=job.sudo)


def _input(job: Job) -> Iterator[bytes]:
    """The script, then the standard input; each host reads at a place of its own."""
    if job.script is not None:
        yield job.script.content
    if job.stdin is not None and job.size:
        end, place = job.size, 0
        descriptor = job.stdin.fileno()
        while place < end:
            chunk = os.pread(descriptor, min(CHUNK, end - place), place)
            if not chunk:
                return
            place += len(chunk)
            yield chunk


def quoted(words: tuple[str, ...]) -> str:
    """The words of a job as a person would type them."""
    return words[0] if len(words) == 1 else shlex.join(words)
