"""The words spoken with install.sh and install.pl on a host: command lines, answers, and what to say to one host."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import Literal

from matrix_common.terminal import safe
from matrix_common.trouble import Trouble
from matrix_distributor.dialogue.commands import GatedRequest, Request, Resident
from matrix_distributor.dialogue.dialogue import Dialogue, Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.hostside.protocol import ASK_THE_HOST, INSTALL, Refusal
from matrix_distributor.hostside.scripts import install_program, install_script

from .payload import DeltaPayload, Payload

Condition = Literal[
    "none", "whole", "drift", "partial", "broken", "unsigned", "same", "installed", "repaired", "loaded"
]


# install.pl comes before the archive on standard input. flock(1) is asked for since without it install.sh has a lock of
# another kind.
_HAVE_PERL = (
    "{ command -v perl && command -v gzip && command -v sha256sum && command -v sync && command -v flock; } >/dev/null"
)
_LOADER = (
    "my $n = shift; my $p = q(); while (length $p < $n) { sysread STDIN, $p, $n - length $p, length $p or exit 63 } "
    "eval $p; die $@"
)
_CHANGE = 'exec perl -e "$@"'
_STAY = f'{_HAVE_PERL} || exit 127; exec perl -e "$@"'

# One line, without `!`: login shells such as csh would read either in a way of their own. gzip stands before tar, which
# would start it with a process more. That it came to its end shows in the sums of all files, of which its last is one.
_UNPACK = (
    "set -eu; umask 022; LC_ALL=C; export LC_ALL; "
    f'if [ "$2" -gt 0 ] && {_HAVE_PERL}; then exec perl -e "$@"; fi; '
    'dd bs=1 count="$2" of=/dev/null 2>/dev/null || exit 65; shift 3; '
    'for c in tar gzip; do command -v $c >/dev/null || { echo "dsas: this host has no $c" >&2; exit 65; }; done; '
    "h=${DSAS_ROOT:-}/var/lib/dsas/generations; "
    '[ -d "$h" ] || mkdir -p "$h"; cd "$h"; '
    'for t in .tmp-*; do [ -d "$t" ] || continue; kill -0 "${t#.tmp-}" 2>/dev/null || rm -rf "$t"; done; '
    't=$h/.tmp-$$; trap "rm -rf \\"$t\\"" EXIT; trap "exit 75" HUP INT TERM; mkdir "$t"; '
    'gzip -dc | tar -xpof - -C "$t" || exit 63; '
    'set -- install "$t" "$@"; . "$t/install.sh"'
)
_ASK = 'f=${DSAS_ROOT:-}/var/lib/dsas/install.sh; [ -f "$f" ] && exec sh "$f" "$1"; echo dsas 1 0 - none'

# What a login shell printed may stand in front, on the same line.
_ANSWER = re.compile(r"dsas 1 ([0-9]{1,10}) (-|[0-9a-f]{64}) ([a-z]+)$")
_BEFORE = re.compile(r"before ([0-9]{1,10})$")
_ENROLLED = re.compile(r"enrolled ([0-9a-f]{12})$")
_TOLD_PATHS = 1000
_TOLD_CHARACTERS = 20_000
"""So many paths, and of so many characters in all, are taken from an answer: they are told, logged and kept."""
_TOLD_REASON = 200
"""Characters of what a host says of one of them."""
_CONDITIONS = frozenset(Condition.__args__)  # type: ignore[attr-defined]

_OWN_STATUSES = INSTALL.numbers() | {0, 1}
"""Those of install.sh and install.pl, and that of sudo and of what a shell ends with when a tool fails."""

_FOR_ALL_OF_IT = INSTALL.numbers("cut", "nothing")
"""Those by which a host says that it cannot make a generation out of what changes in another one."""


@dataclass(frozen=True)
class HostState:
    """What a host says of itself. `generation` is 0 and `digest` empty when it holds none.

    `drift` are the paths of what is not as an install makes it, and `why` says of each how, as far as the host does.
    `before` is the generation that an install replaced, 0 for none, where the host tells it. `enrolled` is as in
    Outcome.
    """

    generation: int
    digest: str
    condition: Condition
    drift: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    before: int | None = None
    enrolled: str | None = None
    why: tuple[str, ...] = field(default=(), compare=False)

    def holds(self, generation: Payload) -> bool:
        """Whether it is this generation that the host holds, every file in place."""
        return self.has(generation) and self.condition in ("whole", "same", "installed", "repaired", "loaded")

    def has(self, generation: Payload) -> bool:
        """Whether it is this generation that is in force there, whatever became of its files."""
        return self.generation == generation.number and self.digest == generation.digest


def install(
    generation: Payload, host: str, *, force: bool = False, sudo: bool = False, delta: DeltaPayload | None = None
) -> Dialogue[Reply]:
    """The dialogue that sends a generation.

    With `delta` what changes is sent, and all of it where the host cannot use that. Once more, for sh alone, it is sent
    to a host whose perl is none.
    """
    if delta is not None:
        reply = yield change_command(generation, delta, host, force=force, sudo=sudo)
        if _is_own(reply) and reply.status not in _FOR_ALL_OF_IT:
            return reply
    reply = yield install_command(generation, host, force=force, sudo=sudo)
    if _is_own(reply):
        return reply
    return (yield install_command(generation, host, force=force, sudo=sudo, perl=False))


def _is_own(reply: Reply) -> bool:
    """Whether it is install.pl or install.sh that replied: a program of perl's name may end with 0 and do nothing."""
    said = any(_ANSWER.search(line) for line in reply.stdout.decode("utf-8", "replace").splitlines())
    return said if reply.status == 0 else reply.status in _OWN_STATUSES


def query_command(sudo: bool = False) -> GatedRequest:
    """Ask which generation is in force, and whether its files are in place; the answer is for `read_state`."""
    return replace(_ask("query", sudo), limit=SMALL_ANSWER, resident=_resident("query", sudo=sudo))


def load_command(sudo: bool = False) -> GatedRequest:
    """Have every binding loaded once in its own language."""
    return replace(_ask("load", sudo), limit=SMALL_ANSWER)


def files_command(sudo: bool = False) -> GatedRequest:
    """Have the files in place sent, as tar.gz."""
    return _ask("files", sudo)


def export_command(sudo: bool = False) -> GatedRequest:
    """Have the whole generation in force sent, as tar.gz."""
    return _ask("export", sudo)


def install_command(
    generation: Payload, host: str, *, force: bool = False, sudo: bool = False, perl: bool = True
) -> GatedRequest:
    """Send a generation to the host of that name and have it put in place; by perl if that may be, where it has it."""
    arguments = _arguments(generation, host, force=force)
    words = f"dsas install {generation.number} {generation.digest} {host}"
    program = install_program("stay") if perl else b""
    return GatedRequest(
        limit=SMALL_ANSWER,
        line=_line(_UNPACK, (_LOADER, str(len(program)), "install", *arguments), sudo),
        stdin=generation.archive,
        preface=program,
        words=words,
        resident=_resident("install", *arguments, sudo=sudo) if perl else None,
    )


def change_command(
    generation: Payload, delta: DeltaPayload, host: str, *, force: bool = False, sudo: bool = False
) -> Request:
    """Send what a generation changes in one that the host keeps, and have the whole put in place: by perl alone."""
    arguments = (*_arguments(generation, host, force=force), delta.base)
    program = install_program("change")
    words = ("perl", "-e", _LOADER, str(len(program)), "change", *arguments)
    return Request(
        limit=SMALL_ANSWER,
        line=_line(_CHANGE, words[2:], sudo) if sudo else shlex.join(words),
        stdin=delta.stream,
        preface=program,
        resident=_resident("change", *arguments, sudo=sudo, alone=True),
    )


def _arguments(generation: Payload, host: str, *, force: bool) -> tuple[str, ...]:
    script = hashlib.sha256(install_script()).hexdigest()
    return str(generation.number), generation.digest, host, "force" if force else "-", script


def _resident(*words: str, sudo: bool, alone: bool = False) -> Resident:
    return Resident(_stay_line(sudo), head=" ".join(words), preface=install_program("stay"), alone=alone)


@cache
def _stay_line(sudo: bool) -> str:
    return _line(_STAY, (_LOADER, str(len(install_program("stay"))), "stay", "1"), sudo)


def _ask(verb: str, sudo: bool) -> GatedRequest:
    return GatedRequest(_line(_ASK, (verb,), sudo), words=f"dsas {verb}")


def _line(script: str, arguments: tuple[str, ...], sudo: bool) -> str:
    words = ["sudo", "-n"] if sudo else []
    return shlex.join([*words, "sh", "-c", script, "dsas", *arguments])


def read_state(reply: Reply, stage: str = "query") -> HostState | Trouble:
    """What a host answered; the Trouble, of that stage, when it did not do what it was asked.

    The last answer counts: a login shell may show what was answered earlier, as from a log, before the script begins.
    """
    if reply.status != 0:
        return _trouble(reply, stage)
    drift: list[str] = []
    removed: list[str] = []
    reasons: dict[int, str] = {}
    before: int | None = None
    answer: HostState | None = None
    enrolled = "" if reply.requested else None
    for line in reply.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("drift /"):
            drift.append(safe(line.removeprefix("drift ")))
        elif line.startswith("why "):
            reasons[len(drift)] = safe(line.removeprefix("why "))[:_TOLD_REASON]
        elif line.startswith("removed /"):
            removed.append(safe(line.removeprefix("removed ")))
        elif told := _BEFORE.search(line):
            before = int(told[1])
        elif reply.requested and (told := _ENROLLED.search(line)):
            enrolled = told[1]
        elif (match := _ANSWER.search(line)) and match[3] in _CONDITIONS:
            digest = "" if match[2] == "-" else match[2]
            paths = _first(drift)
            why = tuple(reasons.get(place, "") for place in range(len(paths)))
            number, condition = int(match[1]), match[3]
            answer = HostState(number, digest, condition, paths, _first(removed), before, enrolled, why)  # type: ignore[arg-type]
            drift, removed, reasons, before = [], [], {}, None
    if answer is not None:
        return answer
    said = _told(reply.stdout) or _told(reply.stderr)
    return Trouble(
        stage,
        "the host did not answer as install.sh does" + (f": {said}" if said else ""),
        "look at what its login shell prints and starts for commands over ssh",
    )


def _first(paths: list[str]) -> tuple[str, ...]:
    """The first of the paths that a host tells, at least one."""
    ends = accumulate(map(len, paths[:_TOLD_PATHS]))
    few = [path for path, end in zip(paths, ends, strict=False) if end <= _TOLD_CHARACTERS]
    return tuple(few or [path[:_TOLD_CHARACTERS] for path in paths[:1]])


def _trouble(reply: Reply, stage: str) -> Trouble:
    words = _told(reply.stderr)
    meaning = INSTALL.meaning(reply)
    if meaning is not None and meaning.refusal:
        return Refusal(stage, words, meaning.cure_for(words))
    cure = INSTALL.sign_in(words, reply.stderr.decode("utf-8", "replace"))
    if meaning is None:
        return Trouble(stage, words or f"it ended with status {reply.status}", cure or ASK_THE_HOST)
    return Trouble(stage, words or meaning.cause, cure or meaning.cure)


def _told(raw: bytes) -> str:
    """The line that says most, harmless on a terminal: what install.sh said itself, else the last one."""
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    lines = [line for line in lines if " in the future" not in line]  # tar, where a host's clock is behind
    own = [line.removeprefix("dsas: ") for line in lines if line.startswith("dsas: ")]
    telling = [line for line in lines if INSTALL.sign_in(line)]
    chosen = (own or lines)[-1] if (own or lines) else ""
    if telling and telling[-1].removeprefix("dsas: ") not in chosen:
        chosen = f"{chosen} ({telling[-1]})" if own else telling[-1]
    return safe(chosen)[:300]
