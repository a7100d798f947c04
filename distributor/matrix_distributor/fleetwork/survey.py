"""What files a host has: the question, in few bytes, and the answer of survey.sh."""

from __future__ import annotations

import gzip
import hashlib
import re
import stat
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..remote import survey_line
from ..transport import Command, Dialogue, Reply
from .entries import Cargo
from .quick import quick_answer, quick_question

FEW = 64
"""Up to so many names are asked for in the command line; more travel compressed, and the answer is a digest."""

_SUM = re.compile(rb"^([0-9a-f]{64})  (.*)$", re.DOTALL)
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")

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

    `folder` says that the path that was asked for is one; `root` that root was asked. `same` that all is as expected.
    """

    found: Mapping[str, Found]
    root: bool = False
    folder: bool = False
    same: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The host did not answer as survey.sh does; `cause` is what it said instead."""

    cause: str


def survey_cargo(cargo: Cargo, *, sudo: bool, at_length: bool = False) -> Dialogue[Survey | Unanswered]:
    """Ask which of these entries the host has, and how: one round trip where all is as it is to be."""
    question = None if at_length else quick_question(cargo, sudo=sudo)
    if question is not None:
        survey = quick_survey(cargo, quick_answer((yield question)))
        if survey is not None:
            return survey
    names = ["." + cargo.path(entry) for entry in cargo.entries]
    form = _form(cargo)
    if len(names) <= FEW:
        reply = yield Command(survey_line([form, "names", *names], sudo=sudo))
    else:
        listing = b"".join(_bytes(name) + b"\0" for name in names)
        stdin = gzip.compress(listing, 6, mtime=0)
        reply = yield Command(survey_line([form, "stream", _expected(cargo, form)], sudo=sudo), stdin=stdin)
    return _read(reply)


def quick_survey(cargo: Cargo, answer: str | None) -> Survey | None:
    """What the answer to the quick question tells of a host; None when it has to be asked at length."""
    if answer is None:
        return None
    if answer == "":
        return Survey({}, same=True)
    entry = cargo.entries[0]
    return Survey({cargo.path(entry): Found("file", entry.mode, entry.owner, answer)})


def survey_names(paths: Iterable[str], *, sudo: bool) -> Dialogue[Survey | Unanswered]:
    """Ask which of a few absolute paths the host has, and how: one round trip."""
    reply = yield Command(survey_line(["%f %U:%G -", "names", *("." + path for path in paths)], sudo=sudo))
    return _read(reply)


def survey_path(path: str, *, sudo: bool) -> Dialogue[Survey | Unanswered]:
    """Ask what the host has at a path and, where it is a folder, in it."""
    reply = yield Command(survey_line(["%f %U:%G -", "tree", "." + path], sudo=sudo))
    return _read(reply)


def _form(cargo: Cargo) -> str:
    """The part of stat(1)'s format before the name; owners are asked for only where they matter."""
    owners = [entry.owner for entry in cargo.entries if entry.kind != "link"]
    if not any(owners):
        return "%f - -"
    return "%f %U:%G -" if any(":" in owner for owner in owners) else "%f %U -"


def _expected(cargo: Cargo, form: str) -> str:
    """The sha256 of the report of a host that has everything as it is to be."""
    lines: list[bytes] = []
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


def _read(reply: Reply) -> Survey | Unanswered:
    if reply.status != 0:
        return Unanswered(_said(reply))
    head, body = _parts(reply.stdout)
    if body == b"same":
        return Survey({}, root=b"R" in head, same=True)
    facts: dict[bytes, Found] = {}
    sums: dict[bytes, str] = {}
    try:
        for line in body.split(b"\n"):
            _take(line, facts, sums)
    except ValueError:
        return Unanswered(_said(reply))
    found = {}
    for path, fact in facts.items():
        if fact.kind == "file" and not fact.digest:
            digest = sums.get(path, "")
            fact = Found("file" if digest else "unreadable", fact.mode, fact.owner, digest)
        found[path[1:].decode("utf-8", "surrogateescape")] = fact
    return Survey(found, root=b"R" in head, folder=b"D" in head)


def _parts(stdout: bytes) -> tuple[list[bytes], bytes]:
    """The letters in front, each on a line, and the report, which may be compressed."""
    head: list[bytes] = []
    while stdout[:2] in (b"R\n", b"D\n"):
        head.append(stdout[:1])
        stdout = stdout[2:]
    if stdout.startswith(b"\x1f\x8b"):
        try:
            stdout = gzip.decompress(stdout)
        except (OSError, EOFError, zlib.error):
            stdout = b"?"
    return head, stdout.removesuffix(b"\n")


def _take(line: bytes, facts: dict[bytes, Found], sums: dict[bytes, str]) -> None:
    """One line of a report. Raises ValueError when it is none."""
    if not line:
        return
    match = _SUM.match(line)
    if match:
        sums[match[2]] = match[1].decode()
        return
    letter, _, rest = line.partition(b" ")
    if letter == b"L":
        path, _, target = rest.partition(b" ")
        link = bytes.fromhex(target.decode("ascii")).decode("utf-8", "surrogateescape")
        facts[bytes.fromhex(path.decode("ascii"))] = Found("link", link=link)
    elif letter == b"U":
        facts[bytes.fromhex(rest.decode("ascii"))] = Found("unreadable")
    elif letter == b"S":
        mode, owner, _, path = rest.split(b" ", 3)
        facts[path] = _found(mode, owner, "")
    elif letter == b"O":
        path, digest, mode, owner, _ = rest.split(b" ", 4)
        facts[bytes.fromhex(path.decode("ascii"))] = _found(mode, owner, digest.decode("ascii").strip("-"))
    else:
        raise ValueError(line)


def _found(mode: bytes, owner: bytes, digest: str) -> Found:
    bits = int(mode, 16)
    kinds: Iterable[tuple[bool, FoundKind]] = (
        (stat.S_ISREG(bits), "file"),
        (stat.S_ISDIR(bits), "folder"),
        (stat.S_ISLNK(bits), "link"),
    )
    kind: FoundKind = next((kind for is_it, kind in kinds if is_it), "other")
    return Found(kind, stat.S_IMODE(bits), owner.decode("utf-8", "replace").strip("-"), digest)


def _said(reply: Reply) -> str:
    """The last line that a host wrote on standard error, else that it ended with a status."""
    lines = [line for line in reply.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"it ended with status {reply.status}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
