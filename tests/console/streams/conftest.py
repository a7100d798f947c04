"""A site with hosts, and its commands run with any streams, environment and disks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from matrix_distributor.embedded.server import EmbeddedFleet

from .verbs import Case

TEXT = """\
@matrix 1
@property weight int 0..256
[ps]
    w1  192.0.2.1  weight=10
    w2  192.0.2.2
"""


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    status: int
    seconds: float
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Way:
    """How a command is started, where it is not as usual. Disks are (kind, part of the site)."""

    streams: Mapping[int, str] = field(default_factory=dict)
    environment: Mapping[str, str | None] = field(default_factory=dict)
    bare: bool = False
    nameless: bool = False
    disks: Sequence[tuple[str, str]] = ()
    fresh: bool = False
    interrupt: float | None = None


class Driver:
    """The process that starts commands."""

    def __init__(self) -> None:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("driver.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**environment, "PYTHONPATH": path},
        )  # fmt: skip

    def run(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate()


class Site:
    """A folder with a MATRIX of which two generations were pushed; its parts may lie on disks of their own."""

    def __init__(self, folder: Path, fleet: EmbeddedFleet, driver: Driver, model: Path) -> None:
        self.folder, self.fleet, self._driver, self._model = folder, fleet, driver, model
        self.said = folder.with_name(folder.name + ".said")
        self.said.mkdir(parents=True, exist_ok=True)

    def make(self) -> None:
        """Write it, and push it twice."""
        write = self.write
        write("MATRIX", TEXT.replace("weight=10", "weight=5"))
        write("ugly", TEXT.replace("w1  192", "w1     192"))
        write("old", TEXT.replace("weight=10", "weight=5"))
        write("foreign", "192.0.2.1 w1\n192.0.2.2 w2\n")
        write("script", "echo yes\n")
        write("tree/one", "1\n")
        write("known_hosts", (self.fleet.root / "known_hosts").read_text())
        write(
            "matrix.toml",
            f'state = "state"\n[ssh]\nconfig = "{self.fleet.ssh_config}"\nagent = false\nknown_hosts = "known_hosts"\n'
            '[push]\nlocal = false\nretry = 0\nauthor = "ann"\n'
            "[reflect]\nprobe = false\npause = 0\n"
            "[reflect.own]\ntemplate = 'own.j2'\npath = '/etc/own'\ncheck = 'true'\napply = 'true'\nhosts = 'w[1-2]'\n",
        )
        write("templates/own.j2", "{{ header }}\nsame\n")
        for name in ("output", "cache", "tmp", "home"):
            (self.folder / name).mkdir()
        (self.folder / "cache").chmod(0o700)
        write("output/ugly", (self.folder / "ugly").read_text())
        write("id.pub", (self.fleet.root / "id_ed25519.pub").read_text())
        assert self.run("matrix push").status == 0
        write("MATRIX", TEXT)
        assert self.run("matrix push").status == 0

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, words: str, way: Way = Way(), *, serves: bool = False) -> Told:
        """Run a command to its end; one that serves is asked to end when it is ready."""
        out, err = self.said / "out", self.said / "err"
        for path in (out, err):
            path.write_bytes(b"")
        streams = {0: os.devnull, 1: str(out), 2: str(err), **way.streams}
        here = str(self.folder)
        environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": f"{here}/home", "TMPDIR": f"{here}/tmp",
            "MATRIX_CACHE": f"{here}/cache", "TERM": "xterm",
        }  # fmt: skip
        notify = str(self.said / "ready")
        given = {"NOTIFY_SOCKET": notify} if way.bare else {**environment, "NOTIFY_SOCKET": notify, **way.environment}
        done = self._driver.run(
            words=[word.replace("HOST", str(self.fleet.hosts["w1"].root)) for word in words.split()],
            folder=here, notify=notify, serves=serves, fresh=way.fresh, interrupt=way.interrupt, nameless=way.nameless,
            streams={str(number): kind for number, kind in streams.items()},
            environment={name: value for name, value in given.items() if value is not None},
            disks=[(kind, str(self.folder / place)) for kind, place in way.disks],
        )  # fmt: skip
        shown = done["shown"].replace("\r\n", "\n")
        told = (path.read_text(errors="backslashreplace") for path in (out, err))
        return Told(done["status"], done["seconds"], next(told) + shown, next(told))

    @staticmethod
    def way(**how: Any) -> Way:
        """How a command is started."""
        return Way(**how)

    def given(self, case: Case, way: Way = Way()) -> Way:
        """The same with the text on standard input that the case reads."""
        if not case.reads or way.streams.get(0) == "closed":
            return way
        return replace(way, streams={**way.streams, 0: str(self.folder / case.reads)})

    def again(self) -> None:
        """The site and its hosts are as they were."""
        fresh(self._model, self.fleet, self.folder)

    def signal_while_importing(self, entry: str, *, ignored: bool) -> str:
        """What Ctrl-C does while a command imports the first thing that it needs; `entry` as in pyproject.toml."""
        module, _, function = entry.partition(":")
        program = (
            f"import signal, sys\nsys.path[:] = {sys.path!r}\n"
            f"from {module} import {function} as command\n"
            "class Seen:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        print(signal.getsignal(signal.SIGINT).name)\n"
            "        sys.exit()\n"
            "sys.meta_path.insert(0, Seen())\n"
            "command()\n"
        )
        ignore = (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignored else None
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, preexec_fn=ignore)
        return done.stdout.decode().strip()

    def files(self) -> dict[str, bytes]:
        """All that lies in it, but for what is only remembered."""
        found = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*") if path.is_file()}
        own = ("state/", "cache/", "home/")
        return {name: path.read_bytes() for name, path in found.items() if not name.startswith(own)}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedFleet]:
    with EmbeddedFleet(["w1", "w2"], tmp_path_factory.mktemp("embedded") / "fleet") as made:
        yield made


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, fleet: EmbeddedFleet, driver: Driver) -> Path:
    """A site as every test finds it, with its hosts beside it."""
    return make_model(tmp_path_factory.mktemp("model"), fleet, driver)


@pytest.fixture
def site(model: Path, fleet: EmbeddedFleet, driver: Driver, tmp_path: Path) -> Site:
    return Site(fresh(model, fleet, tmp_path / "site"), fleet, driver, model)


def make_model(folder: Path, fleet: EmbeddedFleet, driver: Driver) -> Path:
    """Make a site, push it to its hosts, and keep both as they are then."""
    site = Site(folder / "site", fleet, driver, folder)
    site.folder.mkdir(parents=True)
    site.make()
    for name, host in fleet.hosts.items():
        shutil.copytree(host.root, folder / name, symlinks=True)
    return folder


def fresh(model: Path, fleet: EmbeddedFleet, folder: Path) -> Path:
    """The site of the model in a folder, its hosts as they were."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model / "site", folder, symlinks=True)
    for name, host in fleet.hosts.items():
        for part in host.root.iterdir():
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(model / name, host.root, symlinks=True, dirs_exist_ok=True)
    return folder
