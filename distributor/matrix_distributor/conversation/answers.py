"""What a script said on a host, told apart from what the login shell around it says, before it or after it.

Every script that is run on a host ends with a word of its own on standard output. An exit status alone is believed of
none: a login shell that is no shell, a forced command, or an `exit` in a start file ends as it likes, and runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matrix_common.terminal import safe
from matrix_distributor.dialogue.dialogue import Reply

BEGIN = b"dsas 1 begin\n"
END = b"\ndsas 1 end\n"
"""What survey.sh and fetch.sh put around what they tell, which may be any bytes."""

DONE = b"dsas 1 done"
"""The line by which copy.sh says that all of its `go` was carried out."""

BEGUN = re.compile(rb"dsas 1 begun\r?\n")
"""By which run.sh says that it begins, since what a person has run there has no word of its own."""

GZIP = b"\x1f\x8b\x08"
"""How what gzip(1) writes begins (RFC 1952)."""

_LONGEST = 200
_PART = len(b"dsas 1 begun\r")
_MOST_BEGINNINGS = 4
_SILENT = (
    "it ended with status 0 but did not answer: "
    "a login shell that is no shell, a forced command, or an exit in its start files"
)


def between(stdout: bytes) -> bytes | None:
    """What a script told between its first word and its last; None when either of them is missing."""
    begin, end = stdout.find(BEGIN), stdout.rfind(END)
    if begin < 0 or end < begin + len(BEGIN):
        return None
    return stdout[begin + len(BEGIN) : end]


def archives(stdout: bytes) -> Iterator[bytes]:
    """From where in an answer a gzip stream may begin, each of them, the first ones first.

    What install.sh sends so has no words around it, and its content says whether it is whole.
    """
    place = stdout.find(GZIP)
    for _ in range(_MOST_BEGINNINGS):
        if place < 0:
            return
        yield stdout[place:]
        place = stdout.find(GZIP, place + 1)


def is_done(reply: Reply) -> bool:
    """Whether copy.sh came to its end."""
    return reply.status == 0 and DONE in reply.stdout.split(b"\n")


class Opening:
    """Takes the word by which run.sh begins out of standard output, as that comes; `seen` whether it came."""

    def __init__(self) -> None:
        self.seen = False
        self._held = b""

    def passed(self, chunk: bytes) -> bytes:
        """What of it, and of what was held back, goes on."""
        if self.seen:
            return chunk
        held = self._held + chunk
        word = BEGUN.search(held)
        if word is not None:
            self.seen, self._held = True, b""
            return held[: word.start()] + held[word.end() :]
        self._held = held[-_PART:]
        return held[:-_PART]

    def rest(self) -> bytes:
        """What is held back still, at the end."""
        held, self._held = self._held, b""
        return held


def own_words(stderr: bytes) -> str:
    """The last line that a script of ours wrote of its trouble, without its `dsas: `; empty when it wrote none."""
    lines = [line for line in stderr.splitlines() if line.startswith(b"dsas: ")]
    return safe(lines[-1].decode("utf-8", "replace").removeprefix("dsas: ").strip()) if lines else ""


def why_unanswered(reply: Reply) -> str:
    """Why a host did not answer, in words for a person: what a script said, else what came instead."""
    own = own_words(reply.stderr)
    if own:
        return own
    told = _last(reply.stderr) or ("" if BEGIN in reply.stdout else _last(reply.stdout))
    if reply.status == 0:
        return f"{_SILENT} ({told})" if told else _SILENT
    return _last(reply.stderr) or f"it ended with status {reply.status}" + (f" ({told})" if told else "")


def why_not_begun(reply: Reply) -> str:
    """Why a command did not begin on a host: the status is that of its login, or of sudo, and not the command's."""
    if reply.status == 0:
        return why_unanswered(reply)
    told = _last(reply.stderr) or _last(reply.stdout)
    return f"exit {reply.status} before the command began" + (f" ({told})" if told else "")


def cure_of(host: str, *, silent: bool) -> str:
    """What to do about a host that ended with status 0 and did not answer (`silent`); nothing for others."""
    return f"see what is printed by: ssh {host} echo hello" if silent else ""


def _last(raw: bytes) -> str:
    lines = [line for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    return safe(lines[-1].strip())[:_LONGEST] if lines else ""
