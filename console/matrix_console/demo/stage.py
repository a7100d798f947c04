"""The stage of the demonstration: a private folder, a fleet in one process, and the real commands run on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from matrix_distributor.embedded import FleetProcess

from . import guardian

PATIENCE = 60.0
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
        # A termination asked for politely ends the demonstration as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._guardian = subprocess.Popen(  # noqa: S603 - its own interpreter and file
            [sys.executable, "-I", "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        try:
            assert self._guardian.stdout is not None
            self.folder = Path(self._guardian.stdout.readline().rstrip("\n"))
            self.site = self.folder / "site"
            for folder in (self.site, self.folder / "home"):
                folder.mkdir()
            # The fleet removes the folder at its end as well: were we killed before the guardian knows of it, it would
            # make its files after the guardian has cleaned up.
            self.fleet = FleetProcess(self._names, self.folder, remove=True)
            assert self._guardian.stdin is not None
            self._guardian.stdin.write(f"{self.fleet.pid}\n")
            self._guardian.stdin.flush()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was started, and remove the folder; returns when both are done."""
        for stream in (self._guardian.stdin, self._guardian.stdout):
            assert stream is not None
            stream.close()
        self._guardian.wait()
        if hasattr(self, "fleet"):
            self.fleet.close()

    def root(self, host: str) -> Path:
        """The private root folder of a host. One that the fleet does not serve has a root all the same."""
        return self.folder / "hosts" / host

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
            return subprocess.run(  # noqa: S603 - the demonstration's own words
                command,
                cwd=folder or self.site,
                env=self.environment(**(environment or {})),
                stdin=subprocess.DEVNULL,
                capture_output=capture,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                process_group=self.fleet.pid,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StageError(f"{' '.join(command)}: took more than {PATIENCE:.0f} s") from error

    def start(self, command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a command in the background, its output going to `log`."""
        return subprocess.Popen(  # noqa: S603 - the demonstration's own words
            command,
            cwd=self.site,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=self.fleet.pid,
        )
