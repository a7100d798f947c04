"""Real sshd hosts, each with an /etc of its own, and an origin beside them that is used by its commands alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

HOSTS = 24
PATIENCE = 60.0


class Origin:
    """A folder with a MATRIX of the fleet's hosts, and the command `matrix` in it."""

    def __init__(self, folder: Path, fleet: SshdFleet, home: Path) -> None:
        self.folder = folder
        self.fleet = fleet
        folder.mkdir()
        web, db = fleet.names[:16], fleet.names[16:]
        lines = ["@matrix 1", "@default ssh.port=2222 ssh.user=root", '[ps] "page servers"']
        lines += [f"    {name}  {fleet.address(name)}" for name in web]
        lines += ['[db] "databases"', *(f"    {name}  {fleet.address(name)}" for name in db)]
        self.matrix = folder / "MATRIX"
        self.matrix.write_text("\n".join(lines) + "\n")
        (folder / "matrix.toml").write_text(
            f'[ssh]\nidentity = "{fleet.identity}"\nknown_hosts = "{fleet.known_hosts}"\nconfig = "empty"\n'
            "connect_timeout = 3.0\ncommand_timeout = 15.0\nagent = false\n"
            "[push]\nlocal = false\n[watch]\nretry = 0.3\nretry_max = 1.0\n"
        )
        (folder / "empty").write_text("")
        self.environment = {**os.environ, "HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.environment.pop("SSH_AUTH_SOCK", None)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "matrix_console", *arguments]

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a verb and expect its exit status; gives its standard output."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run(*arguments, "--json", status=status))
        return answer

    def edit(self, host: str, words: str) -> None:
        """Write something behind a host's address."""
        line = f"    {host}  {self.fleet.address(host)}  {words}"
        lines = self.matrix.read_text().splitlines()
        self.matrix.write_text("".join(f"{line if old.split()[0] == host else old}\n" for old in lines))

    def generation_on(self, host: str) -> int:
        """What a host's own /etc/dsas.conf says, seen from outside; 0 when there is none."""
        try:
            text = self.fleet.read(host, "/etc/dsas.conf").decode()
        except (FileNotFoundError, ProcessLookupError):
            return 0
        at = text.index("DSAS_GENERATION=") + len("DSAS_GENERATION=")
        return int(text[at:].split()[0])

    def await_generation(self, number: int, hosts: list[str] | None = None) -> float:
        """Wait until these hosts (all by default) hold a generation; gives the seconds that it took."""
        started = time.monotonic()
        left = list(hosts or self.fleet.names)
        while left:
            left = [host for host in left if self.generation_on(host) != number]
            assert time.monotonic() - started < PATIENCE, f"not on generation {number}: {left}"
            time.sleep(0.02)
        return time.monotonic() - started


@pytest.fixture(scope="session")
def _fleet() -> Iterator[SshdFleet]:
    require("root", "sshd")
    with SshdFleet(HOSTS) as fleet:
        yield fleet


@pytest.fixture
def origin(_fleet: SshdFleet, tmp_path: Path) -> Iterator[Origin]:
    """An origin whose hosts are healthy and hold nothing."""
    for name in _fleet.names:
        _fleet.run(name, "sh", "-c", "rm -rf /var/lib/dsas/* /etc/dsas* /etc/__pycache__")
    yield Origin(tmp_path / "site", _fleet, tmp_path)
    if any(_fleet.mode(name) != "ok" for name in _fleet.names):
        _fleet.heal()


@pytest.fixture
def watch(origin: Origin) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts `matrix watch`; every one that was started is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path = origin.folder) -> subprocess.Popen[str]:
        log = (folder / f"watch-{len(started)}.log").open("w")
        with log:
            process = subprocess.Popen(
                origin.command("watch"), cwd=folder, env=origin.environment, stderr=log, text=True
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0
