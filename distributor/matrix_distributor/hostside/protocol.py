"""What the exit status of a script that runs on hosts means: a table for each script, its stages, causes and cures.

One number may mean different things in two scripts, so each table is that of one script, or of scripts that answer
alike. A status counts only beside the script's own words (`dsas: …` on standard error): a login shell that is no shell,
a forced command or sudo end as they like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import own_words
from matrix_distributor.dialogue.dialogue import Reply

from .signs import COPY_SIGNS, INSTALL_SIGNS, REFLECT_SIGNS, Signs

ASK_THE_HOST: Final = "see what the host says"
"""The cure where no table knows a better one."""

_NO_SIGNS: Final[Signs] = MappingProxyType({})


class Refusal(Trouble):
    """The host will not have it: trying again changes nothing, a person has to decide."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Status:
    """One exit status of a script.

    `stage` is the stage of the outcome, empty where that is the one of the request (query, install, load, …). `cause`
    is what people are told where the script has no words of its own, `cure` what they are told to do; `{entry}` in it
    is the name of a reflected entry. `cures` are others, by how the script's words begin. `unspoken`: scripts end so
    without words of their own as well, and are believed. `refusal`: the host will not have it.
    """

    number: int
    name: str
    cause: str
    cure: str = ""
    stage: str = ""
    cures: tuple[tuple[str, str], ...] = ()
    unspoken: bool = False
    refusal: bool = False

    def cure_for(self, words: str) -> str:
        """What to do, where the script ended with these words."""
        return next((cure for begin, cure in self.cures if words.startswith(begin)), self.cure)


class Script:
    """The statuses of one script, or of several that answer alike."""

    def __init__(self, files: tuple[str, ...], *statuses: Status, signs: Signs = _NO_SIGNS) -> None:
        """`files` are the sources that end with these statuses; `signs` what programs that they run say, and a cure."""
        self.files = files
        self.statuses = {status.number: status for status in statuses}
        self.signs = signs

    def meaning(self, reply: Reply) -> Status | None:
        """What the status of a reply means; None for one that the script did not give, or that means nothing here."""
        status = self.statuses.get(reply.status)
        return status if status is not None and (status.unspoken or own_words(reply.stderr)) else None

    def numbers(self, *names: str) -> frozenset[int]:
        """The statuses of these names; without names all."""
        return frozenset(number for number, status in self.statuses.items() if not names or status.name in names)

    def sign_in(self, *texts: str) -> str:
        """What to do about the first known words that any of the texts has; empty where none is known."""
        return next((cure for words, cure in self.signs.items() if any(words in text for text in texts)), "")


def words_of_programs(stderr: bytes) -> bytes:
    """What the programs that a script ran wrote on standard error: all but the script's own lines."""
    return b"".join(line for line in stderr.splitlines(keepends=True) if not line.startswith(b"dsas: "))


_STAGE = Status(70, "stage", "the files cannot be staged beside their places", stage="stage")
_STOP = Status(71, "stop", "it was ended before it was done", stage="stop")
_CHECK = Status(72, "check", "the check failed, nothing was changed", stage="check")
_SWITCH = Status(74, "switch", "a file cannot be put in its place", stage="switch")
_TRANSFER = Status(75, "transfer", "the files did not arrive whole", stage="transfer")

_OTHER_FLEETS = (
    ("another fleet:", "is it of another site? `matrix adopt` goes on with that one, --force makes it a host of this"),
    (
        "no fleet:",
        "bring the program of this origin up to date, or `matrix adopt` from that host; --force overrules it",
    ),
)

INSTALL: Final = Script(
    ("install/*.sh", "install_pl/*.pl", "receive.sh", "gate.sh", "requests.py"),
    Status(
        60, "newer", "the host has a newer generation",
        "this origin is behind: `matrix adopt` takes over from that host, --force puts this generation in place",
        cures=_OTHER_FLEETS, refusal=True,
    ),
    Status(
        61, "stranger", "the host has a generation of another origin, or of another fleet",
        "let one origin alone push: `matrix adopt` goes on from a host, --force overrules it",
        cures=_OTHER_FLEETS,
        refusal=True,
    ),
    Status(62, "busy", "another install is running on the host", "push again when it has ended", unspoken=True),
    Status(
        63, "cut", "the stream did not arrive whole",
        "push again; a full disk or a cut line shows in the words of the host", unspoken=True,
    ),
    Status(64, "place", "the generation cannot be put in place", ASK_THE_HOST),
    Status(
        65, "tool", "a tool that install.sh needs is missing", "install coreutils or busybox on the host",
        unspoken=True,
    ),
    Status(66, "nothing", "there is no generation to work on", ASK_THE_HOST),
    Status(67, "load", "a binding does not load in its language", ASK_THE_HOST),
    Status(
        68, "unsigned", "the generation is not signed by anybody whom the host trusts",
        "set sign.key to a key that /etc/dsas/allowed_signers of the host names", refusal=True,
    ),
    Status(
        69, "forbidden", "the account of `matrix enroll` may not do that",
        "bring what is set up on the host up to date: matrix enroll", refusal=True,
    ),
    Status(75, "ended", "it was ended before it was done", ASK_THE_HOST),
    signs=INSTALL_SIGNS,
)  # fmt: skip
"""A generation: install.sh and install.pl, and on enrolled hosts what stands before them."""

ENROLL: Final = Script(
    ("enroll.sh", "enrollment.py"),
    Status(65, "tool", "a tool that enroll.sh needs is missing", "install it on the host"),
    Status(69, "here", "the host cannot be prepared as it is", "see to it on the host, then enroll it again"),
    Status(75, "ended", "it was ended before it was done", ASK_THE_HOST),
)
"""`matrix enroll`."""

COPY: Final = Script(
    ("host/copy.sh", "host/ground.sh", "host/switch.sh", "syncall.sh"),
    _STAGE,
    _STOP,
    _CHECK,
    Status(73, "then", "--then failed, the files are in place", stage="then"),
    _SWITCH,
    _TRANSFER,
    signs=COPY_SIGNS,
)
"""SYNCALL."""

PUT: Final = Script(
    ("put.pl",),
    Status(12, "other", "no plain file is there: the copy goes on the long way"),
    _STAGE,
    _STOP,
    _SWITCH,
    _TRANSFER,
    signs=COPY_SIGNS,
)
"""SYNCALL of one file, where the host has perl."""

REFLECT: Final = Script(
    ("reflect.sh", "hand_over.sh"),
    Status(
        62, "busy", "another run puts the same file in place", "try again when it has ended", stage="busy"
    ),
    Status(64, "place", "the file cannot be put in its place, nothing was changed", stage="switch"),
    _STAGE,
    _STOP,
    Status(
        72, "check", "the check failed, nothing was changed",
        "run the check by hand: matrix reflect {entry} --check", stage="check",
    ),
    Status(
        73, "apply", "the file could not be applied, the one before is back",
        "see on the host why it does not take the file; the one before is in force", stage="apply",
    ),
    _SWITCH,
    _TRANSFER,
    Status(
        76, "undo", "as 73, but the file before could not be put back or applied either",
        "see to that host now: what is in force there was not applied", stage="undo",
    ),
    Status(137, "killed", "it was killed on the host", stage="killed", unspoken=True),
    signs=REFLECT_SIGNS,
)  # fmt: skip
"""`matrix reflect`: reflect.sh, and copy.sh before it."""

SURVEY: Final = Script(
    ("host/survey.sh",),
    Status(65, "tool", "a tool that survey.sh needs is missing", stage="survey"),
    Status(70, "root", "the root folder cannot be entered", stage="survey"),
)
"""What files a host has: DIFFALL, SYNCALL, `matrix reflect`."""

FETCH: Final = Script(("host/fetch.sh",), Status(70, "path", "the folder of the file cannot be entered"))
"""The content of one file: a difference that is to be shown."""

RUN: Final = Script(("host/run.sh",), Status(75, "input", "the host cannot take the standard input", stage="command"))
"""FORALL; once a command has begun, the status is the command's."""

SCRIPTS: Final[Mapping[str, Script]] = MappingProxyType(
    {
        "install": INSTALL,
        "enroll": ENROLL,
        "SYNCALL": COPY,
        "SYNCALL with perl": PUT,
        "reflect": REFLECT,
        "survey": SURVEY,
        "fetch": FETCH,
        "FORALL": RUN,
    }
)
"""All tables, by the name that docs/operations.md has for each."""
