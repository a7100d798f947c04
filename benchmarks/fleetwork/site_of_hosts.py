"""The hosts of a benchmark as a MATRIX in a folder, and how long one command takes there."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sshd_fleet import SshdFleet

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "benchmarks"))

from quiet import settle  # noqa: E402

PACKAGES = ":".join(
    str(REPOSITORY / package)
    for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
)


class Site:
    """A MATRIX of the hosts in a folder, a file to copy, and the environment that commands run in."""

    def __init__(self, folder: Path, hosts: SshdFleet, names: list[str]) -> None:
        self.folder, self.hosts, self.names = folder, hosts, names
        lines = [f"{name} {hosts.address(name)} [bench]\n" for name in names]
        (folder / "MATRIX").write_text("".join(lines))
        (folder / "matrix.toml").write_text(f'[ssh]\nconfig = "{hosts.ssh_config}"\n')
        self.file = folder / "file"
        self.new_content()
        self.environment = {**os.environ, "PYTHONPATH": PACKAGES, "HOME": str(folder)}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.environment.pop("PYTHONWARNINGS", None)

    def new_content(self) -> None:
        """200 KB that no host has, half of which can be compressed."""
        self.file.write_bytes(os.urandom(100_000) + bytes(range(256)) * 391)

    def matrix(self, verb: str, *words: str) -> list[str]:
        """A command of ours."""
        return [sys.executable, "-m", "matrix_console", verb, "-f", str(self.folder), *words]


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of one command, which must succeed."""
    settle()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[:3]} ended with {done.returncode}: {(done.stderr or done.stdout).decode()[-500:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
