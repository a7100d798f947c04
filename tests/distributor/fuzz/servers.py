"""SSH servers that say anything at any stage, spoken to over a pool: used by the tests and by `run.py`.

Some hosts at once are one check: whatever they send, each has an outcome in its time, in words for a person, at little
cost for the thread that serves them all. What a host says is encrypted as it should be, so that it is listened to.
"""

from __future__ import annotations

import atexit
import random
import resource
import shutil
import struct
import tempfile
import threading
import time
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import paramiko
from hostile_server import Host, HostileServer, Raw, Script, text
from hostile_talk import at, open_pool
from mutation import HOSTILE, mutated

from matrix_common.terminal import safe
from matrix_distributor.dialogue import Command, Dialogue, Failure, Inquiry, Reply, Request, Resident, Timeouts
from matrix_distributor.transport.words import LONGEST_CAUSE

HOSTS = 20
"""Conversations of one check, held at once."""

TIMES = Timeouts(resolve=5, connect=5, banner=0.5, key_exchange=1, login=1, command=0.5, host=5)
LONGEST = 60.0
"""Seconds after which a check counts as hung: so long as that, a machine that is busy is none."""

MOST_SECONDS = 5.0
"""Of CPU for all hosts of a check, in the thread that serves them."""

MOST_MEMORY = 512 * 1024
"""KiB for all hosts of a check, servers included."""

STAGES = ("lines", "hello", "keys", "newkeys", "login", "welcome", "open", "run", "mute", "request", "end", "rest")
OUTCOMES = frozenset(("banner", "key exchange", "host key", "login", "command", "host"))

COUNTS = (0, 1, 2, 255, 1000, 2**15, 2**31 - 1, 2**31, 2**32 - 1)
NAMES = (b"", b"exit-status", b"exit-signal", b"session", b"keepalive@openssh.com", b"ssh-userauth", *HOSTILE)


class Liar(Host):
    """A host whose proper messages are now and then others, and whose line is now and then damaged."""

    def __init__(self, end: Any, key: paramiko.PKey, script: Script, *, seed: int) -> None:
        super().__init__(end, key, script)
        self._chance = random.Random(seed)
        self._proper = self._core.packetizer.send_message
        self._core.packetizer.send_message = self._mutated
        self._often = self._chance.choice((0, 0, 0.05, 0.2))

    def _mutated(self, message: Any) -> None:
        payload = message.asbytes()
        if self._chance.random() < self._often:
            payload = mutated(payload, self._chance) or b"\0"
        self._proper(_Message(payload))


class _Message(bytes):
    def asbytes(self) -> bytes:
        return self


def message(chance: random.Random, channel: int) -> bytes:
    """One message of a kind by chance, with counts, names and lists that are not always true."""
    number = struct.pack(">I", chance.choice((channel, channel, channel, 0, 7, 2**32 - 1)))
    count = struct.pack(">I", chance.choice(COUNTS))
    name = text(chance.choice(NAMES))
    flag = chance.choice((b"\0", b"\1", b"\xff"))
    some = text(chance.choice((b"", b"x", b"reply 0 0 0\n", b"taken\n", b"taken\nreply 0 1 1\nab", b"y" * 30_000)))
    lists = b"".join(text(b",".join([b"name"] * chance.choice((0, 1, 3, 2000)))) for _ in range(10))
    known: dict[int, bytes] = {
        1: count + name + text(b""),
        2: name,
        3: count,
        4: flag + name + text(b""),
        5: name,
        6: name,
        7: count + name + name,
        20: bytes(16) + lists + flag + count,
        21: b"",
        31: name + some + name,
        32: name + some,
        33: text(b"\1" * 20_000) + some,
        51: text(b"publickey,password") + flag,
        52: b"",
        53: name + text(b""),
        60: name + name + text(b"") + count,
        61: count + name,
        80: name + flag,
        81: count,
        82: b"",
        90: name + number + count + count,
        91: number + number + count + count,
        92: number + count + name + text(b""),
        93: number + count,
        94: number + some,
        95: number + count + some,
        96: number,
        97: number,
        98: number + name + flag + count,
        99: number,
        100: number,
    }
    kind = chance.choice((*known, *known, chance.randrange(256)))
    body = known.get(kind, name + count)
    if chance.random() < 0.3:
        body = mutated(body, chance)
    return bytes([kind]) + body


def script(seed: int) -> Script:
    """What a host says at some stages besides, or in place of, what it should."""
    chance = random.Random(seed)
    said: dict[str, Any] = {}
    for stage in STAGES:
        if chance.random() < 0.12:
            said[stage] = partial(_say, chance.randrange(2**32), stage)
    return said


def _say(seed: int, stage: str, channel: int) -> Iterable[bytes]:
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        told = message(chance, channel)
        for _ in range(chance.choice((1, 1, 1, 40))):
            if stage in ("lines", "hello") or chance.random() < 0.03:
                yield Raw(chance.choice((b"SSH-2.0-x\r\n", b"SSH-", b"\n" * 90, told, *HOSTILE)))
            else:
                yield told


def dialogue(seed: int) -> Dialogue[int]:
    """What is asked of a host: of each kind that there is."""
    chance = random.Random(seed)
    answered: list[bytes] = []

    def answer(told: bytes) -> Iterable[bytes] | None:
        answered.append(told)
        return (b"go\n",) if told else None

    commands = (
        Command("x", b"y" * chance.choice((0, 10, 400_000)), output=50_000),
        Inquiry("x", answer, limit=100_000),
        Command("x", output=lambda stream, chunk: None),
        Request("x", b"z", resident=Resident("stay", b"preface\n", "query"), limit=50_000),
    )
    replies = 0
    for _ in range(chance.choice((1, 2, 4))):
        reply = yield chance.choice(commands)
        assert isinstance(reply, Reply)
        assert len(reply.stdout) + len(reply.stderr) <= 200_000
        replies += 1
    return replies


@cache
def _servers() -> list[HostileServer]:
    return [HostileServer({}) for _ in range(HOSTS)]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="matrix-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def check(number: int) -> None:
    """Some hosts at once that say anything; the same number gives the same bytes. Raises what is wrong with it."""
    servers = _servers()
    for place, server in enumerate(servers):
        seed = number * HOSTS + place
        server.script, server.host = script(seed), partial(Liar, seed=seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes: dict[str, Any] = {}
    broken: list[BaseException] = []

    def talk() -> None:
        try:
            with open_pool(_folder(), TIMES, keep=number % 2 == 0) as pool:
                clock = time.pthread_getcpuclockid(pool._thread.ident)
                pairs = [(at(server.port), dialogue(number + place)) for place, server in enumerate(servers)]
                outcomes.update((target.name, outcome) for target, outcome in pool.converse(pairs))
                seconds.append(time.clock_gettime(clock))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised below
            broken.append(error)

    seconds: list[float] = []
    talking = threading.Thread(target=talk, daemon=True)
    talking.start()
    talking.join(LONGEST)
    if broken:
        raise broken[0]
    assert not talking.is_alive(), f"{HOSTS - len(outcomes)} hosts have no outcome after {LONGEST:g} s"
    assert len(outcomes) == HOSTS
    for outcome in outcomes.values():
        if isinstance(outcome, Failure):
            assert outcome.stage in OUTCOMES, outcome
            assert safe(outcome.cause) == outcome.cause, ascii(outcome.cause)
            assert len(outcome.cause) <= LONGEST_CAUSE, outcome
            assert outcome.cure, outcome
    assert seconds[0] < MOST_SECONDS, f"{seconds[0]:.1f} s of CPU"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_MEMORY, f"{grown} KiB"
