"""A site for measuring: its MATRIX, its commands, its daemon; and what a process uses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sshd_fleet import SshdFleet

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "benchmarks"))

from quiet import settle  # noqa: E402

PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "console")
PATIENCE = 120.0

Measured = dict[str, float]


AT_REST = "DSAS_REST=86400"
"""What hosts do once they have come to rest (Python compiles its binding) would fall to these same cores: put off."""


def end_resting() -> None:
    """End what waits on all these hosts for a rest that does not come: it would fill this one machine's memory."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            waits = words[0] == b"perl" and (b"install" in words or b"change" in words)
            if waits and AT_REST.encode() in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def timed(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Wall and CPU seconds of a command and of all that it started."""
    end_resting()
    settle()
    began = time.monotonic()
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=stderr
        )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = (folder / "stderr").read_text(errors="replace")[-1000:]
        raise SystemExit(f"{' '.join(command)[:200]} ended with {process.returncode}: {said}")
    return {"wall": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime}


def resident(process: int) -> int:
    """Memory of a process in KiB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def idle_cpu(process: int, seconds: float) -> float:
    """The share of a core that a process takes meanwhile (utime and stime of proc(5), in ticks)."""

    def ticks() -> int:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


class PushedLog:
    """What a daemon logs as JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pushed(self, count: int) -> dict[str, Any]:
        """Wait for that many pushes to all hosts; gives the last of them."""
        end = time.monotonic() + PATIENCE
        while True:
            lines = self._path.read_text().splitlines(keepends=True)
            events = [json.loads(line) for line in lines if line.endswith("\n")]
            found = [event for event in events if event["event"] == "pushed"]
            if len(found) >= count:
                assert not found[count - 1]["bad"], found[count - 1]
                last: dict[str, Any] = found[count - 1]
                return last
            if time.monotonic() > end:
                raise SystemExit(f"the daemon did not push: {events[-3:]}")
            time.sleep(0.02)


class Site:
    """A MATRIX of some hosts of a fleet."""

    def __init__(self, folder: Path, fleet: SshdFleet, hosts: list[str]) -> None:
        self.folder = folder
        self.hosts = hosts
        paths = os.pathsep.join(str(REPOSITORY / package) for package in PACKAGES)
        self.environment = {**os.environ, "PYTHONPATH": paths}
        self._write(folder, fleet, hosts)
        self._addresses = {name: fleet.address(name) for name in hosts}

    def _write(self, folder: Path, fleet: SshdFleet, hosts: Sequence[str], quiet: float = 0.3) -> None:
        folder.mkdir()
        lines = ["@matrix 1", "@default ssh.port=2222 ssh.user=root", '[ps] "page servers"']
        lines += [f"    {name}  {fleet.address(name)}  weight=10  [cache weight=5]" for name in hosts]
        (folder / "MATRIX").write_text("\n".join(lines) + "\n")
        (folder / "matrix.toml").write_text(
            f'[ssh]\nidentity = "{fleet.identity}"\nknown_hosts = "{fleet.known_hosts}"\nconfig = "/dev/null"\n'
            f"agent = false\n[push]\nlocal = false\nretry = 0\n[watch]\nquiet = {quiet}\n"
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "matrix_console", *words]

    def run(self, *words: str) -> Measured:
        """Wall and CPU seconds of a verb."""
        return timed(self.command(*words), self.folder, self.environment)

    def edit(self, weight: int) -> None:
        """Give the first host another weight."""
        path = self.folder / "MATRIX"
        lines = path.read_text().splitlines(keepends=True)
        lines[3] = f"    {self.hosts[0]}  {self._addresses[self.hosts[0]]}  weight={weight}  [cache weight=5]\n"
        (self.folder / ".new").write_text("".join(lines))
        (self.folder / ".new").rename(path)

    def edited(self, weight: int) -> float:
        """Wall seconds of the push of an edit to hosts that hold what is before it, whatever they held until now."""
        self.run("push", "--force")
        self.edit(weight)
        return self.run("push", "--retry", "0")["wall"]

    def forget(self) -> None:
        """Make the origin forget what hosts hold."""
        with closing(sqlite3.connect(self.folder / ".matrix" / "state.db")) as state, state:
            state.execute("DELETE FROM hosts")

    def archive(self) -> Path:
        """The generation that the hosts hold, as it is sent: one compressed file."""
        path = self.folder / "generation.tar.gz"
        if not path.exists():
            program = (
                "import sys; from pathlib import Path; from matrix_distributor.state import OriginState\n"
                "with OriginState(Path('.matrix')) as state: sys.stdout.buffer.write(state.current().archive)"
            )
            with path.open("wb") as file:
                subprocess.run(
                    [sys.executable, "-c", program], cwd=self.folder, stdout=file, check=True, env=self.environment
                )
        return path

    @contextmanager
    def daemon(
        self, fleet: SshdFleet, hosts: Sequence[str], quiet: float
    ) -> Iterator[tuple[subprocess.Popen[bytes], PushedLog]]:
        """A daemon of these hosts: in this folder when they are all, else in one of its own, beyond this one's line."""
        folder = self.folder
        if len(hosts) < len(self.hosts):
            folder = self.folder.with_name("part")
            self._write(folder, fleet, hosts, quiet)
            shutil.copytree(self.folder / ".matrix", folder / ".matrix")
        log = folder / "watch.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                self.command("watch", "--log", "json"), cwd=folder, env=self.environment, stderr=stream
            )
        try:
            yield process, PushedLog(log)
        finally:
            process.terminate()
            process.wait(40)
