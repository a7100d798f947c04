"""What files a host has: the question, in few bytes, and the answer of survey.sh."""

from __future__ import annotations

import gzip
import hashlib
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from matrix_common.files import InflationError, slices
from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import GZIP, between, cure_of, why_unanswered
from matrix_distributor.conversation.turns import by_turns
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Dialogue, Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.hostside.scripts import survey_line

from .entries import Cargo
from .quick import quick_answer, quick_question

FEW = 64
"""Up to so many names are asked for in the command line; more travel compressed, and the answer is a digest."""

MOST_ENTRIES = 300_000
"""Files, folders and links of one tree: DIFFALL and SYNCALL --delete of more are refused."""

MOST_TEXT = 64 * 1024 * 1024
"""Bytes of the report of such a tree, uncompressed."""

PER_NAME = 512
"""Bytes of a report for each name that was asked for, besides the name itself: its owner, and where it points to."""

_SUM = re.compile(rb"^([0-9a-f]{64})  (.*)$", re.DOTALL)
_HEAD = re.compile(rb"(R\n)?(?:T ([0-9a-f]{1,8}) ([^\n]{1,512})\n)?")
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")

_WHOLE = b"~"
"""The last line of a report, by which the host says that it has looked at all: it sorts after any other."""

STEP = 256
"""Lines of a report that are read at a time."""

FoundKind = Literal["file", "folder", "link", "other", "unreadable"]


@dataclass(frozen=True, slots=True)
class Found:
    """A file as a host has it. `digest` is the sha256 of a file that can be read, `owner` is `USER:GROUP`."""

    kind: FoundKind
    mode: int = 0
    owner: str = ""
    digest: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a host has: paths (absolute) that are there, by name; those that are not are absent.

    `top` is the folder of a tree, or what stands in its place; `root` says that root was asked, `same` that all is as
    expected.
    """

    found: Mapping[str, Found]
    root: bool = False
    top: Found | None = None
    same: bool = False


class _TooManyError(ValueError):
    """A report tells of more than was asked for."""


def survey_cargo(
    cargo: Cargo, host: str, *, sudo: bool, at_length: bool = False, beside: str = ""
) -> Dialogue[Survey | Trouble]:
    """Ask which of these entries the host has, and how: one round trip where all is as it is to be.

    `beside` is a further name in the folder of everything that is asked for, at length.
    """
    question = None if at_length or beside else quick_question(cargo, sudo=sudo)
    if question is not None:
        survey = quick_survey(cargo, quick_answer(cargo, (yield question)))
        if survey is not None:
            return survey
    names = ["." + cargo.path(entry) for entry in cargo.entries]
    if beside:
        names.append(f".{cargo.base.rstrip('/')}/{beside}")
    form = _form(cargo)
    first = [form, "top", "." + cargo.base] if cargo.tree else [form]
    if len(names) <= FEW:
        reply = yield Command(survey_line([*first, "names", *names], sudo=sudo), output=SMALL_ANSWER)
    else:
        listing = b"".join(_bytes(name) + b"\0" for name in names)
        stdin = gzip.compress(listing, 6, mtime=0)
        reply = yield Command(survey_line([*first, "stream", _expected(cargo, form)], sudo=sudo), stdin=stdin)
    return (yield from _read(host, reply, len(names), sum(PER_NAME + 4 * len(name) for name in names) + SMALL_ANSWER))


def quick_survey(cargo: Cargo, answer: str | None) -> Survey | None:
    """What the answer to the quick question tells of a host; None when it has to be asked at length."""
    if answer is None:
        return None
    if answer == "":
        return Survey({}, same=True)
    entry = cargo.entries[0]
    return Survey({cargo.path(entry): Found("file", entry.mode, entry.owner, answer)})


def survey_names(paths: Iterable[str], host: str, *, sudo: bool) -> Dialogue[Survey | Trouble]:
    """Ask which of a few absolute paths the host has, and how: one round trip."""
    names = ["." + path for path in paths]
    reply = yield Command(survey_line(["%f %U:%G -", "names", *names], sudo=sudo), output=SMALL_ANSWER)
    return (yield from _read(host, reply, len(names), SMALL_ANSWER))


def survey_path(path: str, host: str, *, sudo: bool) -> Dialogue[Survey | Trouble]:
    """Ask what the host has at a path and, where it is a folder, in it."""
    reply = yield Command(survey_line(["%f %U:%G -", "tree", "." + path], sudo=sudo))
    return (yield from _read(host, reply, MOST_ENTRIES, MOST_TEXT))


def _form(cargo: Cargo) -> str:
    """The part of stat(1)'s format before the name; owners are asked for only where they matter."""
    owners = [entry.owner for entry in cargo.entries if entry.kind != "link"]
    if not any(owners):
        return "%f - -"
    return "%f %U:%G -" if any(":" in owner for owner in owners) else "%f %U -"


def _expected(cargo: Cargo, form: str) -> str:
    """The sha256 of the report of a host that has everything as it is to be."""
    lines: list[bytes] = [_WHOLE]
    for entry in cargo.entries:
        path = _bytes("." + cargo.path(entry))
        kind = stat.S_IFDIR if entry.kind == "folder" else stat.S_IFREG
        facts = f"{kind | entry.mode:x} {entry.owner or '-'} -" if form != "%f - -" else f"{kind | entry.mode:x} - -"
        if entry.kind == "link":
            lines.append(f"L {path.hex()} {_bytes(entry.link).hex()}".encode())
        elif _ODD.search(entry.name) or _ODD.search(cargo.base):
            lines.append(f"O {path.hex()} {entry.digest or '-'} {facts}".encode())
        else:
            lines.append(f"S {facts} ".encode() + path)
            if entry.kind == "file":
                lines.append(entry.digest.encode() + b"  " + path)
    return hashlib.sha256(b"\n".join(sorted(lines)) + b"\n").hexdigest()


def _read(host: str, reply: Reply, most: int, most_text: int) -> Dialogue[Survey | Trouble]:
    """The survey in a reply, of at most so many things there, in so many bytes; others have their turn meanwhile."""
    told = between(reply.stdout)
    if reply.status != 0 or told is None:
        return _trouble(why_unanswered(reply), cure_of(host, silent=reply.status == 0))
    head = _HEAD.match(told)
    assert head is not None
    root, top = bool(head[1]), _found(head[2], head[3], "") if head[2] else None
    body = told[head.end() :]
    try:
        if body.startswith(GZIP):
            body = b"".join((yield from by_turns(slices(body, most_text))))
        if body.removesuffix(b"\n") == b"same":
            return Survey({}, root=root, top=top, same=True)
        if not body.endswith(_WHOLE + b"\n"):
            return _trouble("its report ends in the middle: a program that makes it failed there, or was ended")
        found: dict[str, Found] = {}
        yield from by_turns(_found_in(body, most, found))
    except InflationError as error:
        return _trouble(f"its report cannot be read: {error}")
    except _TooManyError:
        return _trouble(f"it tells of more than {most:,} files: compare or copy a smaller tree")
    except ValueError:
        return _trouble("its report cannot be read")
    return Survey(found, root=root, top=top)


def _trouble(cause: str, cure: str = "") -> Trouble:
    """Why there is no survey: the host did not answer as survey.sh does."""
    return Trouble("survey", cause, cure)


def _found_in(body: bytes, most: int, found: dict[str, Found]) -> Iterator[None]:
    """Read a report into `found`, a step for some lines each. Raises ValueError when it is none."""
    facts: dict[bytes, Found] = {}
    sums: dict[bytes, str] = {}
    begin = lines = 0
    while begin < len(body):
        lines += STEP
        for _ in range(STEP):
            end = body.find(b"\n", begin)
            end = end if end >= 0 else len(body)
            _take(body[begin:end], facts, sums)
            begin = end + 1
        if max(len(facts), len(sums)) > most or lines > 2 * most + STEP:
            raise _TooManyError
        yield
    for number, (path, fact) in enumerate(facts.items()):
        if fact.kind == "file" and not fact.digest:
            digest = sums.get(path, "")
            fact = Found("file" if digest else "unreadable", fact.mode, fact.owner, digest)
        found[path[1:].decode("utf-8", "surrogateescape")] = fact
        if number % STEP == 0:
            yield


def _take(line: bytes, facts: dict[bytes, Found], sums: dict[bytes, str]) -> None:
    """One line of a report. Raises ValueError when it is none."""
    if not line or line == _WHOLE:
        return
    match = _SUM.match(line)
    if match:
        sums[match[2]] = match[1].decode()
        return
    letter, _, rest = line.partition(b" ")
    if letter == b"L":
        path, _, target = rest.partition(b" ")
        link = bytes.fromhex(target.decode("ascii")).decode("utf-8", "surrogateescape")
        facts[_path(path)] = Found("link", link=link)
    elif letter == b"U":
        facts[_path(rest)] = Found("unreadable")
    elif letter == b"S":
        mode, owner, _, path = rest.split(b" ", 3)
        facts[path] = _found(mode, owner, "")
    elif letter == b"O":
        path, digest, mode, owner, _ = rest.split(b" ", 4)
        facts[_path(path)] = _found(mode, owner, digest.decode("ascii").strip("-"))
    else:
        raise ValueError(line)


def _path(digits: bytes) -> bytes:
    """A path that was told in hex. Raises ValueError when it is none, as where the host has no od(1)."""
    if not digits:
        raise ValueError(digits)
    return bytes.fromhex(digits.decode("ascii"))


def _found(mode: bytes, owner: bytes, digest: str) -> Found:
    bits = int(mode, 16)
    kinds: Iterable[tuple[bool, FoundKind]] = (
        (stat.S_ISREG(bits), "file"),
        (stat.S_ISDIR(bits), "folder"),
        (stat.S_ISLNK(bits), "link"),
    )
    kind: FoundKind = next((kind for is_it, kind in kinds if is_it), "other")
    return Found(kind, stat.S_IMODE(bits), owner.decode("utf-8", "replace").strip("-"), digest)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
