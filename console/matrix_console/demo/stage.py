"""The stage of the demonstration: a private folder, a fleet in one process, and the real commands run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from . import guardian

PATIENCE = 20.0
"""Seconds that any single command of the demonstration may take."""


class StageError(Exception):
    """Something that the demonstration relies on did not happen; says what."""


class Stage:
    """A context manager: inside it the guardian stands watch and the embedded fleet runs.

    Every process is started in the fleet's process group, so that the guardian can end them all together, and with a
    home folder of its own, so that nothing of the person's own SSH configuration takes part.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._names = hosts

    def __enter__(self) -> Self:
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        assert self._guardian.stdin is not None
        assert self._guardian.stdout is not None
        self.folder = Path(self._guardian.stdout.readline().rstrip("\n"))
        self.site = self.folder / "site"
        self.hosts = self.folder / "hosts"
        for folder in (self.site, self.hosts, self.folder / "home"):
            folder.mkdir()
        try:
            self._start_fleet()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        self._guardian.wait()
        self._guardian.stdout.close()  # type: ignore[union-attr]

    def _start_fleet(self) -> None:
        log = (self.folder / "fleet.log").open("wb")
        with log:
            self._fleet = subprocess.Popen(
                [sys.executable, "-m", "matrix_distributor.transport.server", str(self.hosts), *self._names],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                process_group=0,
                env=self.environment(),
            )
        assert self._guardian.stdin is not None
        self._guardian.stdin.write(f"{self._fleet.pid}\n")
        self._guardian.stdin.flush()
        self._answer()

    def _answer(self) -> Any:
        """The fleet's next line on its standard output; raises StageError when it has ended instead."""
        assert self._fleet.stdout is not None
        line = self._fleet.stdout.readline()
        if not line:
            words = (self.folder / "fleet.log").read_text(errors="replace").strip()
            raise StageError(f"the embedded fleet ended: {words or 'without a word'}")
        return json.loads(line)

    def tell_fleet(self, order: str, host: str) -> None:
        """`down` or `up` for one host; returns when it is done."""
        assert self._fleet.stdin is not None
        self._fleet.stdin.write(json.dumps([order, host]) + "\n")
        self._fleet.stdin.flush()
        self._answer()

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of every process on the stage: the person's, but for settings and the home folder."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MATRIX_", "DSAS_", "SSH_"))}
        return {**kept, "HOME": str(self.folder / "home"), **more}

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        capture: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, its output shown or captured. Raises StageError when it takes too long."""
        sys.stdout.flush()
        try:
            return subprocess.run(
                command,
                cwd=folder or self.site,
                env=self.environment(**(environment or {})),
                stdin=subprocess.DEVNULL,
                capture_output=capture,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                process_group=self._fleet.pid,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StageError(f"{' '.join(command)}: took more than {PATIENCE:.0f} s") from error

    def start(self, command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a command in the background, its output going to `log`."""
        return subprocess.Popen(
            command,
            cwd=self.site,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=self._fleet.pid,
        )

    def root(self, host: str) -> Path:
        """The private root folder of a host."""
        return self.hosts / host
