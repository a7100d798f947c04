"""`matrix watch` as a process, on hosts of an embedded fleet: what people do to the text, and what it does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from matrix_distributor.embedded import FleetProcess

HOSTS = ("w1", "w2")
TEXT = "# first line\n@matrix 1\n@include matrix.d/*.matrix\n[ps]\n    w1  192.0.2.1\n    w2  192.0.2.2  weight=1\n"
PATIENCE = 20.0


class Site:
    """A MATRIX in a folder, its hosts, and the commands on it. What the daemon logs is read back as JSON."""

    def __init__(self, folder: Path, fleet: FleetProcess, text: str = TEXT) -> None:
        self.fleet = fleet
        self.folder = folder
        (folder / "matrix.d").mkdir(parents=True)
        (folder / "matrix.d/one.matrix").write_text("# nothing yet\n")
        self.matrix = folder / "MATRIX"
        self.matrix.write_text(text)
        self.settings()
        self.environment = {
            **os.environ, "MATRIX_SSH_CONFIG": str(fleet.ssh_config), "MATRIX_SSH_AGENT": "false",
            "MATRIX_PUSH_LOCAL": "false", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }  # fmt: skip
        self.log = folder.with_name(folder.name + ".log")
        self.log.touch()
        self.process: subprocess.Popen[bytes] | None = None

    def settings(self, **watch: float | bool | str) -> None:
        """Write matrix.toml: events alone tell of edits, unless `poll` says otherwise."""
        wanted = {"quiet": 0.05, "patience": 0.5, "poll": 60.0, "retry": 0.2, "retry_max": 0.5, "verify": 60.0, **watch}
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in wanted.items()]
        (self.folder / "matrix.toml").write_text("[watch]\n" + "".join(lines))

    def watch(self, *before: str, path: Path | None = None, **environment: str) -> None:
        """Start the daemon; `before` are words to put before its command line."""
        command = [*before, sys.executable, "-m", "matrix_console", "watch", "--log", "json"]
        command += ["--file", str(path or self.matrix)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder.parent, env={**self.environment, **environment}, stderr=log
            )

    def stop(self, number: signal.Signals = signal.SIGTERM, status: int = 0) -> float:
        """End the daemon; gives the seconds that it took."""
        process, self.process = self.process, None
        assert process is not None
        began = time.monotonic()
        process.send_signal(number)
        try:
            assert process.wait(30) == status, self.log.read_text()
        finally:
            process.kill()
            process.wait()
        return time.monotonic() - began

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        text = self.log.read_text()
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if name in (None, line["event"])]

    def await_event(self, name: str, count: int = 1, **fields: object) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [e for e in self.events(name) if all(e.get(key) == value for key, value in fields.items())]

        self.await_true(lambda: len(found()) >= count, f"{name} {fields}")
        return found()[count - 1]

    def await_true(self, condition: Callable[[], object], what: str = "") -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what} did not happen:\n{self.log.read_text()}"
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)

    def facts(self, host: str) -> str:
        path = self.fleet.roots[host] / "etc/dsas.json"
        return path.read_text() if path.exists() else ""

    def await_weight(self, weight: int, hosts: Sequence[str] = HOSTS) -> None:
        """Until these hosts say that w2 has this weight."""
        for host in hosts:
            self.await_true(lambda host=host: self.weight(host) == weight, f"weight {weight} on {host}")

    def weight(self, host: str) -> int:
        """What a host says of w2; 0 when it says nothing."""
        facts = self.facts(host)
        return int(json.loads(facts)["hosts"]["w2"]["properties"]["weight"]) if facts else 0

    def rewrite(self, weight: int) -> None:
        self.matrix.write_text(TEXT.replace("weight=1", f"weight={weight}"))


@pytest.fixture(scope="session")
def _fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    with FleetProcess(HOSTS, tmp_path_factory.mktemp("watch") / "fleet", remove=True) as fleet:
        yield fleet


def empty(fleet: FleetProcess) -> FleetProcess:
    """The hosts as they are before anything was ever pushed to them."""
    for root in fleet.roots.values():
        for place in (root / "etc", root / "var/lib/dsas"):
            while place.exists():  # a host may be compiling its Python binding still
                shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
    return fleet


@pytest.fixture
def site(_fleet: FleetProcess, tmp_path: Path) -> Iterator[Site]:
    """A site whose daemon the test starts; it is ended after it."""
    made = Site(tmp_path / "site", empty(_fleet))
    yield made
    if made.process is not None:
        made.stop()


@pytest.fixture(scope="module")
def running(_fleet: FleetProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One daemon for many edits."""
    made = Site(tmp_path_factory.mktemp("running") / "site", empty(_fleet))
    made.watch()
    made.await_event("pushed")
    yield made
    made.stop()
