"""The shortest question: is all as it is to be? About a hundred bytes and the names, and what is there answers it.

What it cannot settle (something new, a link, an odd name) is asked at length by `survey`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import stat

from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Reply
from matrix_distributor.dialogue.shares import SMALL_ANSWER

from .entries import Cargo, CargoItem

DIGITS = 26
"""Of a sha256 in hex, 104 bits. The question carries them, so each costs a byte per host."""

LARGEST = 16 * 1024 * 1024
"""Bytes of a tree beyond which being asked twice would cost a host more than the long question costs the network."""

LONGEST = 100_000
"""Bytes of names that a command line of the host takes (a word of Linux has at most 128 KiB, all together 2 MiB)."""

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")
_OWNER = re.compile(r"[A-Za-z0-9_:-]*")
SUM = re.compile(rb"([0-9a-f]{64})  -\n")
"""What a host tells of a file that has other content."""
FACTS = re.compile(rb"=[0-9a-f]+[^\n]*\n")
"""What a host tells of a file that has the content it is to have: its mode and owner."""


def quick_question(cargo: Cargo, *, sudo: bool, otherwise: str = "") -> Command | None:
    """The question, for any login shell; None when it cannot be put so shortly.

    A shell that does not understand it says so on standard error, and tells nothing. `otherwise` is run, after the
    answer, by a host that has the file with other content.
    """
    if not _suits(cargo):
        return None
    line = _tree(cargo) if cargo.tree else _file(cargo) + otherwise
    if cargo.tree or sudo:
        line = f"{'sudo -n ' if sudo else ''}sh -c '{line}'"
    return Command(line, stdin=_names(cargo) if cargo.tree else b"", output=SMALL_ANSWER)


def quick_answer(cargo: Cargo, reply: Reply) -> str | None:
    """Empty when all is as it is to be; the sha256 of the file that is not; None when it has to be asked at length.

    No exit status is believed, and what a login shell prints besides makes no difference: what the host found out
    stands somewhere on standard output. A program that failed there has said so on standard error.
    """
    if cargo.tree:
        return "" if f"{_sum_of(cargo)}  -\n".encode() in reply.stdout else None
    told = SUM.search(reply.stdout)
    if told is not None:
        return told[1].decode()
    (entry,) = cargo.entries
    return "" if f"={_facts(entry)}\n".encode() in reply.stdout and not reply.stderr else None


def _suits(cargo: Cargo) -> bool:
    names = [cargo.base, *(entry.name for entry in cargo.entries)]
    return (
        bool(cargo.entries)
        and sum(map(len, names)) <= LONGEST
        and (cargo.size <= LARGEST or not cargo.tree)
        and all(_PLAIN.fullmatch(name) for name in names)
        and all(entry.kind != "link" and _OWNER.fullmatch(entry.owner) for entry in (*cargo.entries, *_top(cargo)))
        and len({_form(entry) for entry in (*cargo.entries, *_top(cargo))}) == 1
    )


def _file(cargo: Cargo) -> str:
    """Nothing but a file is ever read. Its mode and owner are the answer where its content is as it is to be."""
    (entry,) = cargo.entries
    name = entry.name
    return (
        f'cd "$DSAS_ROOT{cargo.base}"||exit;test -f {name}&&sha256sum<{name}|grep -v ^{entry.digest[:DIGITS]}'
        f"||exec stat -c={_form(entry)} {name}"
    )


def _tree(cargo: Cargo) -> str:
    """The names travel compressed. Of a name that is no file there nothing is read, since find(1) passes it over."""
    return (
        f'cd "$DSAS_ROOT{cargo.base}"&&f=`gzip -dc`&&(stat -c{_form(cargo.entries[0])}:%n . $f;'
        f"find $f -maxdepth 0 -type f -exec sha256sum {{}} +)|sha256sum|grep ^{_sum_of(cargo)[:DIGITS]}"
    )


def _sum_of(cargo: Cargo) -> str:
    """The sha256 of what a host tells of a tree that is as it is to be."""
    facts = "".join(f"{_facts(entry)}:{entry.name or '.'}\n" for entry in (*_top(cargo), *cargo.entries))
    sums = "".join(f"{entry.digest}  {entry.name}\n" for entry in cargo.entries if entry.kind == "file")
    return hashlib.sha256((facts + sums).encode()).hexdigest()


def _top(cargo: Cargo) -> tuple[CargoItem, ...]:
    """The folder of a tree, as an entry."""
    return (cargo.top,) if cargo.top is not None else ()


def _names(cargo: Cargo) -> bytes:
    return gzip.compress(" ".join(entry.name for entry in cargo.entries).encode(), 9, mtime=0)


def _form(entry: CargoItem) -> str:
    """What stat(1) is asked for: owners only where they matter."""
    if not entry.owner:
        return "%f"
    return "%f%U:%G" if ":" in entry.owner else "%f%U"


def _facts(entry: CargoItem) -> str:
    kind = stat.S_IFDIR if entry.kind == "folder" else stat.S_IFREG
    return f"{kind | entry.mode:x}{entry.owner}"
