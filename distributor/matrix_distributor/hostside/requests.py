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
from matrix_distributor.conversation.answers import own_words
from matrix_distributor.dialogue.commands import GatedRequest, Request, Resident
from matrix_distributor.dialogue.dialogue import Dialogue, Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.generation.delta import Delta
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hostside.scripts import install_program, install_script

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

_OWN_STATUSES = frozenset((0, 1, *range(60, 70), 75))
"""Those of install.sh and install.pl, and that of sudo and of what a shell ends with when a tool fails."""

_FOR_ALL_OF_IT = frozenset((63, 66))
"""Those by which a host says that it cannot make a generation out of what changes in another one."""

_CAUSES = {
    62: ("another install is running on the host", "push again when it has ended"),
    63: ("the stream did not arrive whole", "push again; a full disk or a cut line shows in the words of the host"),
    65: ("a tool that install.sh needs is missing", "install coreutils or busybox on the host"),
}


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

    def holds(self, generation: Generation) -> bool:
        """Whether it is this generation that the host holds, every file in place."""
        return self.has(generation) and self.condition in ("whole", "same", "installed", "repaired", "loaded")

    def has(self, generation: Generation) -> bool:
        """Whether it is this generation that is in force there, whatever became of its files."""
        return self.generation == generation.number and self.digest == generation.digest


@dataclass(frozen=True)
class Trouble:
    """Why install.sh did not do what it was asked, in words for a person. `refused`: the host will not have it."""

    cause: str
    cure: str
    refused: bool = False


def install(
    generation: Generation, host: str, *, force: bool = False, sudo: bool = False, delta: Delta | None = None
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
    generation: Generation, host: str, *, force: bool = False, sudo: bool = False, perl: bool = True
) -> GatedRequest:
    """Send a generation to the host of that name and have it put in place; by perl if that may be, where it has it."""
    arguments = _arguments(generation, host, force=force)
    words = f"dsas install {generation.number} {generation.digest} {host}"
    program = install_program("once") if perl else b""
    return GatedRequest(
        limit=SMALL_ANSWER,
        line=_line(_UNPACK, (_LOADER, str(len(program)), "once", *arguments), sudo),
        stdin=generation.archive,
        preface=program,
        words=words,
        resident=_resident("install", *arguments, sudo=sudo) if perl else None,
    )


def change_command(
    generation: Generation, delta: Delta, host: str, *, force: bool = False, sudo: bool = False
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


def _arguments(generation: Generation, host: str, *, force: bool) -> tuple[str, ...]:
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


def read_state(reply: Reply) -> HostState | Trouble:
    """What a host answered; the Trouble when it did not do what it was asked.

    The last answer counts: a login shell may show what was answered earlier, as from a log, before the script begins.
    """
    if reply.status != 0:
        return _trouble(reply)
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
        "the host did not answer as install.sh does" + (f": {said}" if said else ""),
        "look at what its login shell prints and starts for commands over ssh",
    )


def _first(paths: list[str]) -> tuple[str, ...]:
    """The first of the paths that a host tells, at least one."""
    ends = accumulate(map(len, paths[:_TOLD_PATHS]))
    few = [path for path, end in zip(paths, ends, strict=False) if end <= _TOLD_CHARACTERS]
    return tuple(few or [path[:_TOLD_CHARACTERS] for path in paths[:1]])


def _trouble(reply: Reply) -> Trouble:
    said = _told(reply.stderr)
    status = reply.status if own_words(reply.stderr) else 0  # who does not know our words does not know our statuses
    if status in (60, 61):
        cure = next((cure for words, cure in _OTHER_FLEETS.items() if said.startswith(words)), _OTHER_LINES[status])
        return Trouble(said, cure, refused=True)
    if status == 69:
        return Trouble(said, "bring what is set up on the host up to date: matrix enroll", refused=True)
    if status == 68:
        return Trouble(said, "set sign.key to a key that /etc/dsas/allowed_signers of the host names", refused=True)
    for words, cure in _KNOWN_WORDS:
        if words in said or words.encode() in reply.stderr:
            return Trouble(said, cure)
    cause, cure = _CAUSES.get(reply.status, (f"it ended with status {reply.status}", "see what the host says"))
    return Trouble(said or cause, cure)


_OTHER_LINES = {
    60: "this origin is behind: `matrix adopt` takes over from that host, --force puts this generation in place",
    61: "let one origin alone push: `matrix adopt` goes on from a host, --force overrules it",
}
_OTHER_FLEETS = {
    "another fleet:": "is it of another site? `matrix adopt` goes on with that one, --force makes it a host of this",
    "no fleet:": "bring the program of this origin up to date, or `matrix adopt` from that host; --force overrules it",
}

_KNOWN_WORDS = (
    ("No space left on device", "make room on the host's /var and /etc, then push again"),
    ("Read-only file system", "make /var/lib/dsas and /etc writable on the host, then push again"),
    ("Permission denied", "log in as root, or set push.sudo and allow `sudo -n`"),
    ("something is mounted on", "umount it on the host, then push again"),
    ("there is a folder in the place of", "see on the host what is in it and move it away, then push again"),
    ("a password is required", "allow this user `sudo -n` without a password on the host"),
    ("not found", "install what is missing on the host: coreutils or busybox, tar and gzip"),
)


def _told(raw: bytes) -> str:
    """The line that says most, harmless on a terminal: what install.sh said itself, else the last one."""
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    lines = [line for line in lines if " in the future" not in line]  # tar, where a host's clock is behind
    own = [line.removeprefix("dsas: ") for line in lines if line.startswith("dsas: ")]
    telling = [line for line in lines if any(words in line for words, _ in _KNOWN_WORDS)]
    chosen = (own or lines)[-1] if (own or lines) else ""
    if telling and telling[-1].removeprefix("dsas: ") not in chosen:
        chosen = f"{chosen} ({telling[-1]})" if own else telling[-1]
    return safe(chosen)[:300]
