"""Every dialogue with a host, held with one that answers what it likes: used by the tests and by `run.py`.

Nothing but a value comes out of it, soon and in little memory: no exception but those that say so to a person.
"""

from __future__ import annotations

import gzip
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from mutation import mutated, repacked

from matrix_distributor import DistributorError
from matrix_distributor.conversation.answers import BEGIN, END, GZIP, between
from matrix_distributor.dialogue import Reply, Target
from matrix_distributor.dialogue.commands import Inquiry
from matrix_distributor.enroll import Enrollment, enroll
from matrix_distributor.fleetwork import Job
from matrix_distributor.fleetwork.comparing import held_dialogue
from matrix_distributor.fleetwork.copy import Cargo, CargoItem, CopyOptions, scan
from matrix_distributor.fleetwork.copy.copying import copy_dialogue
from matrix_distributor.fleetwork.copy.stream import Stream
from matrix_distributor.fleetwork.fetching import fetch_dialogue
from matrix_distributor.fleetwork.running import run_dialogue
from matrix_distributor.generation import Delta, Generation
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.origin import from_host
from matrix_distributor.push import PushOptions, deliver, differences, inspect
from matrix_distributor.reflect.applying import ApplyOptions, apply_dialogue
from matrix_emitters.artifacts import Artifact
from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import entries
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

MOST_SECONDS = 5.0
"""Of CPU for one conversation; a machine that is busy does not count."""

MOST_MEMORY = 256 * 1024
"""KiB for one conversation."""

MOST_ANSWERS = 20
"""Commands in one conversation; a host cannot keep the origin busy for longer."""

TARGET = Target("w1", "192.0.2.1")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@cache
def fleet() -> Fleet:
    """One host."""
    return loads("@matrix 1\nw1 192.0.2.1 [ps]\n")


@cache
def generation() -> Generation:
    """A small one."""
    made = (
        Artifact("/etc/dsas.conf", 0o644, b"DSAS_GENERATION=1\n"),
        Artifact("/etc/dsas.d/dsas.sh", 0o644, b"x" * 3000),
        Artifact("matrix/MATRIX", 0o644, b"@matrix 1\nw1 192.0.2.1 [ps]\n"),
    )
    return assemble_generation(made, 1, "matrix/MATRIX", parent=None, author="ann@adm1", now=START)


@cache
def survey() -> bytes:
    """What survey.sh answers about a small tree."""
    lines = [b"S 41ed root:root - ./srv/a", b"S 81a4 root:root - ./srv/a/f", b"0" * 64 + b"  ./srv/a/f"]
    lines += [b"L 2e2f6c 2f6574632f706173737764", b"O 2e2f0a " + b"0" * 64 + b" 81a4 root:root -", b"U 2e2f78"]
    return framed(b"R\nT 41ed root:root\n" + gzip.compress(b"\n".join(lines) + b"\n~\n", mtime=0))


def framed(told: bytes) -> bytes:
    """Between the words by which a script begins and ends."""
    return BEGIN + told + END


class Liar:
    """A host that answers each command with something like the right answer, by chance."""

    def __init__(self, right: tuple[bytes, ...], chance: random.Random) -> None:
        self._right, self._chance = right, chance

    def reply(self) -> Reply:
        """Another answer."""
        right = self._chance.choice(self._right)
        inner = between(right)
        if inner is not None and inner.startswith(GZIP):
            told = framed(repacked(inner, self._chance))
        else:
            told = (repacked if right.startswith(GZIP) else mutated)(right, self._chance)
        status = self._chance.choice((0, 0, 0, 0, 1, 9, 12, *range(60, 77), 126, 127, 137, 255, 2**32 - 1))
        words = mutated(b"dsas: this host has generation 7\n", self._chance) if self._chance.random() < 0.5 else b""
        return Reply(status, told, words, 0.01)

    def hold(self, dialogue: Any) -> Any:
        """Hold a dialogue; gives its value."""
        try:
            command = next(dialogue)
            for _ in range(MOST_ANSWERS):
                reply = self.reply()
                if isinstance(command, Inquiry):
                    sent = command.answer(reply.stdout)
                    assert sent is None or all(isinstance(piece, bytes) for piece in sent)
                command = dialogue.send(reply)
        except StopIteration as end:
            return end.value
        raise AssertionError(f"still talking after {MOST_ANSWERS} answers")

    def __call__(self, pairs: Iterable[tuple[Target, Any]]) -> Iterator[tuple[Target, Any]]:
        """As a pool holds them."""
        for target, dialogue in pairs:
            yield target, self.hold(dialogue)


def _push(liar: Liar) -> None:
    options = PushOptions(retry=liar._chance.randrange(2), repair=liar._chance.random() < 0.5)
    deltas = {"0" * 64: Delta("0-000000000000", b"delta 0\nend\n")}
    (outcome,) = deliver(generation(), [TARGET], liar, options, canaries=frozenset({"w1"}), deltas=deltas)
    assert outcome.host == "w1"


def _inspect(liar: Liar) -> None:
    (outcome,) = inspect(generation(), [TARGET], liar)
    assert len(outcome.cause) < 25_000


def _adopt(liar: Liar) -> None:
    try:
        taken = from_host(TARGET, liar)
    except DistributorError as error:
        assert len(str(error)) < 10_000  # noqa: PT017 - that it is raised is no promise, what it says is
    else:
        assert taken.digest


def _differences(liar: Liar) -> None:
    differences(generation(), [TARGET], liar)


def _held(liar: Liar) -> None:
    liar.hold(held_dialogue(fleet().host("w1"), "/srv/a", sudo=False))


def _fetch(liar: Liar) -> None:
    fetched = liar.hold(fetch_dialogue(fleet().host("w1"), (("/srv/a/f", "0" * 64),), sudo=False))
    assert not fetched.contents, "nothing has that sha256"


def _copy(liar: Liar) -> None:
    for cargo in _cargoes():
        with Stream(cargo.entries) as stream:
            liar.hold(copy_dialogue(fleet().host("w1"), cargo, stream, CopyOptions(delete=True), sudo=False))
            liar.hold(copy_dialogue(fleet().host("w1"), cargo, stream, CopyOptions(), sudo=False))


@cache
def _cargoes() -> tuple[Cargo, ...]:
    (file,) = scan(f"{__file__}:/srv/a/f").entries
    many = tuple(CargoItem(f"{number}", "file", 0o644, "", 1, "0" * 64, source=file.source) for number in range(100))
    return (
        Cargo("/srv/a", (file,), tree=False),
        Cargo("/srv/a", (file, CargoItem("l", "link", 0o777, link="/etc/passwd")), tree=True),
        Cargo("/srv/a", many, tree=True),
    )


def _run(liar: Liar) -> None:
    outcome = liar.hold(run_dialogue(fleet().host("w1"), Job(("true",)), None))
    assert outcome.host == "w1"


def _enroll(liar: Liar) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqEVTCTZkPVgTIRVPZmRHkTEE5sBuiTc4bpkbG5XnPD ann@adm1"
    (outcome,) = enroll(Enrollment((key,)), [TARGET], liar)
    assert len(outcome.changes) < 10_000


def _reflect(liar: Liar) -> None:
    entry = next(entry for entry in entries({"hosts": {"hosts": "w1", "path": "/etc/hosts"}}) if entry.name == "hosts")
    (wanted,) = reflect(fleet(), 1, entry)
    outcome = liar.hold(apply_dialogue(fleet().host("w1"), wanted, ApplyOptions(), lambda *_: ""))
    assert outcome.host == "w1"


def _state() -> bytes:
    return f"drift /etc/dsas.conf\nremoved /etc/x\nbefore 1\ndsas 1 1 {generation().digest} drift\n".encode()


def _held_state() -> tuple[bytes, ...]:
    digest = generation().digest
    return (_state(), *(f"dsas 1 1 {digest} {word}\n".encode() for word in ("whole", "installed", "same", "loaded")))


_SUM = b"0" * 64 + b"  -\n"
_DONE = b"\ndsas 1 done\n"

TALKS: dict[str, tuple[Callable[[Liar], None], Callable[[], tuple[bytes, ...]]]] = {
    "push": (_push, _held_state),
    "inspect": (_inspect, _held_state),
    "adopt": (_adopt, lambda: (generation().archive,)),
    "differences": (_differences, lambda: (generation().archive,)),
    "held": (_held, lambda: (survey(),)),
    "fetch": (_fetch, lambda: (framed(gzip.compress(b"words\n" * 100, mtime=0)),)),
    "copy": (_copy, lambda: (survey(), _SUM, _SUM + b"put\n", b"put\n", framed(b"R\nsame\n"), _DONE)),
    "run": (_run, lambda: (b"words\n",)),
    "enroll": (_enroll, lambda: (b"change folder /etc/dsas\nchange account dsas\ndsas 1 enrolled\n",)),
    "reflect": (
        _reflect,
        lambda: (survey(), framed(gzip.compress(b"127.0.0.1 localhost\n", mtime=0)), _DONE),
    ),
}
"""What is talked of with a host, and right answers to it."""


def check(number: int) -> None:
    """One conversation with a host that lies; the same number gives the same one. Raises what is wrong with it."""
    chance = random.Random(number)
    name = sorted(TALKS)[number % len(TALKS)]
    talk, right = TALKS[name]
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.process_time()
    talk(Liar(right(), chance))
    assert time.process_time() - started < MOST_SECONDS, f"{name} took too long"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss
    assert grown < MOST_MEMORY, f"{name} took {grown} KiB"
