"""Hosts without SSH: private roots on this machine, on which the real install.sh runs in a real shell."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue import Dialogue, Failure, Reply, Request, Resident, Target
from matrix_distributor.dialogue.commands import Message, Turn
from matrix_distributor.generation import Generation
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.generation.lineage import descend
from matrix_distributor.hosts import Outcome
from matrix_distributor.hostside.requests import HostState, install_command, query_command, read_state
from matrix_distributor.push import PushOptions, deliver
from matrix_emitters.artifacts import Artifact

NOT_STARTED = 127
WITHIN = "stay 0"
STANDING_REPLY = re.compile(rb"taken\nreply (\d+) (\d+) (\d+)\n(.*)", re.DOTALL)
FLEET = "f1ee7" * 6 + "01"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make_generation(
    number: int,
    parent: Generation | None = None,
    *,
    extra: dict[str, bytes] | None = None,
    salt: str = "",
    fleet: str = FLEET,
) -> Generation:
    """A small generation whose every file says of which it is. It is of the fleet of its parent, else of `fleet`."""
    files = {
        "/etc/dsas.conf": f"DSAS_GENERATION={number}\n# {salt}\n".encode(),
        "/etc/dsas.d/dsas.sh": f"# {number}{salt}\n".encode() + b"x" * 3000,
        "matrix/MATRIX": f"@matrix 1\n# {number}\nw1 10.0.0.1 [ps]\n".encode(),
        **(extra or {}),
    }
    made = tuple(Artifact(path, 0o644, content) for path, content in sorted(files.items()))
    return assemble_generation(
        made, number, "matrix/MATRIX", parent=parent, author="ann@adm1", now=START, fleet_id=fleet
    )


def many_later(first: Generation, number: int) -> Generation:
    """The generation of that number in the line of `first`: what stands between is known by its digests alone."""
    line, between = first.lineage, range(first.number + 1, number - 1)
    for step in between:
        line = descend(step, hashlib.sha256(b"%d" % step).hexdigest(), line)
    made = replace(first.manifest, generation=number - 1, digest=hashlib.sha256(b"the parent").hexdigest())
    return make_generation(number, Generation(made, (), line))


def of_no_fleet(made: Generation) -> Generation:
    """The generation as the release before would have made it: of no fleet, and its lineage is not signed."""
    return replace(made, manifest=replace(made.manifest, fleet="", lineage=""))


@dataclass
class PrivateHost:
    """One host: a root folder, the shell that its commands run in, and the tools that it has."""

    name: str
    root: Path
    shell: Sequence[str] = ("sh",)
    path: str = os.environ["PATH"]
    environment: dict[str, str] = field(default_factory=dict)
    kept: str = ""
    """`stay N` where requests go to a program that stands ready, which loads its modules after N seconds at rest."""

    def run(self, command: Message) -> Reply:
        """Run a command as sshd would; bounded in time, ended with all its children."""
        environment = {"PATH": self.path, "DSAS_ROOT": str(self.root), **self.environment}
        if isinstance(command, Turn):
            return Reply(0, b"", b"", 0.0)
        if self.kept and isinstance(command, Request) and command.resident is not None:
            reply = self._ask_standing(command, command.resident, environment)
            if reply.status != NOT_STARTED:
                return reply
        stdin = command.stdin if isinstance(command.stdin, bytes) else b"".join(command.stdin)
        preface = command.preface if isinstance(command, Request) else b""
        done = subprocess.run(
            [*self.shell, "-c", f"exec {command.line}"], input=preface + stdin, capture_output=True,
            env=environment, timeout=60, check=False, process_group=0,
        )  # fmt: skip
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return Reply(status, done.stdout, done.stderr, 0.01)

    def _ask_standing(self, command: Request, standing: Resident, environment: dict[str, str]) -> Reply:
        """Start what stands ready, hand it the request alone, and let it end."""
        line = standing.line.replace("stay 1", self.kept)
        child = subprocess.Popen(
            [*self.shell, "-c", f"exec {line}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, process_group=0,
        )  # fmt: skip
        try:
            if self.kept == WITHIN:
                time.sleep(0.1)
            head = f"{standing.head} {len(command.stdin)}\n".encode()
            stdout, stderr = child.communicate(standing.preface + head + command.stdin, timeout=60)
        finally:
            child.kill()
            child.wait()
        if (reply := STANDING_REPLY.fullmatch(stdout)) is None:
            status = child.returncode if child.returncode >= 0 else 128 - child.returncode
            return Reply(status, b"", stderr, 0.01)
        status, out, told = int(reply[1]), int(reply[2]), reply[4]
        assert len(told) == out + int(reply[3])
        return Reply(status, told[:out], told[out:] + stderr, 0.01)

    def state(self) -> HostState:
        """What the host answers when it is asked."""
        state = read_state(self.run(query_command()))
        assert isinstance(state, HostState), state
        return state

    def install(self, generation: Generation, *, force: bool = False) -> HostState | Trouble:
        """Send a generation and have it put in place."""
        return read_state(self.run(install_command(generation, self.name, force=force)))

    def script(self, verb: str) -> subprocess.CompletedProcess[str]:
        """Run the installed script by hand, as on a host without an origin."""
        environment = {"PATH": self.path, "DSAS_ROOT": str(self.root), **self.environment}
        command = [*self.shell, str(self.root / "var/lib/dsas/install.sh"), verb]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    def files(self) -> dict[str, bytes]:
        """What stands under its /etc: not what is on its way there, what Python compiled, and the host's own name."""
        etc = self.root / "etc"
        return {
            f"/etc/{path.relative_to(etc)}": path.read_bytes()
            for path in sorted(etc.rglob("*"))
            if path.is_file() and not {"__pycache__", ".dsas-new", "self", ".self"} & set(path.relative_to(etc).parts)
        }

    def leftovers(self) -> list[str]:
        """Files and folders that an install that came to its end would not have left."""
        home = self.root / "var/lib/dsas"
        generations = [path for path in (home / "generations").iterdir() if not path.name[0].isdigit()]
        slots = [path for path in self.root.rglob(".*") if path not in generations]
        pending = [home / "pending"] if (home / "pending").exists() and (home / "pending").stat().st_size else []
        return [str(path.relative_to(self.root)) for path in (*generations, *slots, *pending)]

    def copy(self, root: Path) -> PrivateHost:
        """The same host, as it is now, under another root."""
        shutil.copytree(self.root, root, symlinks=True)
        return replace(self, root=root, environment=dict(self.environment))


def placed(generation: Generation) -> dict[str, bytes]:
    """What a host that holds a generation has in place."""
    return {a.path: a.content for a in generation.artifacts if a.path.startswith("/")}


class PrivateFleet:
    """Hosts that can be spoken to as over a pool; those that are `away` cannot be reached."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        self.hosts = {name: PrivateHost(name, root / name) for name in names}
        for host in self.hosts.values():
            host.root.mkdir(parents=True)
        self.targets = [Target(name, "192.0.2.1") for name in names]
        self.away: set[str] = set()
        self.spoken_to: list[str] = []
        self.sent: list[Message] = []

    def __call__(self, pairs):  # type: ignore[no-untyped-def]
        for target, dialogue in pairs:
            if target.name in self.away:
                dialogue.close()
                yield target, Failure(target.name, Trouble("connect", "Connection refused", "start sshd"))
            else:
                yield target, self._hold(target.name, dialogue)

    def _hold(self, name: str, dialogue: Dialogue[object]) -> object:
        self.spoken_to.append(name)
        try:
            command = next(dialogue)
            while True:
                self.sent.append(command)
                command = dialogue.send(self.hosts[name].run(command))
        except StopIteration as end:
            return end.value

    def push(self, generation: Generation, **options: object) -> dict[str, Outcome]:
        """Push to all hosts; the outcome of each."""
        named = {name: options.pop(name) for name in ("canaries", "behind", "deltas") if name in options}
        chosen = PushOptions(**options)  # type: ignore[arg-type]
        outcomes = list(deliver(generation, self.targets, self, chosen, **named))  # type: ignore[arg-type]
        by_host = {outcome.host: outcome for outcome in outcomes}
        assert len(by_host) == len(outcomes) == len(self.targets)
        return by_host


@pytest.fixture(scope="session")
def generation() -> Callable[..., Generation]:
    return make_generation


@pytest.fixture(scope="session")
def later() -> Callable[[Generation, int], Generation]:
    return many_later


@pytest.fixture(scope="session")
def without_fleet() -> Callable[[Generation], Generation]:
    return of_no_fleet


@pytest.fixture(scope="session")
def in_place() -> Callable[[Generation], dict[str, bytes]]:
    return placed


@pytest.fixture(scope="session")
def busybox_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tools in which everything is busybox."""
    require("busybox")
    folder = tmp_path_factory.mktemp("busybox")
    busybox = shutil.which("busybox")
    assert busybox is not None
    subprocess.run([busybox, "--install", "-s", str(folder)], check=True)
    (folder / "python3").symlink_to(sys.executable)
    return folder


@pytest.fixture(scope="session")
def without_perl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all tools of this machine but perl."""
    folder = tmp_path_factory.mktemp("tools")
    for place in os.environ["PATH"].split(":"):
        for tool in Path(place).glob("*"):
            if tool.name != "perl" and not os.path.lexists(folder / tool.name):
                (folder / tool.name).symlink_to(tool)
    return folder


@pytest.fixture(params=["dash", "busybox", "perl", "within"])
def host(request: pytest.FixtureRequest, tmp_path: Path, busybox_only: Path, without_perl: Path) -> PrivateHost:
    """A host with coreutils and dash, one with nothing but busybox, and one with perl.

    That one twice: perl started for the request, and standing ready with its modules loaded. A test may ask for `kept`,
    which stands ready without.
    """
    root = tmp_path / "host"
    root.mkdir()
    if request.param == "busybox":
        return PrivateHost("w1", root, (str(busybox_only / "sh"),), str(busybox_only))
    require("dash")
    if request.param == "dash":
        return PrivateHost("w1", root, (str(without_perl / "dash"),), str(without_perl))
    require("perl", "flock")
    return PrivateHost("w1", root, ("dash",), kept={"kept": "stay 60", "within": WITHIN}.get(request.param, ""))


@pytest.fixture
def fleet(tmp_path: Path) -> Callable[..., PrivateFleet]:
    return lambda *names: PrivateFleet(tmp_path / "fleet", names)
