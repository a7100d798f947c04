"""Preparing hosts for an account of least privilege, and what became of each."""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import io
import re
import shlex
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.answers import cure_of, own_words, why_unanswered
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.dialogue.commands import Command
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Reply, Target
from matrix_distributor.dialogue.shares import SMALL_ANSWER
from matrix_distributor.errors import DistributorError
from matrix_distributor.hosts.outcome import HostOutcome, Result, result_of
from matrix_distributor.hostside.protocol import ASK_THE_HOST, ENROLL
from matrix_distributor.hostside.scripts import enroll_scripts

PLACES = ("/etc/dsas.*", "/etc/dsas.d/*")
"""What a generation may put in place on any enrolled host, as patterns of sh; `*` stands for slashes too."""

_RUN = (
    "set -eu; echo; umask 077; t=${TMPDIR:-/tmp}; "
    '[ -n "$(find "$t/." -prune -user root "(" -perm -1000 -o ! -perm -20 ! -perm -2 ")")" ] || '
    '{ echo "dsas: others can change what lies in $t: chown root and chmod 1777" >&2; exit 69; }; '
    't=$(mktemp -d); trap "rm -rf \\"$t\\"" EXIT; trap "exit 75" HUP INT TERM; '
    'tar -xzof - -C "$t"; sh "$t/enroll.sh" "$1" "$t" "$2" "$3"'
)
_SUDOERS = """\
# Made by matrix enroll.
# Debian's sudo asks a name server for the host's own name before every command; no rule of this account needs it.
Defaults:{account} !fqdn
Defaults!/etc/dsas/receive,/etc/dsas/load env_reset, !requiretty, !use_pty
{account} ALL=(root) NOPASSWD: /etc/dsas/receive
{account} ALL=(nobody) NOPASSWD: /etc/dsas/load
"""
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_PLAIN = re.compile(r"/[A-Za-z0-9._/+@:,-]+")
_KEY_TYPE = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9-]+@openssh\.com)")


@dataclass(frozen=True)
class Enrollment:
    """What hosts are prepared for.

    `keys` are the public keys that may enter the account, as lines of a `.pub` file. `places` are patterns of sh: what
    may be put in place. `signers` is the allowed_signers that hosts are given; None leaves theirs as it is.
    """

    keys: tuple[str, ...]
    account: str = "dsas"
    places: tuple[str, ...] = PLACES
    signers: bytes | None = None

    def __post_init__(self) -> None:
        """Raises DistributorError for what cannot be written into a host's files without harm."""
        if not _ACCOUNT.fullmatch(self.account) or self.account == "root":
            raise DistributorError(f"{self.account!r} is no name for the account: lower-case letters, digits, - and _")
        for key in self.keys:
            check_public_key(key)


@dataclass(frozen=True, slots=True)
class Enrolled(HostOutcome):
    """What became of one host. `changes` are what was done, or would be (`planned`).

    `result`: enrolled, unchanged, planned (a dry run), removed, failed, unreachable, skipped.
    """

    changes: tuple[str, ...] = ()

    REPORTED: ClassVar[tuple[str, ...]] = ("host", "result", "changes", "stage", "cause", "cure")

    @property
    def status(self) -> Result:
        """The result, by its name before all work on hosts had one vocabulary."""
        return self.result


def check_public_key(line: str) -> None:
    """Raise DistributorError unless `line` is one public key as in a `.pub` file, without options before it."""
    words = line.split(" ", 2)
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error):
        blob = b""
    kind = words[0].encode()
    whole = blob.startswith(len(kind).to_bytes(4) + kind)
    if not whole or not _KEY_TYPE.fullmatch(words[0]) or not line.isprintable():
        raise DistributorError("this is no public key (TYPE BASE64 COMMENT, as in id_ed25519.pub)")


@cache
def enrolment_mark() -> str:
    """What tells that a host was enrolled by this very program: a sum over all that it leaves there.

    The gate says it with each answer. What differs from site to site (keys, places, names) is no part of it.
    """
    whole = hashlib.sha256(_SUDOERS.encode())
    for name, content in sorted(enroll_scripts().items()):
        if name != "enroll.sh":  # which does not stay
            whole.update(f"{name} {len(content)} ".encode() + content)
    return whole.hexdigest()[:12]


def places_for(paths: Iterable[str]) -> tuple[str, ...]:
    """The patterns that let bindings be put at these paths. Raises DistributorError for a path that is none for it."""
    own = []
    for path in sorted(set(paths)):
        if path.startswith(("/etc/dsas.", "/etc/dsas.d/")):
            continue
        if not _PLAIN.fullmatch(path) or path.startswith("/etc/dsas/") or "/../" in path:
            raise DistributorError(f"{path} cannot be let in by hosts: choose another place for that binding")
        own.append(path)
    return (*PLACES, *own)


def enroll(
    enrollment: Enrollment, targets: Iterable[Target], converse: Converse, *, dry: bool = False, sudo: bool = False
) -> Iterator[Enrolled]:
    """Prepare each host, over a login that is root or may `sudo -n`; one Enrolled for every host, as they finish."""
    return _each("apply", enrollment, targets, converse, dry=dry, sudo=sudo)


def dismiss(
    enrollment: Enrollment, targets: Iterable[Target], converse: Converse, *, dry: bool = False, sudo: bool = False
) -> Iterator[Enrolled]:
    """Take back what `enroll` has set up on each host; generations and what they put in place stay."""
    return _each("remove", enrollment, targets, converse, dry=dry, sudo=sudo)


def _each(
    verb: str, enrollment: Enrollment, targets: Iterable[Target], converse: Converse, *, dry: bool, sudo: bool
) -> Iterator[Enrolled]:
    pairs = [(target, _course(verb, enrollment, target.name, dry, sudo)) for target in targets]
    for target, answer in converse(pairs):
        if isinstance(answer, Failure):
            yield Enrolled(target.name, result_of(answer), trouble=answer.trouble)
        else:
            yield answer


def _course(verb: str, enrollment: Enrollment, host: str, dry: bool, sudo: bool) -> Dialogue[Enrolled]:
    arguments = (verb, enrollment.account, "dry" if dry else "really")
    words = [*(("sudo", "-n") if sudo else ()), "sh", "-c", _RUN, "dsas", *arguments]
    reply = yield Command(shlex.join(words), stdin=_pack(_files(enrollment, host)), output=SMALL_ANSWER)
    return _read(host, reply, verb, dry)


def _files(enrollment: Enrollment, host: str) -> dict[str, bytes]:
    lines = {
        "paths": enrollment.places,
        "name": (host,),
        "enrolled": (enrolment_mark(),),
        "authorized_keys": [f'restrict,command="/etc/dsas/gate" {key}' for key in enrollment.keys],
    }
    texts = {name: "".join(f"{line}\n" for line in content).encode() for name, content in lines.items()}
    texts["sudoers"] = _SUDOERS.format(account=enrollment.account).encode()
    if enrollment.signers is not None:
        texts["allowed_signers"] = enrollment.signers
    return {**enroll_scripts(), **texts}


def _pack(contents: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def _read(host: str, reply: Reply, verb: str, dry: bool) -> Enrolled:
    lines = reply.stdout.decode("utf-8", "replace").splitlines()
    changes = tuple(line.removeprefix("change ") for line in lines if line.startswith("change "))
    done: Result = "enrolled" if verb == "apply" else "removed"
    if reply.status == 0 and f"dsas 1 {done}" in lines:
        return Enrolled(host, "unchanged" if not changes else "planned" if dry else done, changes)
    meaning = ENROLL.meaning(reply)
    cure = meaning.cure if meaning is not None else ""
    if not cure and not own_words(reply.stderr):
        cure = cure_of(host, silent=reply.status == 0)
    trouble = Trouble("enroll", why_unanswered(reply)[:300], cure or ASK_THE_HOST)
    return Enrolled(host, "failed", changes, trouble=trouble)
